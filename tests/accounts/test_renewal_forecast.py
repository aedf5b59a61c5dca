"""What pages show of renewals: the forecast with its arithmetic, quarters, board, what is overdue, hit rates."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.domain.renewals import listing, work
from accounts.domain.renewals.forecast import forecast, probability_of
from accounts.domain.renewals.listing import Filters
from accounts.enums import RenewalStage as Stage, Role
from accounts.models import Renewal, Segment, User
from tests.accounts.terms import at, make_account, renewal, subscribe
from tests.conftest import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 10)
JULY, OCTOBER = date(2026, 7, 1), date(2026, 10, 1)


@pytest.fixture(scope="module")
def written(shared):
    """Six terms by the year: four end in the third quarter, one is over, one is far away."""
    with at(TODAY):
        marc = person("Marc", Role.MANAGER)
        write(*(person(name, Role.CSM, manager=marc) for name in ("Chloe", "Cyril")))


def write(chloe, cyril) -> None:
    small = Segment.objects.create(key="small", name="Small")
    for name, band, mrr, end, csm in (
        ("won", "green", 100, "2026-08-01", chloe),
        ("grown", "green", 200, "2026-08-15", chloe),
        ("gone", "red", 50, "2026-09-01", cyril),
        ("open", "yellow", 1000, "2026-09-30", chloe),
        ("late", "red", 300, "2026-07-05", cyril),
        ("next", "thriving", 400, "2026-10-01", cyril),
    ):
        account = make_account(name, csm=csm, band=band, segment=small if name == "open" else None)
        terms = {"unit_amount": mrr, "term_months": 12, "term_end": end, "auto_renew": False}
        subscribe(account, name, started_on=date.fromisoformat(end).replace(year=2025), **terms)
    work.decide(renewal("won"), "renewed", by=chloe)
    work.decide(renewal("grown"), "expanded", by=chloe, mrr=250)
    work.decide(renewal("gone"), "lost", by=cyril, reason="price")


@pytest.fixture
def book(written):
    with at(TODAY):
        yield


@pytest.fixture
def marc(book):
    return User.objects.get(name="Marc")


@pytest.fixture
def chloe(book):
    return User.objects.get(name="Chloe")


@pytest.fixture
def cyril(book):
    return User.objects.get(name="Cyril")


def test_the_forecast_shows_its_arithmetic(book, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        found = forecast(JULY, OCTOBER, today=date(2026, 7, 10))
    assert [(p.source, p.what, p.probability, p.count, p.due, p.amount, p.gross) for p in found.parts] == [
        ("decided", "renewed", None, 1, 100, 100, 100),
        ("decided", "expanded", None, 1, 200, 250, 200),
        ("decided", "lost", None, 1, 50, 0, 0),
        ("band", "yellow", Decimal("0.7"), 1, 1000, 700, 700),
    ]
    assert (found.count, found.due, found.decided, found.decided_due) == (4, 1350, 350, 350)
    assert (found.open, found.open_due, found.total, found.gross) == (700, 1000, 1050, 1000)
    assert found.renewal_rate == Decimal(350) / 1350
    assert found.expected_rate == Decimal(1050) / 1350
    assert found.gross_rate == Decimal(1000) / 1350
    assert (found.overdue_count, found.overdue_due, found.overdue_expected) == (1, 300, 120)
    assert [row.subscription.external_id for row in found.lines] == ["won", "grown", "gone", "open"]
    assert [row.expected for row in found.lines] == [100, 250, 0, 700]
    assert [row.subscription.external_id for row in found.overdue_lines] == ["late"]


def test_a_call_counts_instead_of_the_band(book, chloe) -> None:
    row = work.call(renewal("open"), "0.5", "Budget is frozen", by=chloe)
    assert probability_of(row) == (Decimal("0.5"), "call")
    parts = forecast(JULY, OCTOBER).parts
    assert [(p.source, p.what, p.amount) for p in parts if not p.is_decided] == [("call", "", 500)]


def test_the_forecast_can_be_asked_of_some(book, chloe, cyril, marc) -> None:
    def due(**filters):
        return forecast(JULY, OCTOBER, **filters).due

    small = Segment.objects.get(key="small")
    assert (due(csm=chloe.pk), due(csm=cyril.pk), due(team_of=marc.pk)) == (1300, 50, 1350)
    assert (due(segment=small.pk), due(bands=["yellow", "red"])) == (1000, 1050)


def test_nothing_due_has_no_rate(book) -> None:
    found = forecast(date(2030, 1, 1), date(2030, 4, 1))
    assert (found.due, found.total, found.renewal_rate, found.gross_rate) == (0, 0, None, None)


def test_an_expansion_never_hides_a_loss(book, cyril) -> None:
    work.decide(renewal("open"), "contracted", by=cyril, mrr=900)
    found = forecast(JULY, OCTOBER)
    assert (found.decided, found.gross) == (1250, 1200)


def test_quarters_add_up(book, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        found = listing.quarters(date(2026, 8, 20), 3)
    assert [(q.first, q.number, q.count, q.open, q.worth, q.expected) for q in found] == [
        (JULY, 3, 5, 2, 1650, 1170),
        (OCTOBER, 4, 1, 1, 400, 380),
        (date(2027, 1, 1), 1, 0, 0, 0, 0),
    ]


def test_a_month_is_in_the_order_of_its_decisions(book) -> None:
    assert [r.account.name for r in listing.month(date(2026, 8, 9))] == ["won", "grown"]
    assert [r.account.name for r in listing.month(date(2026, 9, 9), Filters(bands=("red",)))] == ["gone"]


def test_the_board_has_a_column_for_each_stage(book, chloe) -> None:
    work.move_stage(renewal("next"), "committed", by=chloe)
    columns = {column.stage: column for column in listing.board(until=date(2027, 1, 1), most=1)}
    assert list(columns) == list(Stage)
    names = {stage: [row.account.name for row in column.rows] for stage, column in columns.items()}
    assert names == {
        "upcoming": ["late"], "engaged": [], "committed": ["next"], "renewed": ["won"], "expanded": ["grown"],
        "contracted": [], "lost": ["gone"],
    }  # fmt: skip
    assert (columns[Stage.UPCOMING].count, columns[Stage.UPCOMING].worth, columns[Stage.UPCOMING].more) == (2, 1300, 1)


def test_the_columns_of_the_board_are_in_order_and_asked_for_together(book, django_assert_num_queries) -> None:
    with django_assert_num_queries(4):
        columns = {column.stage: [row.account.name for row in column.rows] for column in listing.board(most=3)}
    assert columns == {
        "upcoming": ["late", "open", "next"], "engaged": [], "committed": [], "renewed": ["won"], "expanded": ["grown"],
        "contracted": [], "lost": ["gone"],
    }  # fmt: skip


def test_rows_have_all_that_a_page_shows(book, chloe, django_assert_num_queries) -> None:
    work.call(renewal("open"), "0.95", "Sure", by=chloe)
    with django_assert_num_queries(1):
        shown = [
            (r.account.name, r.account.csm.name, r.subscription.plan, r.worth, r.probability, r.source, r.band)
            for r in listing.between(JULY, date(2026, 10, 2))
        ]
    assert shown[0] == ("late", "Cyril", None, 300, Decimal("0.4"), "band", "red")
    assert shown[3] == ("gone", "Cyril", None, 50, 0, "decided", "red")
    assert shown[4] == ("open", "Chloe", None, 1000, Decimal("0.95"), "call", "yellow")
    assert [probability_of(row)[0] for row in listing.rows()] == [row.probability for row in listing.rows()]


def test_overdue_and_disputed_ones_are_found(book, chloe, cyril) -> None:
    assert [row.account.name for row in listing.overdue()] == ["late"]
    work.call(renewal("late"), "0.9", "They signed by phone", by=cyril)
    assert [row.account.name for row in listing.disagreements()] == ["late"]
    assert list(listing.disagreements(Filters(csm=chloe.pk))) == []
    assert [row.account.name for row in listing.of_account(renewal("late").account_id)] == ["late"]


def test_each_side_is_held_to_what_it_said(book, chloe) -> None:
    Renewal.objects.filter(subscription__external_id="gone").update(call_probability=Decimal("0.8"))
    rates = {rate.side: rate for rate in listing.hit_rates()}
    assert (rates["model"].number, rates["model"].hits) == (3, 3)  # green won twice, red lost
    assert (rates["call"].number, rates["call"].hits, rates["call"].share) == (1, 0, 0)
    assert (rates["intent"].number, rates["intent"].share, rates["intent"].brier) == (0, None, None)
    assert rates["call"].brier == pytest.approx(0.64)
    assert listing.hit_rates(disputed=True)[0].number == 0
