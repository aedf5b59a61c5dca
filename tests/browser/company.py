"""One account with something in every part of its page."""

from datetime import timedelta

from django.utils import timezone

from accounts.domain.accounts import log_call
from accounts.domain.subscriptions import upsert_subscription
from accounts.models import Account, Contact, User
from health.domain import recompute
from tests.health import factories


def company(csm: User) -> Account:
    today = timezone.now().date()
    account = Account.objects.create(external_id="acme", name="Acme", csm=csm, seats=5, stage="active")
    Contact.objects.create(account=account, name="Kim Park", email="kim@acme.example", champion=True)
    upsert_subscription(
        account,
        "sub-1",
        by="API",
        currency="USD",
        unit_amount="100",
        quantity=5,
        started_on=today - timedelta(days=200),
    )
    for back in range(60):
        factories.use(account, 40 if back > 14 else 10, on=today - timedelta(days=back))
    factories.ticket(account, on=today - timedelta(days=3), subject="Export is slow", theme="export")
    factories.invoice(account, due=today - timedelta(days=20))
    factories.set_target(100)
    factories.noted()
    log_call(account, by=csm, summary="Hello from Kim", minutes=10, two_way=True, occurred_at=timezone.now())
    recompute.backfill(today - timedelta(days=back) for back in range(1, 30))
    recompute.score_accounts([account.pk])
    return account
