"""Reports of onboarding: each figure from real rows, with the accounts behind it."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.models import ContactLink, Segment
from accounts.registry import account_measures
from onboarding.domain.board import Filters
from onboarding.domain.reports import comparing, figures, steps
from onboarding.domain.reports.cohort import Cohort
from onboarding.models import Invitation
from tests.onboarding.board import make_account, make_person, make_session, make_version, start

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
REPORTS = "/onboarding/reports/"
YEAR = Cohort(datetime(2026, 1, 1, tzinfo=UTC), NOW + timedelta(days=1))


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def version():
    return make_version()


def ago(**delta) -> datetime:
    return NOW - timedelta(**delta)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def four(version, **fields):
    """Activated after one and after three days, watched for ten days without, given up after two."""
    begun = ago(days=10)
    return [
        start(make_account("Quick", **fields), version, done=4, started=begun, activated_at=ago(days=9), status="finished", finished_at=ago(days=2)),
        start(make_account("Slow", **fields), version, done=3, started=begun, activated_at=ago(days=7)),
        start(make_account("Waits", **fields), version, done=1, started=begun, stuck_since=ago(days=1)),
        start(make_account("Gave", **fields), version, done=1, started=begun, status="canceled", last_progress_at=ago(days=8)),
    ]  # fmt: skip


# Figures ----------------------------------------------------------------------------------------------------


def test_totals_and_their_shares(version):
    four(version)
    start(make_account("Before"), version, started=datetime(2025, 12, 31, 23, tzinfo=UTC))

    found = figures.totals(YEAR)

    assert (found.started, found.running, found.finished, found.canceled) == (4, 2, 1, 1)
    assert (found.activated, found.stuck, found.behind) == (2, 1, 0)
    assert (found.activation.value, found.activation.n, found.activation.too_few) == (0.5, 4, True)
    assert found.engagement == 56.25


def test_time_to_first_value_counts_those_who_are_not_there_yet(version):
    four(version)

    found = figures.time_to_value(YEAR)

    assert (found.activated, found.waiting, found.median_activated) == (2, 2, 48.0)
    # At 24 h one of four; at 48 h the one given up leaves the watch; at 72 h one of the two left.
    assert [(p.hours, round(p.share, 4)) for p in found.curve.points] == [(24.0, 0.25), (72.0, 0.625)]
    assert found.km_median == 72.0


def test_what_happened_before_the_start_took_no_time(version):
    start(make_account(), version, started=ago(days=2), activated_at=ago(days=5))

    assert figures.time_to_value(YEAR).median_activated == 0


def test_steps_tell_who_did_them_and_who_stands_there(version):
    _quick, slow, _waits, _gave = four(version)
    slow.steps.filter(step__key="invite").update(state="na")

    found = {one.key: one for one in steps.funnel(YEAR, version.template)}

    assert list(found) == ["kick-off", "import", "first-report", "invite"]
    imported, invite = found["import"], found["invite"]
    assert (imported.title, imported.of, imported.done, imported.open, imported.late, imported.given_up) == (
        "Import",
        4,
        2,
        0,
        1,
        1,
    )
    assert (imported.here, imported.reached, imported.lost, imported.median_hours) == (1, 4, 2, 24.0)
    assert (invite.done, invite.left_out, invite.reached, invite.share) == (1, 1, 2, 0.25)


def test_the_template_is_the_one_asked_for_or_the_one_used_most(version):
    four(version)
    other = make_version("other")
    start(make_account("Other"), other)

    assert steps.template_of(YEAR) == version.template
    assert steps.template_of(Cohort(YEAR.start, YEAR.until, Filters(template=other.template_id))) == other.template
    assert steps.template_of(Cohort(NOW, NOW)) is None


def test_engagement_by_tenths(version):
    for n, score in enumerate((0, 9.99, 10, 95, 100)):
        start(make_account(f"A{n}"), version, engagement=score)
    start(make_account("None"), version, engagement=None)

    assert figures.engagement(YEAR) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_attendance_and_friction_of_the_periods_sessions(chloe):
    account = make_account(csm=chloe)
    kim = make_person(account)
    make_session(chloe, ago(days=1), kim, seat="attended", status="attended", friction=["import", "sso"])
    make_session(chloe, ago(days=2), kim, seat="attended", status="attended", friction=["import"])
    make_session(chloe, ago(days=3), kim, seat="no_show", status="no_show")
    make_session(chloe, ago(days=4), kim, seat="canceled", status="canceled")
    make_session(chloe, ago(days=5), kim)
    make_session(chloe, NOW + timedelta(hours=5), kim)
    make_session(chloe, NOW + timedelta(hours=8), kim, status="held")
    make_session(chloe, ago(days=400), kim, seat="attended", friction=["import"])

    found = figures.attendance(YEAR)

    assert (found.attended, found.no_show, found.canceled, found.unmarked, found.ahead) == (2, 1, 1, 1, 1)
    assert round(found.missed.value, 4) == 0.3333
    assert [(one.tag, one.sessions, one.accounts) for one in figures.friction(YEAR)] == [
        ("import", 2, 1),
        ("sso", 1, 1),
    ]
    elsewhere = Cohort(YEAR.start, YEAR.until, Filters(unassigned=True))
    assert not figures.attendance(elsewhere).any
    assert figures.friction(elsewhere) == []


def test_k_is_invitations_by_active_person_times_those_accepted(version):
    account = make_account()
    start(account, version)
    kim, lee, sam, ann = (make_person(account, name) for name in ("Kim", "Lee", "Sam", "Ann"))
    for person in (kim, lee):
        baker.make(ContactLink, contact=person, purpose="portal", key=person.name, last_used_at=ago(days=1))
    baker.make(ContactLink, contact=ann, purpose="portal", key="a", last_used_at=None)
    Invitation.objects.create(inviter=kim, contact=sam, account=account, invited_at=ago(days=1), accepted_at=NOW)
    Invitation.objects.create(inviter=kim, contact=ann, account=account, invited_at=ago(days=1))

    found = figures.colleagues(YEAR)

    assert (found.active, found.inviters, found.sent, found.accepted) == (2, 1, 2, 1)
    assert (found.each, found.conversion.value, found.k) == (1.0, 0.5, 0.5)


# Compared ---------------------------------------------------------------------------------------------------


def test_those_who_finished_beside_those_who_did_not(version, chloe, monkeypatch):
    loaded = []

    def load(ids):
        loaded.append(len(ids))
        return {pk: Decimal(80 if n % 2 else 60) for n, pk in enumerate(ids)}

    for measure in account_measures:
        monkeypatch.setattr(type(measure), "load", property(lambda self: load), raising=False)
    for n in range(40):
        begun = ago(days=200)
        left = {"churned_on": ago(days=150).date(), "stage": "churned", "mrr": 0} if n >= 30 else {"mrr": 100 + n}
        account = make_account(f"A{n}", **left)
        start(account, version, done=4 if n < 20 else 1, started=begun, status="finished" if n < 20 else "running")

    found = comparing.finished_or_not(comparing.customers(YEAR))

    rows = {row.key: row for row in found.rows}
    assert (found.first, found.second) == (20, 20)
    kept = rows["retention"]
    assert (kept.first.value, kept.second.value, kept.first.n) == (1.0, 0.5, 20)
    assert kept.too_few
    assert not kept.differs
    assert (rows["usage"].first.n, rows["usage"].second.n) == (20, 10)  # those who left use nothing any more
    assert loaded == [30] * len(list(account_measures))
    assert not rows["ltv"].first.known  # nobody has left
    assert rows["ltv"].second.known


def test_enough_of_them_and_far_apart_is_more_than_chance(version):
    for n in range(80):
        left = {"churned_on": ago(days=150).date(), "stage": "churned"} if n >= 50 else {}
        start(
            make_account(f"A{n}", **left),
            version,
            done=4,
            started=ago(days=200),
            status="finished" if n < 40 else "running",
        )

    row = comparing.finished_or_not(comparing.customers(YEAR)).rows[0]

    assert (row.first.value, row.second.value, row.too_few, row.differs) == (1.0, 0.25, False, True)


def test_a_session_counts_from_the_start_on_and_too_early_is_not_known(version, chloe):
    early, late, fresh = make_account("Early"), make_account("Late"), make_account("Fresh")
    for account in (early, late):
        start(account, version, started=ago(days=100))
    start(fresh, version, started=ago(days=5))
    make_session(chloe, ago(days=120), make_person(early), seat="attended")
    make_session(chloe, ago(days=90), make_person(late), seat="attended")

    found = comparing.attended_or_not(comparing.customers(YEAR))

    assert (found.first, found.second) == (1, 2)
    assert [found.rows[0].first.n, found.rows[0].second.n] == [1, 1]


# The page ---------------------------------------------------------------------------------------------------


def test_everybody_signed_in_reads_it_and_nobody_else(people, signed_in, client):
    for person in people.values():
        assert signed_in(person).get(REPORTS).status_code == 200
    assert client.get(REPORTS).status_code == 302


def test_the_page_tells_all_of_it(version, signed_in, marc, chloe):
    four(version, csm=chloe)

    page = text_of(signed_in(marc).get(REPORTS))

    for words in (
        "4 onboardings that started from", "50%", "2 of 4, between 15% and 85%. Too few to tell.",
        "Activated by day since the start", "Where do they get stuck?", "Most stand at", "1 stands here", "Finished against not finished",
        "No proof of cause", "Nobody has invited a colleague", "No friction points were written down",
    ):  # fmt: skip
        assert words in page, words


def test_each_figure_leads_to_exactly_the_accounts_behind_it(version, signed_in, marc):
    quick, slow, waits, gave = four(version)
    start(make_account("Earlier"), version, started=ago(days=500))
    browser = signed_in(marc)

    answer = browser.get(REPORTS, {"period": "90"})

    def behind(url: str) -> set:
        return {row.c for row in browser.get(url).context["rows"]}

    activated, waiting, finished, all_of_them = (tile.url for tile in answer.context["tiles"])
    assert behind(activated) == {quick, slow}
    assert behind(waiting) == {waits}
    assert behind(finished) == {quick}
    assert behind(all_of_them) == {quick, slow, waits, gave}
    did, did_not = (url for _name, _n, url in answer.context["compared"][0].groups)
    assert (behind(did), behind(did_not)) == ({quick}, {slow, waits, gave})
    assert "step=import&amp;at=here" in text_of(answer)


def test_filters_and_days(version, signed_in, marc, chloe):
    segment = Segment.objects.create(key="large", name="Large")
    four(version)
    start(make_account("Mine", csm=chloe, segment=segment), version, done=1, started=ago(days=40))
    browser = signed_in(marc)

    def started(**query) -> int:
        return browser.get(REPORTS, query).context["totals"].started

    assert started() == started(period="all") == 5
    assert started(period="30") == 4
    assert started(who=chloe.pk) == started(segment=segment.pk) == 1
    assert started(**{"from": "2026-10-09", "to": "2026-10-09"}) == 1
    assert started(**{"from": "2026-11-19"}) == 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("period=x", "There is no period “x”"),
        ("from=1", "“1” is not a date"),
        ("from=2026-11-10&to=2026-11-01", "The last day is before the first one"),
        ("from=9999-12-31", "is not a date"),
    ],
)
def test_a_damaged_address_gets_its_sentence(version, signed_in, marc, query, sentence):
    four(version)
    answer = signed_in(marc).get(f"{REPORTS}?{query}")

    assert answer.status_code == 200
    assert sentence in text_of(answer)


def test_without_any_onboarding_it_says_what_will_be_here(signed_in, marc, version):
    assert "No onboarding yet" in text_of(signed_in(marc).get(REPORTS))
    start(make_account(), version, started=ago(days=700))
    assert "Nobody of these started in these days" in text_of(signed_in(marc).get(REPORTS))


def test_as_many_queries_for_twenty_as_for_four(version, signed_in, marc, chloe, django_assert_num_queries):
    browser = signed_in(marc)
    four(version)
    make_session(chloe, ago(days=1), make_person(make_account("S")), seat="attended", friction=["x"])
    browser.get(REPORTS)
    with CaptureQueriesContext(connection) as few:
        browser.get(REPORTS)
    for n in range(16):
        account = make_account(f"B{n}")
        start(account, version, done=n % 5, started=ago(days=n))
        make_session(chloe, ago(days=2, minutes=40 * n), make_person(account), seat="attended", friction=[f"t{n}"])

    with django_assert_num_queries(len(few)):
        browser.get(REPORTS)


# Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "column", "values"),
    [
        ("summary", "value", ["4", "2", "1", "1", "2"]),
        ("time-to-value", "hours", ["24", "72"]),
        ("steps", "done", ["4", "2", "2", "1"]),
        ("engagement", "checklists", ["0", "0", "2", "0", "0", "0", "0", "1", "0", "1"]),
        ("friction", "friction_point", ["'=x"]),
        ("comparison", "figure", ["retention", "usage", "nps", "mrr", "ltv"]),
    ],
)
def test_each_report_as_a_file(version, signed_in, marc, chloe, part, column, values):
    four(version)
    make_session(chloe, ago(days=1), make_person(make_account("S")), friction=["=x"])

    answer = signed_in(marc).get(f"{REPORTS}{part}.csv")

    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert [row[column] for row in rows][: len(values)] == values


def test_files_are_for_those_who_may_export(signed_in, vera, marc):
    assert signed_in(vera).get(f"{REPORTS}summary.csv").status_code == 404
    assert signed_in(marc).get(f"{REPORTS}nothing.csv").status_code == 404
