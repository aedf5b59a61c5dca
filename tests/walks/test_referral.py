"""A promoter is invited, joins, passes the link on; the friend signs up, pays, finishes onboarding; the partner is paid;
another friend leaves within the sixty days, and what was earned for it is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.domain.activity import record
from accounts.domain.contacts import upsert_contact
from accounts.models import Account, Activity, FollowUp
from referrals.domain import partners, payouts
from referrals.domain.balances import balance_of
from referrals.domain.checking import check_ledger
from referrals.domain.promoters import sweep_promoters
from referrals.domain.terms import publish_terms
from referrals.models import Click, Partner
from tests.referrals.money import ledger, make_program

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
API = "/api/v1"


@pytest.fixture
def acme(writer, chloe, queue, time_machine):
    time_machine.move_to(NOW, tick=False)
    writer.put(f"{API}/accounts/acme", {"name": "Acme", "csm": chloe.email})
    acme = Account.objects.get(external_id="acme")
    upsert_contact(acme, "kim@acme.example", by="test", name="Kim Doe")
    queue.drain()
    return acme


@pytest.fixture
def friends():
    program = make_program(
        slug="friends", hold_days=30, needs_onboarding=True, referrer_gets="credit", referrer_amount=2_000
    )
    publish_terms(program, {"en": "Be fair."}, date(2026, 1, 1))
    return program


def finishes_onboarding(account: Account) -> None:
    record(account, "checklist.finished", checklist=1, template="Low touch", days=20)


def test_from_a_promoter_to_a_payout(acme, friends, writer, queue, chloe, time_machine, client) -> None:
    record(acme, "nps.answered", group="promoter", score=10, contact="Kim Doe", survey="NPS", comment="Great", answer=1)
    queue.drain()
    assert not Activity.objects.filter(kind="referral.promoter_ready").exists()
    time_machine.shift(timedelta(days=15))  # the promoter's own follow-up was an ask: it holds the next one back
    Account.objects.filter(pk=acme.pk).update(band="green")
    sweep_promoters()
    queue.drain()
    assert FollowUp.objects.get(account=acme, kind="invite_promoter").assignee == chloe

    partner = partners.invite(acme.contacts.get(), friends, by=chloe)
    partners.accept_terms(partner)
    partners.set_payout(partner, "bank", {"iban": "FR76"})
    queue.drain()
    assert FollowUp.objects.get(account=acme, kind="invite_promoter").closed_at
    partner = Partner.objects.get()
    code = partner.codes.get().code

    landed = client.get(f"/r/{code}", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    assert (landed.status_code, landed.headers["Location"].split("?")[0]) == (302, "https://tenure.example/")
    queue.drain()
    keys = list(Click.objects.values_list("key", flat=True))
    assert len(keys) == 1

    time_machine.shift(timedelta(days=3))
    for name in ("globex", "initech"):
        writer.put(f"{API}/accounts/{name}", {"name": name.title()})
        bound = writer.post(f"{API}/referrals", {"customer": name, "clicks": keys}, format="json")
        assert (bound.status_code, bound.json()["partner_name"]) == (201, "Kim Doe")
        paid = {"external_id": f"in-{name}", "customer": name, "amount": "500.00", "tax": "100"}
        assert [writer.post(f"{API}/conversions", paid, format="json").status_code for _time in range(2)] == [201, 200]
    globex, initech = (Account.objects.get(external_id=name) for name in ("globex", "initech"))
    finishes_onboarding(globex)
    finishes_onboarding(initech)
    queue.drain()
    assert (balance_of(partner.pk).pending, payouts.make_batch(friends)) == (16_000, None)

    time_machine.shift(timedelta(days=20))
    Account.objects.filter(pk=initech.pk).update(stage="churned", churned_on=date(2026, 4, 9))
    record(initech, "account.churned", subscription="S", before=1, after=0, amount=-1, currency="USD", reason="price")
    queue.drain()
    time_machine.shift(timedelta(days=10))
    batch = payouts.make_batch(friends, by=chloe)
    assert ([(row.name, row.amount) for row in batch.payouts.all()], ledger(partner)[-1]) == (
        [("Kim Doe", 8_000)],
        ("payout", -8_000),
    )
    assert [i.status for i in partner.referrals.order_by("pk").first().incentives.all()] == ["granted"]

    told = writer.get(f"{API}/partners/{partner.pk}/ledger").json()
    assert [(e["kind"], e["cause"], e["amount"]) for e in told["results"]] == [
        ("accrual", "commission", "80.00"), ("accrual", "commission", "80.00"), ("reversal", "clawback", "-80.00"), ("payout", "payout", "-80.00"),
    ]  # fmt: skip
    assert (told["balance"]["total"], check_ledger()) == ("0.00", [])
