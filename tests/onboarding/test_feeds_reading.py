"""Busy calendars: read by themselves, replaced in one step; whatever goes wrong, the last good state stays."""

import itertools
import socket
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.domain.outgoing import Answer, NoAnswer
from accounts.exceptions import DomainError
from onboarding.domain.clocks import instant, moment
from onboarding.domain.feeds import parsing, reading
from onboarding.domain.feeds.problems import sentence
from onboarding.domain.feeds.reading import read
from onboarding.domain.feeds.subscribing import clean_address, look_again, subscribe, unsubscribe, zone_changed
from onboarding.models import BusyBlock, BusyCalendar, Schedule
from onboarding.tasks import read_calendars
from tests.onboarding.factories import NOW, at, make_host, resolve
from tests.onboarding.test_feeds_parsing import NINE, calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
DAILY = "DTSTART:20260608T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"


@pytest.fixture
def friday(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)


class Elsewhere:
    """What the other side answers, and how it was asked."""

    def __init__(self) -> None:
        self.answer: Answer | Exception = Answer(200, {}, calendar(NINE))
        self.asked: list[dict[str, str]] = []

    def __call__(self, url: str, *, headers: dict[str, str], **_limits: object) -> Answer:
        self.asked.append({name: value for name, value in headers.items() if name != "Accept"})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def elsewhere(monkeypatch) -> Elsewhere:
    other = Elsewhere()
    monkeypatch.setattr(reading, "ask", other)
    monkeypatch.setattr(reading, "worked_out", worked_out_here)
    return other


def worked_out_here(content: bytes, zone: str, low: int, high: int) -> dict:
    try:
        busy = parsing.busy_in(content, ZoneInfo(zone), low, high)
    except parsing.BadCalendar as problem:
        raise reading.BadFeed(str(problem)) from None
    return {"spans": busy.spans, "left_out": busy.left_out}


@pytest.fixture
def mine() -> BusyCalendar:
    return subscribe(make_host(), "webcal://calendar.example/me.ics", "Mine")


def blocks() -> list[str]:
    rows = BusyBlock.objects.order_by("span").values_list("span", flat=True)
    return [f"{span.lower:%d %H:%M}-{span.upper:%H:%M}" for span in rows]


def again(mine: BusyCalendar) -> str | None:
    BusyCalendar.objects.filter(pk=mine.pk).update(due_at=timezone.now())
    result = read(mine.pk)
    mine.refresh_from_db()
    return result


def test_a_calendar_is_read_at_once_and_then_every_quarter_of_an_hour(elsewhere, mine, queue, time_machine) -> None:
    queue.drain()
    mine.refresh_from_db()

    assert (mine.url, mine.name, blocks()) == ("https://calendar.example/me.ics", "Mine", ["08 07:00-08:00"])
    assert (mine.read_at, mine.failing_since, mine.error) == (NOW, None, "")
    assert timedelta(minutes=13) < mine.due_at - NOW < timedelta(minutes=17)
    assert read(mine.pk) is None  # not due
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    read_calendars()
    assert [message.kwargs for message in queue.published("onboarding.tasks.read_calendar")] == [
        {"calendar_id": mine.pk}
    ]


def test_only_what_differs_is_written(elsewhere, mine) -> None:
    elsewhere.answer = Answer(
        200, {}, calendar("DTSTART:20260608T070000Z\nDURATION:PT1H", "DTSTART:20260609T070000Z\nDURATION:PT1H")
    )
    again(mine)
    kept = BusyBlock.objects.get(span__startswith=at("2026-06-08T07:00")).pk

    elsewhere.answer = Answer(
        200, {}, calendar("DTSTART:20260608T070000Z\nDURATION:PT1H", "DTSTART:20260610T070000Z\nDURATION:PT1H")
    )
    assert again(mine) == "read"

    assert blocks() == ["08 07:00-08:00", "10 07:00-08:00"]
    assert BusyBlock.objects.get(span__startswith=at("2026-06-08T07:00")).pk == kept


def test_what_has_not_changed_is_not_worked_out_again_until_the_window_has_moved_on(
    elsewhere, mine, time_machine
) -> None:
    elsewhere.answer = Answer(200, {"etag": '"7"', "last-modified": "Fri, 05 Jun 2026 07:00:00 GMT"}, calendar(DAILY))
    again(mine)
    elsewhere.answer = Answer(304)

    assert again(mine) == "unchanged"
    assert elsewhere.asked == [
        {}, {"If-None-Match": '"7"', "If-Modified-Since": "Fri, 05 Jun 2026 07:00:00 GMT"},
    ]  # fmt: skip
    assert mine.read_at == NOW
    elsewhere.answer = Answer(200, {}, calendar(DAILY))
    assert again(mine) == "unchanged"  # the same bytes
    last = BusyBlock.objects.latest("span").span.upper
    time_machine.move_to(NOW + timedelta(days=21), tick=False)
    assert again(mine) == "read"
    assert elsewhere.asked[-1] == {}  # all of it: what repeats goes on
    assert BusyBlock.objects.latest("span").span.upper == last + timedelta(days=21)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (NoAnswer("timeout"), "timeout", "took too long"),
        (NoAnswer("too_large"), "too_large", "too large"),
        (NoAnswer("private"), "private", "private network"),
        (Answer(200, {}, b"<html>Sign in</html>"), "not_calendar", "a sign-in page"),
        (Answer(200, {}, calendar(NINE)[:-30]), "broken_off", "breaks off"),
        (Answer(200, {}, b""), "not_calendar", "no calendar"),
        (Answer(404), "gone", "not there any more"),
        (Answer(403), "secret", "not open"),
        (Answer(503), "status 503", "error 503"),
        (Answer(304), "status 304", "error 304"),
    ],
)
def test_the_last_good_state_stays_and_says_since_when(elsewhere, mine, time_machine, answer, error, words) -> None:
    again(mine)
    BusyCalendar.objects.update(known_until=NOW)  # asked for all of it
    elsewhere.answer = answer
    waits = []
    for n in range(1, 9):
        time_machine.move_to(NOW + timedelta(hours=n), tick=False)
        assert again(mine) == "failed"
        waits.append(round((mine.due_at - timezone.now()) / timedelta(minutes=30)))

    assert blocks() == ["08 07:00-08:00"]
    assert (mine.read_at, mine.failing_since, mine.error) == (NOW, NOW + timedelta(hours=1), error)
    assert words in sentence(mine.error)
    assert all(before <= after for before, after in itertools.pairwise(waits[:5]))
    assert waits[-1] in {11, 12, 13}  # six hours, a tenth more or less
    elsewhere.answer = Answer(200, {}, calendar(DAILY))
    assert again(mine) == "read"
    assert (mine.failing_since, mine.failures, mine.error) == (None, 0, "")


def test_times_without_a_zone_follow_the_hosts_own(elsewhere, mine) -> None:
    elsewhere.answer = Answer(200, {"etag": "1"}, calendar(NINE, "DTSTART;VALUE=DATE:20260610"))
    again(mine)
    Schedule.objects.update(time_zone="America/New_York")
    zone_changed(mine.user)

    assert read(mine.pk) == "read"
    assert blocks() == ["08 13:00-14:00", "10 04:00-04:00"]
    assert elsewhere.asked[-1] == {}


def test_entries_nobody_understands_are_told_and_asking_again_reads_all_of_it(elsewhere, mine) -> None:
    elsewhere.answer = Answer(200, {"etag": "1"}, calendar(NINE, "SUMMARY:when?"))
    again(mine)
    look_again(mine)

    assert read(mine.pk) == "read"
    mine.refresh_from_db()
    assert (mine.error, mine.failing_since, blocks()) == ("left_out 1", None, ["08 07:00-08:00"])


def test_a_calendar_that_is_removed_meanwhile_blocks_nothing(elsewhere, mine, monkeypatch) -> None:
    monkeypatch.setattr(reading, "worked_out", lambda *args: (unsubscribe(mine), worked_out_here(*args))[1])

    assert read(mine.pk) == "gone"
    assert blocks() == []


def test_strange_files_are_worked_out_in_a_process_of_their_own(monkeypatch) -> None:
    low, high = instant(NOW), instant(NOW) + 86_400 * 30
    second = "DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"

    found = reading.worked_out(calendar(NINE), "Europe/Paris", low, high)
    assert [moment(begins).isoformat() for begins, _end in found["spans"]] == ["2026-06-08T07:00:00+00:00"]
    with pytest.raises(reading.BadFeed, match="not_calendar"):
        reading.worked_out(b"<html>", "Europe/Paris", low, high)
    monkeypatch.setattr(reading, "WORK_SECONDS", 0.8)
    with pytest.raises(reading.BadFeed, match="too_hard"):
        reading.worked_out(calendar(second), "Europe/Paris", low, high)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "ftp://x.example/a.ics",
        "https://me:pw@x.example/",
        "javascript:alert(1)",
        "\0",
        "https://" + "x" * 1000,
        "https://127.0.0.1/a.ics",
        "http://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/a.ics",
        "webcal://calendar.internal/me.ics",
        "https://nobody.invalid/a.ics",
    ],
)
def test_addresses_that_are_none_are_refused_by_the_field(url) -> None:
    with pytest.raises(DomainError) as refusal:
        clean_address(url)
    assert list(refusal.value.errors) == ["url"]


def test_one_calendar_once_and_not_too_many(monkeypatch) -> None:
    from onboarding.domain.feeds import subscribing

    host = make_host()
    subscribe(host, "https://x.example/a.ics")
    with pytest.raises(DomainError, match="already"):
        subscribe(host, "webcal://x.example/a.ics")
    monkeypatch.setattr(subscribing, "MOST", 1)
    with pytest.raises(DomainError, match="remove one first"):
        subscribe(host, "https://x.example/b.ics")
    assert BusyCalendar.objects.get().name == "x.example"
