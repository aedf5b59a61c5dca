"""States are told once when they begin, once when they end, and again only after that."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, Activity, FollowUp
from health.domain import recompute, runs
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)


def told(account: Account) -> list[tuple[str, dict]]:
    kinds = list(Activity.objects.filter(account=account).order_by("pk").values_list("kind", "data"))
    return [(kind, data) for kind, data in kinds if kind != "health.band_changed"]


def score(account: Account) -> None:
    recompute.score_accounts([account.pk])


def test_three_tickets_of_one_theme_ask_for_a_call(queue):
    """The seed example: 3 tickets, high usage: yellow by the cap, and a follow-up that names the theme."""
    account = f.make_account(seats=1)
    f.use(account, 15, on=TODAY)
    for _ in range(3):
        f.ticket(account, on=TODAY, theme="integration")
    score(account)
    account.refresh_from_db()
    assert (account.band, account.capped_by) == ("yellow", "support")
    assert told(account) == [("support.red_theme", {"theme": "integration", "count": 3, "tickets": 3})]
    queue.drain()
    titles = FollowUp.objects.filter(account=account).order_by("kind").values_list("kind", "title")
    assert ("support_theme", "Tickets about integration, 3 of 3: plan a call on it") in list(titles)


def test_a_theme_is_told_once_and_another_again():
    account = f.make_account()
    for _ in range(3):
        f.ticket(account, on=TODAY, theme="export")
    score(account)
    score(account)
    f.ticket(account, on=TODAY, theme="export")
    score(account)
    assert [kind for kind, _ in told(account)] == ["support.red_theme"]
    for _ in range(12):
        f.ticket(account, on=TODAY, theme="login")
    score(account)
    assert [(kind, data["theme"]) for kind, data in told(account)] == [
        ("support.red_theme", "export"),
        ("support.red_theme", "login"),
        ("support.theme_cleared", "export"),
    ]


@pytest.mark.parametrize("themes", [["a", "a", "b", "b"], ["", "", "", "a"], ["a"]])
def test_no_theme_without_red_support_or_a_majority(themes):
    account = f.make_account()
    for theme in themes:
        f.ticket(account, on=TODAY, theme=theme)
    score(account)
    assert told(account) == []


def test_a_drop_of_usage_is_told_and_its_end():
    account = f.make_account()
    f.use(account, 100, on=TODAY - timedelta(days=40))
    f.use(account, 60, on=TODAY - timedelta(days=2))
    score(account)
    assert told(account) == [("usage.dropped", {"percent": 40, "before": 100, "points": 60})]
    f.use(account, 1, on=TODAY)
    score(account)
    assert told(account)[1:] == [("usage.recovered", {})]


def test_an_overdue_invoice_is_told_after_15_days(time_machine):
    account = f.make_account()
    invoice = f.invoice(account, due=TODAY - timedelta(days=14), external_id="INV-7")
    runs.notice_all()
    assert told(account) == []
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    runs.notice_all()
    runs.notice_all()
    facts = {"invoice": "INV-7", "days": 15, "amount": "100.0000", "currency": "USD", "due_on": "2026-02-24"}
    assert told(account) == [("invoice.overdue", facts)]
    invoice.status, invoice.paid_on = "paid", TODAY
    invoice.save()
    score(account)
    assert told(account)[1:] == [("invoice.settled", {"invoice": "INV-7"})]


def test_what_ends_with_the_customer_is_not_good_news():
    account = f.make_account()
    f.invoice(account, due=TODAY - timedelta(days=20))
    score(account)
    Account.objects.filter(pk=account.pk).update(stage="churned")
    score(account)
    assert [kind for kind, _ in told(account)] == ["invoice.overdue"]


def test_a_red_account_is_in_the_queue_and_leaves_it_when_better(queue, chloe):
    account = f.make_account(csm=chloe, mrr=500)
    late = f.invoice(account, due=TODAY - timedelta(days=40))
    for _ in range(3):
        f.ticket(account, on=TODAY)
    f.use(account, 1, on=TODAY)
    score(account)
    queue.drain()
    row = FollowUp.objects.get(kind="red")
    assert (row.title, row.status, row.assignee) == (f"Review {account.name}: it has turned red", "open", chloe)
    assert row.expected_loss == 500 * 12 * 2 / 5
    account.tickets.all().delete()
    late.status, late.paid_on = "paid", TODAY
    late.save()
    score(account)
    queue.drain()
    row.refresh_from_db()
    assert row.status == "canceled"
