"""Hours as people write them, dates of their own, what no longer fits, and the pages on which all of it is kept."""

import socket
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.domain.audit.who import audited_models
from accounts.domain.links import address_of as link_of
from accounts.exceptions import DomainError
from accounts.models import Account, AuditEntry, Contact
from onboarding.domain import booking
from onboarding.domain.booking import Visitor
from onboarding.domain.schedules import coming_dates, forget_dates, save_hours, sessions_outside, set_dates
from onboarding.domain.schedules.writing import as_text, hours_from
from onboarding.models import BusyCalendar, OwnDate, Schedule, Session
from tests.onboarding.factories import NOW, OFFICE, at, make_host, make_type, resolve

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
HOURS = {"do": "hours", "time_zone": "Europe/Paris", "onboarding_hours": "7.5", "day_0": "9-12, 13:00–17:30"}


@pytest.fixture
def friday(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("9:00–12:00, 13:00–17:00", "09:00–12:00, 13:00–17:00"),
        ("9-12;13h30 à 17h", "09:00–12:00, 13:30–17:00"),
        ("13-17, 9 - 12", "09:00–12:00, 13:00–17:00"),
        ("9am-12pm, 1pm–5.30pm", "09:00–12:00, 13:00–17:30"),
        ("9-12, 12-14", "09:00–14:00"),
        ("0:00-24:00", "00:00–24:00"),
        ("22:00-0:00", "22:00–24:00"),
        ("", ""),
        (" – ", ""),
    ],
)
def test_hours_are_read_as_people_write_them(text, written) -> None:
    assert as_text(hours_from(text, "day_0")) == written


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nine to five", "no stretch of time"),
        ("9-25", "no stretch of time"),
        ("9:75-10", "no stretch of time"),
        ("13pm-14pm", "no stretch of time"),
        ("17-9", "ends before it begins"),
        ("9-9", "ends before it begins"),
        ("9-12, 11-13", "overlap"),
        ("9-" + "1" * 300, "Write it like this"),
        (",".join(f"{n}:00-{n}:30" for n in range(9)), "At most 8"),
        ("\0", "no stretch of time"),
    ],
)
def test_hours_that_are_none_are_refused_by_their_day(text, sentence) -> None:
    with pytest.raises(DomainError) as refusal:
        hours_from(text, "day_0")
    assert list(refusal.value.errors) == ["day_0"]
    assert sentence in str(refusal.value)


def test_a_week_is_kept_as_a_whole_or_not_at_all() -> None:
    host = make_host()
    with pytest.raises(DomainError) as refusal:
        save_hours(host, weekly={0: "9-12", 1: "x", 6: "9-8"}, time_zone="Mars/Olympus", onboarding_minutes=99_999)

    assert list(refusal.value.errors) == ["day_1", "day_6", "time_zone", "onboarding_hours"]
    assert Schedule.objects.get().weekly == OFFICE


def test_dates_of_their_own_replace_each_other_and_are_shown_in_stretches() -> None:
    host = make_host()
    set_dates(host, date(2026, 7, 1), date(2026, 7, 10), note="Holidays")
    assert set_dates(host, date(2026, 7, 3), None, hours="10-12") == 1

    shown = [(s.first.day, s.last.day, as_text(s.intervals), s.note) for s in coming_dates(host.schedule)]
    assert shown == [(1, 2, "", "Holidays"), (3, 3, "10:00–12:00", ""), (4, 10, "", "Holidays")]
    assert forget_dates(host, date(2026, 7, 4), date(2026, 7, 10)) == 7
    assert OwnDate.objects.count() == 3


@pytest.mark.parametrize(
    ("first", "last", "hours", "field"),
    [
        (date(2026, 7, 2), date(2026, 7, 1), "", "last"),
        (date(2026, 7, 1), date(2027, 7, 2), "", "last"),
        (date(1990, 1, 1), None, "", "first"),
        (date(9999, 12, 31), None, "", "first"),
        (date(2026, 7, 1), None, "12-9", "hours"),
    ],
)
def test_dates_that_make_no_sense_are_refused(first, last, hours, field) -> None:
    with pytest.raises(DomainError) as refusal:
        set_dates(make_host(), first, last, hours=hours)
    assert list(refusal.value.errors) == [field]
    assert not OwnDate.objects.exists()


def test_changed_hours_cancel_nothing_and_show_what_lies_outside() -> None:
    host = make_host()
    kind = make_type(host)
    for day in (8, 9):
        booking.book(kind, at(f"2026-06-0{day}T07:00"), Visitor("Ann", f"ann{day}@example.com"))
    assert sessions_outside([host.pk]) == {}

    save_hours(host, weekly={0: "10-17", 1: "9-17"}, time_zone="Europe/Paris", onboarding_minutes=600)
    monday, tuesday = Session.objects.order_by("starts_at")
    assert sessions_outside([host.pk]) == {host.pk: [monday]}
    set_dates(host, date(2026, 6, 9), None)
    assert sessions_outside([host.pk]) == {host.pk: [monday, tuesday]}
    assert set(Session.objects.values_list("status", flat=True)) == {"confirmed"}


# The pages ----------------------------------------------------------------------------------------


def test_a_csm_keeps_their_own_hours(client: Client, chloe) -> None:
    client.force_login(chloe)

    empty = client.get("/settings/hours/")
    saved = client.post("/settings/hours/", HOURS)
    page = client.get("/settings/hours/")

    assert (empty.status_code, saved.status_code) == (200, 302)
    schedule = Schedule.objects.get(user=chloe)
    assert (schedule.weekly, schedule.onboarding_minutes) == ({"0": [[540, 720], [780, 1050]]}, 450)
    assert 'value="09:00–12:00, 13:00–17:30"' in page.text
    assert "7.5 h" in page.text
    assert f"Times in {schedule.time_zone}" in page.text
    entry = AuditEntry.objects.filter(kind="onboarding.schedule").latest("pk")
    assert (entry.user, entry.after["onboarding_minutes"]) == (chloe, 450)
    assert {"onboarding.sessiontype", "onboarding.poolhost", "onboarding.owndate"} <= audited_models().keys()


def test_dates_and_calendars_are_added_and_removed(client: Client, chloe, queue) -> None:
    client.force_login(chloe)

    client.post("/settings/hours/", {"do": "dates", "first": "2026-07-01", "last": "2026-07-03", "note": "<b>Sea</b>"})
    client.post("/settings/hours/", {"do": "subscribe", "url": "webcal://calendar.example/me.ics"})
    calendar = BusyCalendar.objects.get()
    BusyCalendar.objects.update(failing_since=NOW - timedelta(days=1), read_at=NOW - timedelta(days=2), error="timeout")
    page = client.get("/settings/hours/").text
    client.post("/settings/hours/", {"do": "look-again", "calendar": calendar.pk})
    queue.commit()

    assert "&lt;b&gt;Sea&lt;/b&gt;" in page
    assert "The answer took too long." in page
    assert "what was read last still blocks" in page
    assert len(queue.published("onboarding.tasks.read_calendar")) == 2
    client.post("/settings/hours/", {"do": "unsubscribe", "calendar": calendar.pk})
    client.post("/settings/hours/", {"do": "forget-dates", "first": "2026-07-01", "last": "2026-07-03"})
    assert (BusyCalendar.objects.count(), OwnDate.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("given", "status", "kept"),
    [
        (HOURS | {"day_2": "later"}, 422, "later"),
        (HOURS | {"time_zone": "Mars/Olympus"}, 422, "9-12, 13:00–17:30"),
        (HOURS | {"onboarding_hours": "-1"}, 422, "-1"),
        ({"do": "dates", "first": "someday", "note": "Sea"}, 422, "Sea"),
        ({"do": "subscribe", "url": "file:///etc/passwd"}, 422, "file:///etc/passwd"),
        ({"do": "subscribe", "url": "http://127.0.0.1:5432/"}, 422, "http://127.0.0.1:5432/"),
        (HOURS | {"time_zone": "localtime"}, 422, "9-12, 13:00–17:30"),
        ({"do": "forget-dates", "first": "x", "last": "y"}, 404, ""),
        ({"do": "look-again", "calendar": "1"}, 404, ""),
        ({"do": "unsubscribe", "calendar": "9" * 30}, 404, ""),
        ({"do": "everything"}, 404, ""),
        ({}, 404, ""),
    ],
)
def test_what_cannot_be_taken_comes_back_with_a_sentence(client: Client, chloe, given, status, kept) -> None:
    client.force_login(chloe)

    answer = client.post("/settings/hours/", given)

    assert (answer.status_code, kept in answer.text) == (status, True)
    assert not BusyCalendar.objects.exists()


def test_a_manager_keeps_those_of_others_and_a_csm_does_not(client: Client, chloe, marc) -> None:
    other = make_host("Cyril")
    baker.make(BusyCalendar, user=other, failing_since=NOW, error="gone")
    url = f"/settings/hours/team/{other.pk}/"

    client.force_login(chloe)
    assert (client.get(url).status_code, client.post(url, HOURS).status_code) == (404, 404)
    client.force_login(marc)
    team, saved = client.get("/settings/hours/team/"), client.post(url, HOURS)

    assert "1 fails" in team.text
    assert (saved.status_code, saved["Location"]) == (302, url)
    assert list(Schedule.objects.get(user=other).weekly) == ["0"]


def test_the_teams_page_asks_no_more_for_many(client: Client, marc) -> None:
    client.force_login(marc)
    client.get("/settings/hours/team/")
    counts = []
    for some in (range(1), range(1, 9)):
        for n in some:
            make_type(make_host(f"Host{n}"), slug=f"type-{n}")
        with CaptureQueriesContext(connection) as seen:
            client.get("/settings/hours/team/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_csm_without_hours_is_named_to_those_who_can_help(signed_in, chloe, marc) -> None:
    account = baker.make(Account, csm=chloe, name="Acme", stage="live")
    baker.make(Account, csm=chloe, name="Gone", stage="churned")
    kim = baker.make(Contact, account=account, email="kim@acme.example")
    make_type()

    mine = signed_in(chloe).get("/settings/hours/")
    team = signed_in(marc).get("/onboarding/hours/")
    theirs = Client().get(f"/c/{link_of(kim, 'portal').rstrip('/').rpartition('/')[2]}/book/kickoff/")
    save_hours(chloe, weekly={0: "9-17"}, time_zone="UTC", onboarding_minutes=60)
    after = signed_in(chloe).get("/settings/hours/")

    assert "No weekly hours are set: 1 customer finds no time to book." in mine.text
    assert f'<a href="/settings/hours/team/{chloe.pk}/">Chloe</a> (1 customer)' in team.text
    assert 'Write to Chloe: <a href="mailto:chloe@tenure.example">chloe@tenure.example</a>' in theirs.text
    assert "No weekly hours are set" not in after.text
