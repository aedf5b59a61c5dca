"""The board of onboarding: who is stuck, behind, on track, and at which step."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import SavedView, Segment
from onboarding.domain import board
from onboarding.domain.board import Filters, Which
from tests.onboarding.board import make_account, make_person, make_session, make_version, start, text_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday
BOARD = "/onboarding/"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def version():
    return make_version()


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def three(version, csm=None):
    """One in each column."""
    stuck = start(make_account("Stuck", csm=csm), version, done=1, stuck_since=days_ago(2), behind_since=days_ago(9))
    behind = start(make_account("Late", csm=csm), version, behind_since=days_ago(1), next_due_on=date(2026, 11, 16))
    fine = start(make_account("Fine", csm=csm), version, done=2)
    return stuck, behind, fine


# What stands where ------------------------------------------------------------------------------------------


def test_each_stands_in_one_column_with_the_step_it_stands_at(version):
    stuck, behind, fine = three(version)
    start(make_account("Over"), version, done=4, status="finished")

    told = [(lane.key, lane.count, [(c.checklist, c.at.title) for c in lane.cards]) for lane in board.board()]

    assert told == [
        ("stuck", 1, [(stuck, "Import")]),
        ("behind", 1, [(behind, "Kick off")]),
        ("track", 1, [(fine, "First report")]),
    ]


def test_the_longest_stuck_and_the_next_due_come_first_and_the_rest_is_counted(version):
    accounts = [make_account(f"A{n}") for n in range(6)]
    for n, account in enumerate(accounts[:3]):
        start(account, version, stuck_since=days_ago(n + 1))
    for n, account in enumerate(accounts[3:]):
        start(account, version, next_due_on=date(2026, 11, 20 + n) if n else None)

    stuck, _behind, fine = board.board(most=2)

    assert [card.checklist.account.name for card in stuck.cards] == ["A2", "A1"]
    assert (stuck.count, stuck.more) == (3, 1)
    assert [card.checklist.account.name for card in fine.cards] == ["A4", "A5"]


def test_of_several_open_steps_the_one_due_first_counts(version):
    checklist = start(make_account(), version)
    last = checklist.steps.get(step__key="invite")
    checklist.steps.filter(pk=last.pk).update(state="open", due_on=date(2026, 11, 10))

    at = board.steps_at([checklist.pk])[checklist.pk]

    assert (at.key, at.due_on) == ("invite", date(2026, 11, 10))


def test_late_is_late_in_the_zone_of_the_account(version):
    account = make_account(time_zone="Pacific/Auckland")  # the 18th has begun there at 11:00 UTC of the 17th
    [card] = board.cards_of([start(account, version, next_due_on=date(2026, 11, 17))])

    assert board.overdue_days(card, NOW) == 1
    assert board.overdue_days(card, datetime(2026, 11, 17, 10, 59, tzinfo=UTC)) == 0


def test_filters(version, chloe, cyril):
    segment = Segment.objects.create(key="large", name="Large")
    other = make_version("other")
    mine = start(make_account("Mine", csm=chloe, segment=segment), version)
    his = start(make_account("His", csm=cyril, touch_model="high"), other)
    nobody = start(make_account("Nobody"), version)

    def found(**filters) -> set:
        return set(board.rows(Filters(**filters)))

    assert found() == {mine, his, nobody}
    assert found(csm=chloe.pk) == {mine}
    assert found(unassigned=True) == {nobody}
    assert found(segment=segment.pk) == {mine}
    assert found(without_segment=True) == {his, nobody}
    assert found(touch="high") == {his}
    assert found(without_touch=True) == {mine, nobody}
    assert found(template=other.template_id) == {his}
    assert found(text="nob") == {nobody}


def test_the_list_finds_what_the_figures_of_the_reports_count(version, chloe):
    stuck, behind, fine = three(version)
    done = start(make_account("Done"), version, done=4, status="finished", activated_at=days_ago(1), engagement=100)
    kim = make_person(done.account)
    make_session(chloe, days_ago(1), kim, seat="attended")

    def found(**which) -> set:
        return {card.checklist for card in board.page(Filters(), Which(**which)).rows}

    assert found(state="running") == {stuck, behind, fine}
    assert found(state="behind") == {behind}
    assert found(state="activated") == found(state="finished") == found(attended=True) == {done}
    assert found(state="waiting") == found(attended=False) == found(state="unfinished") == {stuck, behind, fine}
    assert found(started_from=NOW) == set()
    assert found(engagement=9) == {done}
    assert found(engagement=2) == {stuck}
    assert found(step="import", at="here") == {stuck}
    assert found(step="import", at="done") == {fine, done}
    assert found(step="import", at="reached") == {stuck, fine, done}
    assert found(step="import", at="open") == {stuck}
    assert found(step="import", at="left") == set()


# The page ---------------------------------------------------------------------------------------------------


def test_everybody_signed_in_reads_it_and_nobody_else(people, signed_in, client):
    for person in people.values():
        assert signed_in(person).get(BOARD).status_code == 200
    assert client.get(BOARD).status_code == 302


def test_it_stands_in_the_navigation(signed_in, vera):
    assert '<a class="nav-link" href="/onboarding/"' in text_of(signed_in(vera).get("/"))


def test_a_csm_sees_their_own_and_a_manager_all(version, signed_in, chloe, marc):
    three(version)
    start(make_account("Mine", csm=chloe), version)

    assert "Late" not in text_of(signed_in(chloe).get(BOARD))
    assert "Mine" in text_of(signed_in(chloe).get(BOARD))
    assert all(name in text_of(signed_in(marc).get(BOARD)) for name in ("Late", "Fine", "Mine"))


def test_the_page_says_where_each_stands_and_how_late_it_is(version, signed_in, marc):
    three(version)

    page = text_of(signed_in(marc).get(BOARD))

    for words in ("quiet for 3 days", "2 days late", "due", "Import", "First report", "2/4"):
        assert words in page, words


def test_as_many_queries_for_fifty_as_for_one(version, signed_in, marc, chloe, django_assert_num_queries):
    browser = signed_in(marc)
    three(version, chloe)
    make_session(chloe, NOW + timedelta(hours=1), make_person(make_account("S")))
    browser.get(BOARD)
    with CaptureQueriesContext(connection) as one:
        browser.get(BOARD)
    for n in range(50):
        account = make_account(f"B{n}", csm=chloe)
        start(account, version, stuck_since=days_ago(n) if n % 2 else None, done=n % 4)
        make_session(chloe, NOW + timedelta(minutes=n * 5 + 100), make_person(account), minutes=5)

    with django_assert_num_queries(len(one)):
        browser.get(BOARD)
    assert len(one) <= 22


def test_without_any_checklist_it_says_what_will_be_here(signed_in, marc):
    assert "No onboarding yet" in text_of(signed_in(marc).get(BOARD))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("who=99999", "There is nobody “99999” here"),
        ("segment=x", "There is no segment “x”"),
        ("touch=x%00", "There is no touch model"),
        ("template=-1", "There is no checklist template “-1”"),
    ],
)
def test_a_bad_filter_gets_its_sentence_and_the_page_still_comes(version, signed_in, marc, query, sentence):
    three(version)
    answer = signed_in(marc).get(f"{BOARD}?{query}")

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert "Late" in text_of(answer)


def test_htmx_gets_the_part_and_its_address(version, signed_in, marc):
    three(version)
    headers = {"HX-Request": "true", "HX-Target": "onboarding-found"}

    answer = signed_in(marc).get(BOARD, {"q": "late"}, headers=headers)

    assert answer.headers["HX-Push-Url"] == "/onboarding/?q=late"
    assert "<html" not in text_of(answer)
    assert "Fine" not in text_of(answer).replace("on-track", "")


def test_a_view_is_saved_and_shown(version, signed_in, chloe):
    browser = signed_in(chloe)
    start(make_account(), version)

    answer = browser.post("/onboarding/views/", {"name": "Large ones", "query": "who=team&touch=high&nonsense=1"})

    assert answer.headers["Location"] == "/onboarding/?who=team&touch=high"
    assert SavedView.objects.values_list("page", "query").get() == ("onboarding", "who=team&touch=high")
    assert "Large ones" in text_of(browser.get("/onboarding/?who=team&touch=high"))


# The list ---------------------------------------------------------------------------------------------------


def test_the_list_is_paged_and_every_row_comes_once(version, signed_in, marc):
    for n in range(60):
        start(make_account(f"C{n:02}"), version, started=days_ago(n))
    browser = signed_in(marc)

    first = browser.get("/onboarding/list/")
    second = browser.get("/onboarding/list/", {"after": first.context["page"].next})

    names = [row.c.account.name for answer in (first, second) for row in answer.context["rows"]]
    assert names == [f"C{n:02}" for n in range(60)]


def test_the_list_says_what_narrows_it(version, signed_in, marc):
    three(version)
    page = text_of(
        signed_in(marc).get("/onboarding/list/", {"state": "", "step": "import", "at": "here", "from": "2026-11-01"})
    )

    assert "stand at “Import”" in page
    assert "started from Nov 1, 2026 on" in page
    assert ">Stuck</a>" in page
    assert ">Late</a>" not in page


@pytest.mark.parametrize(
    "query",
    ["state=x", "from=yesterday", "to=2026-13-01", "engagement=11", "at=x&step=y", "after=%%%", "attended=perhaps"],
)
def test_a_damaged_address_of_the_list_gets_a_sentence(version, signed_in, marc, query):
    three(version)
    answer = signed_in(marc).get(f"/onboarding/list/?{query}")

    assert answer.status_code == 200
    assert "left out" in text_of(answer) or "starts from the beginning" in text_of(answer)


def test_the_list_as_a_file_runs_nothing(version, signed_in, marc, vera):
    start(make_account("=1+1", external_id="x"), version, done=1, stuck_since=days_ago(1))
    answer = signed_in(marc).get("/onboarding/list.csv", {"state": "stuck"})

    [row] = csv.DictReader(b"".join(answer).decode().splitlines())
    assert (row["name"], row["status"], row["required_done"]) == ("'=1+1", "running", "1")
    assert signed_in(vera).get("/onboarding/list.csv").status_code == 404
