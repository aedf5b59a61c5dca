"""The order of the queue, page by page, and the line that explains it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.utils import translation

from accounts.domain.order import Places, nearness, yearly_loss
from accounts.domain.queue import COUNTED, Cursor, Group, QueueFilters, open_count, queue_page
from accounts.exceptions import DomainError
from accounts.models import FollowUp, Segment
from tests.accounts.spine import NOON, make_account, make_follow_up, make_playbook

pytestmark = pytest.mark.django_db  # the rules may have been changed

H, D = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def page(filters=None, *, tz=UTC, **kwargs):
    return queue_page(filters or QueueFilters(), now=NOON, tz=tz, **kwargs)


def titles(page_) -> list[tuple[str, list[str]]]:
    return [(str(group), [row["title"] for row in rows]) for group, rows in page_.groups]


def put(title, due, mrr=100, band="red", **fields):
    return make_follow_up(make_account(title, mrr=mrr, band=band), title=title, due_at=NOON + due, **fields)


@pytest.mark.parametrize(
    ("due", "expected"),
    [(-D, 1), (timedelta(), 1), (7 * D, 0.625), (14 * D, 0.25), (90 * D, 0.25), (1.4 * D, 0.925)],
)
def test_nearness(due, expected):
    assert nearness(NOON + due, NOON) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("band", "loss"),
    [("red", 4800), ("yellow", 1800), ("green", 600), ("thriving", 240), ("unknown", 1800), ("", 1800)],
)
def test_yearly_loss(band, loss):
    assert yearly_loss(Decimal(1000), band) == loss


def test_promises_first_then_by_what_is_at_stake():
    put("small, broken", -H, mrr=1, promise=True)
    put("large, broken", -2 * H, mrr=50, promise=True)
    put("overdue", -3 * D, mrr=900)
    put("huge but overdue", -H, mrr=9000, band="green")
    put("promise to keep", 2 * H, mrr=10, promise=True)
    put("a detractor, fresh", D, mrr=11, promise=True)
    put("promised for saturday", 3 * D, mrr=19, promise=True)
    put("today", 3 * H, mrr=20)
    put("thursday", D, mrr=9)
    put("sunday, slightly more", 4 * D, mrr=10)  # 10 × .79 < 9 × .95
    put("in eight days", 8 * D, mrr=12)
    put("far", 100 * D, mrr=15)  # 15 × .25 < 10 × .73
    put("done", -D, status="done", closed_at=NOON)
    put("asleep", -D, status="snoozed", snoozed_until=NOON + D)

    result = page()

    assert titles(result) == [
        ("promised", ["large, broken", "small, broken", "a detractor, fresh", "promise to keep"]),
        ("overdue", ["huge but overdue", "overdue"]),
        ("today", ["today"]),
        ("week", ["promised for saturday", "thursday", "sunday, slightly more"]),
        ("later", ["in eight days", "far"]),
    ]
    assert result.counts == {Group.PROMISED: 4, Group.OVERDUE: 2, Group.TODAY: 1, Group.WEEK: 3, Group.LATER: 2}
    assert (result.total, result.next) == (12, None)


@pytest.mark.parametrize("today", range(7))
def test_on_every_day_of_the_week_tomorrow_is_near_and_eight_days_are_far(today):
    now = NOON + today * D
    midnight = now.replace(hour=0, minute=0)
    for name, due in (("tomorrow", 1), ("in a week", 7), ("in eight days", 8)):
        put(name, midnight + due * D - NOON)
    result = queue_page(QueueFilters(), now=now, tz=ZoneInfo("UTC"))
    assert titles(result) == [("week", ["tomorrow", "in a week"]), ("later", ["in eight days"])]


def test_a_playbook_is_asked_for_by_its_id():
    playbook = make_playbook(key="slipping")
    put("red", D, playbook=playbook, kind="red")
    put("by hand", D, kind="manual")
    put("asleep", D, playbook=playbook, kind="red", status="snoozed", snoozed_until=NOON + D)
    put("done", D, playbook=playbook, kind="red", status="done", closed_at=NOON)

    def found(**filters) -> list[str]:
        return [row["title"] for row in queue_page(QueueFilters(**filters), now=NOON, tz=ZoneInfo("UTC")).rows]

    assert found(playbooks=[playbook.pk]) == ["red"]
    assert found(playbooks=[None]) == ["by hand"]
    assert found(playbooks=[playbook.pk, None]) == ["red", "by hand"]
    assert found(playbooks=[playbook.pk], snoozed=True) == ["asleep"]
    assert found(playbooks=[playbook.pk], closed=True) == ["done"]
    assert found(playbooks=[playbook.pk + 1]) == []


def test_today_and_the_days_after_end_where_the_reader_is():
    put("23:30 in Bucharest", timedelta(hours=9, minutes=30))
    put("00:30 in Bucharest", timedelta(hours=10, minutes=30))

    assert titles(page(tz=ZoneInfo("Europe/Bucharest"))) == [
        ("today", ["23:30 in Bucharest"]),
        ("week", ["00:30 in Bucharest"]),
    ]
    assert titles(page()) == [("today", ["00:30 in Bucharest", "23:30 in Bucharest"][::-1])]


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_follow_each_other_without_gap_or_repeat(limit):
    for n in range(4):
        put(f"broken {n}", -H, promise=True)
        put(f"overdue {n}", -H, mrr=n % 2)
        put(f"today {n}", H * (n + 1))
        put(f"to keep {n}", H * (n + 1), promise=True, mrr=n)
        put(f"later {n}", 20 * D)
    whole = [row["id"] for row in page().rows]

    found, after = [], None
    while True:
        result = page(after=after, limit=limit)
        found += [row["id"] for row in result.rows]
        if result.next is None:
            break
        after = Cursor.parse(str(result.next))

    assert found == whole
    assert len(whole) == 20


def test_the_order_of_the_first_page_holds_while_the_clock_moves_on():
    for n in range(4):
        put(f"{n}", H * (n + 1), mrr=100 - n)
    first = page(limit=2)

    second = queue_page(QueueFilters(), now=NOON + 6 * H, tz=UTC, after=first.next, limit=2)

    assert titles(first) == [("today", ["0", "1"])]
    assert titles(second) == [("today", ["2", "3"])]
    assert second.now == NOON


def test_filters(chloe, cyril, marc):
    smb = Segment.objects.create(key="smb", name="SMB")
    put("Chloe's", H, assignee=chloe, kind="red")
    put("Cyril's", H, assignee=cyril, band="green", kind="thriving")
    put("Nobody's", H, mrr=1)
    small = make_account("100% Ötzi_Lab", segment=smb, mrr=1)
    make_follow_up(small, title="Small", due_at=NOON + 2 * H)

    def found(**filters):
        rows = page(QueueFilters(**filters)).rows
        assert open_count(QueueFilters(**filters)) == len(rows)
        return {row["title"] for row in rows}

    assert found(assignee=chloe.pk) == {"Chloe's"}
    assert found(team_of=marc.pk) == {"Chloe's", "Cyril's"}
    assert found(unassigned=True) == {"Nobody's", "Small"}
    assert found(kinds=["red", "thriving"], bands=["green"]) == {"Cyril's"}
    assert found(segments=[smb.pk]) == {"Small"}
    assert found(account=small.pk) == {"Small"}
    assert found(text="ötzi_") == {"Small"}
    assert found(text="100%") == {"Small"}
    assert found(text="%") == {"Small"}
    assert found(text="CHLOE") == {"Chloe's"}
    assert found(text="'; drop table x --\x00") == set()
    assert found() == {"Chloe's", "Cyril's", "Nobody's", "Small"}


def test_the_sleeping_ones_by_when_they_wake():
    put("later", -D, status="snoozed", snoozed_until=NOON + 2 * D)
    put("sooner", D, status="snoozed", snoozed_until=NOON + D)

    result = page(QueueFilters(snoozed=True))

    assert titles(result) == [("snoozed", ["sooner", "later"])]
    assert result.counts == {Group.SNOOZED: 2}


def test_a_row_has_all_a_list_shows(chloe):
    row = put("Call", -H, mrr=100, assignee=chloe, promise=True)

    shown = page().rows[0]

    assert shown == {
        "part": 0,
        "score": 480.0,
        "group": Group.PROMISED,
        "id": row.pk,
        "title": "Call",
        "reason": "Because",
        "priority": 3,
        "promise": True,
        "status": "open",
        "due_at": NOON - H,
        "occurrences": 1,
        "snoozed_until": None,
        "snooze_reason": "",
        "closed_at": None,
        "outcome": "",
        "assignee_id": chloe.pk,
        "assignee__name": "Chloe",
        "account_id": row.account_id,
        "account__name": "Call",
        "account__band": "red",
        "account__mrr": Decimal(100),
        "account__csm_id": None,
        "activity__kind": None,
        "activity__data": None,
    }


@pytest.mark.parametrize("rows", [1, 50])
def test_two_queries_for_any_number_of_rows(rows, django_assert_num_queries):
    for n in range(rows):
        put(f"{n}", H * (n - 5))

    with django_assert_num_queries(2):
        assert len(page().rows) == rows


def test_groups_that_hold_more_than_is_counted():
    base = make_account("Base", mrr=1, band="red")
    for n in range(COUNTED + 10):
        make_follow_up(base, title=f"{n}", due_at=NOON + D + n * timedelta(minutes=1))
    put("worth more, but far", 7 * D - H, mrr=1.2)
    put("worth most", 2 * D, mrr=50)

    result = page(limit=COUNTED + 5)

    assert [row["title"] for row in result.rows] == ["worth most", *(f"{n}" for n in range(COUNTED + 4))]
    assert result.counts[Group.WEEK] == COUNTED
    assert [row["title"] for row in page(limit=COUNTED + 5, after=result.next).rows][-1] == "worth more, but far"


def test_what_is_closed_between_counting_and_reading_leaves_no_gap():
    """Three are overdue when it is counted, one of them when it is read: the page goes on with what is due later."""
    rows = [put(f"overdue {n}", -H, mrr=100 - n) for n in range(3)]
    for n in range(2):
        put(f"today {n}", H, mrr=100 - n)

    def somebody_closes_two(execute, sql, *rest):
        result = execute(sql, *rest)
        if sql.startswith("select (select count(*)"):
            FollowUp.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(status="done", closed_at=NOON)
        return result

    with connection.execute_wrapper(somebody_closes_two):
        result = page(limit=2)

    assert titles(result) == [("overdue", ["overdue 2"]), ("today", ["today 0"])]
    assert titles(page(limit=2, after=result.next)) == [("today", ["today 1"])]


@pytest.mark.parametrize("text", ["", "x", "eyJh", "W10", "WzEsMiwzLDRd", "é", "AAAA" * 1000])
def test_a_cursor_that_no_page_gave_out_is_refused(text):
    with pytest.raises(DomainError) as refusal:
        Cursor.parse(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "values",
    [{"as_of": datetime(9999, 12, 31, tzinfo=UTC)}, {"as_of": datetime(2026, 3, 4)}, {"id": 2**70}, {"part": 9}],
)
def test_a_cursor_out_of_bounds_is_refused(values):
    cursor = Cursor(NOON, 0, 1.0, 1)._replace(**values)

    with pytest.raises(DomainError):
        Cursor.parse(str(cursor))


def line(due, mrr=4000, band="red", promise=False):
    row = {"promise": promise, "due_at": NOON + due, "account__mrr": Decimal(mrr), "account__band": band}
    return Places(NOON).why(row).text


def test_why_a_row_is_at_this_place():
    assert line(3 * H) == "$48,000 a year × 40% (Red) × due today"
    assert line(D, band="odd") == "$48,000 a year × 15% (Unknown) × due tomorrow"
    assert line(3 * D) == "$48,000 a year × 40% (Red) × due in 3 days"
    assert line(D, promise=True) == "Promise to keep · $48,000 a year × 40% (Red)"
    assert line(D, mrr=0, promise=True) == "Promise to keep"
    assert line(3 * D, promise=True) == "$48,000 a year × 40% (Red) × due in 3 days"
    assert line(-H) == "$48,000 a year × 40% (Red) × overdue"
    assert line(-3 * H, promise=True) == "Promise broken 3 hours ago"
    assert line(3 * H, promise=True) == "Promise to keep · $48,000 a year × 40% (Red)"
    assert line(3 * H, mrr=0) == "No revenue at stake × due today"


def test_the_sum_behind_the_place():
    row = {"promise": True, "due_at": NOON + 7 * D, "account__mrr": Decimal(4000), "account__band": "red"}

    assert Places(NOON).why(row).detail == ("$48,000 a year × 40% chance of loss (Red) × 63% (due in 7 days) = $12,000")
    with translation.override("fr"):
        assert "48\u202f000" in Places(NOON).why(row).detail
