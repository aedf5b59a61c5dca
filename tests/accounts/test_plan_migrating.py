"""Who moves to a newer version of a plan: shown before it is done."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine as clock

from accounts.domain.plans import apply_due_changes, migrate, preview
from accounts.domain.plans.migrating import NEXT_TERM, grandfathered
from accounts.exceptions import Conflict
from accounts.models import Account, ExchangeRate, Movement, PlanChange, PlanVersion, Subscription
from tests.accounts.plans import plan, subscribed
from tests.accounts.revenue import adds_up, moves
from tests.accounts.spine import make_account, told

pytestmark = pytest.mark.django_db
MID_APRIL = datetime(2026, 4, 16, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(shared):
    """Two on an old version, one as imported, one in another currency; and the new version."""
    with clock.travel(MID_APRIL, tick=False):
        old = plan("Team", ("month", 12), ("year", 120))
        accounts = [make_account(name) for name in ("Acme", "Beta", "Gamma", "Delta")]
        subscribed(accounts[0], old, external_id="A")
        subscribed(accounts[1], old, external_id="B", interval="year", term_end=date(2027, 1, 1))
        subscribed(accounts[2], None, external_id="C", plan=old.plan, unit_amount=15)
        ExchangeRate.objects.create(currency="EUR", valid_from=date(2026, 1, 1), rate="1.1", applied=True)
        subscribed(accounts[3], None, external_id="D", plan=old.plan, unit_amount=15, currency="EUR")
        plan("Team", ("month", 20), ("year", 200))


@pytest.fixture(autouse=True)
def _april(written, time_machine):
    time_machine.move_to(MID_APRIL, tick=False)


@pytest.fixture
def book(written):
    return list(Account.objects.order_by("pk")), PlanVersion.objects.latest("pk")


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def ids(*names):
    return list(Subscription.objects.filter(external_id__in=names).order_by("external_id").values_list("pk", flat=True))


def test_a_preview_says_what_each_pays_and_why_one_stays(book):
    _accounts, new = book
    shown = preview(new, ids("A", "B", "C", "D"), NEXT_TERM)
    told_ = [(m.subscription.external_id, m.effective_on, m.before, m.after, bool(m.problem)) for m in shown.moves]

    assert told_ == [
        ("A", date(2026, 5, 1), 120, 200, False),
        ("B", date(2027, 1, 1), 100, Decimal("166.66666667"), False),
        ("D", None, 0, 0, True),
        ("C", date(2026, 5, 1), 150, 200, False),
    ]
    assert (shown.before, shown.difference) == (370, Decimal("196.66666667"))
    assert not PlanChange.objects.exists()


def test_moved_today_they_have_movements_and_nobody_else_changes(book, alice):
    accounts, new = book
    chosen = ids("A", "D")
    shown = preview(new, chosen, date(2026, 4, 16))
    assert migrate(new, chosen, date(2026, 4, 16), shown.key, by=alice) == {"moved": 1, "refused": 1}

    assert moves(accounts[0])[-1] == ("2026-04-16", "expansion", "80")
    assert accounts[0].activities.get(kind="mrr.expanded").actor == alice
    assert PlanChange.objects.get().applied_at == MID_APRIL
    assert Movement.objects.filter(occurred_on=date(2026, 4, 16)).count() == 1
    assert {sub.external_id for sub in grandfathered(new)} == {"B", "C", "D"}
    assert adds_up()


def test_each_at_its_next_term(book, alice, time_machine):
    accounts, new = book
    chosen = ids("A", "B")
    shown = preview(new, chosen, NEXT_TERM)
    assert migrate(new, chosen, NEXT_TERM, shown.key, by=alice) == {"scheduled": 2, "refused": 0}
    assert [kind for kind, _data in told(accounts[1])][-1] == "plan.change_scheduled"

    time_machine.move_to(datetime(2026, 5, 1, 9, tzinfo=UTC), tick=False)
    assert apply_due_changes() == 1
    assert moves(accounts[0])[-1] == ("2026-05-01", "expansion", "80")
    time_machine.move_to(datetime(2027, 1, 1, 9, tzinfo=UTC), tick=False)
    assert apply_due_changes() == 1
    assert Subscription.objects.get(external_id="B").plan_version == new


def test_what_was_shown_is_what_is_done(book, alice):
    _accounts, new = book
    shown = preview(new, ids("A"), NEXT_TERM)
    subscribed(_accounts[0], None, external_id="A", quantity=50)
    with pytest.raises(Conflict):
        migrate(new, ids("A"), NEXT_TERM, shown.key, by=alice)
    with pytest.raises(Conflict):
        migrate(new, ids("A", "B"), NEXT_TERM, shown.key, by=alice)


def test_no_day_ahead_and_no_withdrawn_version(book):
    _accounts, new = book
    assert "still to come" in preview(new, ids("A"), date(2026, 4, 17)).moves[0].problem
    PlanVersion.objects.filter(pk=new.pk).update(offered=False, withdrawn_at=MID_APRIL)
    new.refresh_from_db()
    with pytest.raises(Conflict):
        preview(new, ids("A"), NEXT_TERM)


def test_the_page_shows_then_moves(admin, book):
    accounts, new = book
    path = f"/settings/plans/versions/{new.pk}/migrate/"
    assert "Acme" in admin.get(path).content.decode()
    wish = {"subscriptions": ids("A", "B", "D"), "when": "now"}
    shown = admin.post(path, wish)
    html = shown.content.decode()
    assert shown.status_code == 200
    assert "+$146.67" in html
    assert "stays as it is" in html

    key = re.search(r'name="key" value="(\w+)"', html)[1]
    assert admin.post(path, wish | {"key": "x"}).status_code == 409
    assert admin.post(path, wish | {"key": key}).status_code == 302
    assert admin.post(path, wish | {"key": key}).status_code == 422  # A and B are here already
    assert moves(accounts[0])[-1] == ("2026-04-16", "expansion", "80")


@pytest.mark.parametrize(
    "wish",
    [{}, {"subscriptions": ["abc"]}, {"subscriptions": ["0"]}, {"when": "never"}, {"when": "day"},
     {"when": "day", "day": "32"}, {"subscriptions": [str(10**20)]}],
)  # fmt: skip
def test_a_bad_choice_is_refused(admin, book, wish):
    data = {"subscriptions": ids("A"), "when": "now"} if "when" in wish else {"when": "now"}
    assert admin.post(f"/settings/plans/versions/{book[1].pk}/migrate/", data | wish).status_code == 422
