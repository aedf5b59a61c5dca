"""Calendars people subscribe to: entries keep their identity, addresses are secret, can be ended and die with the user."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar, Event

from accounts.domain.calendars import address_of, make_feed
from accounts.domain.renewals import work
from accounts.exceptions import DomainError
from accounts.models import Account, CalendarFeed, Renewal
from tests.accounts.customers import HOSTILE
from tests.accounts.revenue import make_account, subscribe

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def term(name: str, csm=None, **fields) -> Renewal:
    account = make_account(name, csm=csm, band="yellow")
    defaults = {"term_end": "2026-06-30", "notice_days": 30, "plan": "Pro"}
    subscribe(account, f"S-{account.pk}", **{**defaults, **fields})
    return Renewal.objects.get(account=account)


def read(secret: str, **headers):
    return Client().get(f"/calendar/{secret}.ics", headers=headers)


def events(secret: str) -> dict[str, Event]:
    response = read(secret)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return {str(event["uid"]): event for event in Calendar.from_ical(response.content).events}


def feed(user, **fields) -> str:
    return make_feed(user, **{"sources": ["renewals"], **fields})[1]


def test_a_decision_date_is_a_day_in_the_calendar(chloe) -> None:
    row = term("Acme, Inc.; & Söhne", chloe)
    event = events(feed(chloe))[str(row.uid)]
    assert (event.start, event.end, event["sequence"]) == (date(2026, 5, 31), date(2026, 6, 1), row.sequence)
    assert (str(event["summary"]), str(event["status"])) == ("Acme, Inc.; & Söhne decides", "CONFIRMED")
    assert str(event["transp"]) == "TRANSPARENT"
    assert str(event["description"]).split("\n") == [
        "MRR: $100",
        "Band: Yellow",
        "The term ends on Jun 30, 2026.",
        "It renews by itself: notice can be given until the decision date.",
        "Plan: Pro",
        "CSM: Chloe",
        f"http://127.0.0.1:8000/renewals/{row.pk}/",
    ]
    assert str(event["url"]).endswith(f"/renewals/{row.pk}/")


def test_it_speaks_its_owners_language_and_zone(chloe) -> None:
    chloe.language, chloe.time_zone = "fr", "Europe/Paris"
    chloe.save()
    row = term("Acme", chloe)
    secret = feed(chloe)
    calendar = Calendar.from_ical(read(secret, accept_language="ro").content)
    assert str(calendar["x-wr-timezone"]) == "Europe/Paris"
    assert "100\u00a0$US" in str(events(secret)[str(row.uid)]["description"])


def test_one_that_is_moved_stays_the_same_entry(chloe) -> None:
    row = term("Acme", chloe)
    secret = feed(chloe)
    before = events(secret)[str(row.uid)]
    subscribe(row.account, f"S-{row.account_id}", term_end="2026-07-31")
    (after,) = events(secret).values()
    assert (after["uid"], after.start) == (before["uid"], date(2026, 7, 1))
    assert after["sequence"] > before["sequence"]


def test_one_that_is_lost_is_canceled_and_a_won_one_stays(chloe) -> None:
    lost, won = term("Lost", chloe), term("Won", chloe)
    secret = feed(chloe)
    before = events(secret)
    work.decide(lost, "lost", by=chloe, reason="price")
    work.decide(won, "renewed", by=chloe)
    after = events(secret)
    assert [str(after[str(row.uid)]["status"]) for row in (lost, won)] == ["CANCELLED", "CONFIRMED"]
    assert str(after[str(won.uid)]["summary"]) == "Won has renewed"
    assert all(after[uid]["sequence"] > event["sequence"] for uid, event in before.items())
    assert after.keys() > before.keys()  # the next term of the one that was won


def test_who_has_left_has_no_band_and_stays_in_the_calendar(chloe) -> None:
    row = term("Left", chloe)
    work.decide(row, "lost", by=chloe, reason="price")
    Account.objects.update(stage="churned", band="")
    event = events(feed(chloe))[str(row.uid)]
    assert (str(event["status"]), "Band" in str(event["description"])) == ("CANCELLED", False)


def test_own_ones_or_the_whole_teams(chloe, cyril) -> None:
    own, other = term("Own", chloe), term("Other", cyril)
    assert events(feed(chloe)).keys() == {str(own.uid)}
    assert events(feed(chloe, team=True)).keys() == {str(own.uid), str(other.uid)}


def test_any_name_comes_back_as_it_went_in(chloe) -> None:
    names = [*HOSTILE, "A\\,B;C:D\"E'", "BEGIN:VEVENT", "é" * 200]
    rows = [term(name, chloe) for name in names]
    found = events(feed(chloe))
    assert [str(found[str(row.uid)]["summary"]) for row in rows] == [f"{name} decides" for name in names]


def test_a_name_of_several_lines_makes_no_lines_of_its_own(chloe) -> None:
    row = term("Acme", chloe)
    type(row.account).objects.update(name="Acme\r\nEND:VEVENT\r\nX-EVIL:1")
    (event,) = events(feed(chloe)).values()
    assert "x-evil" not in event
    assert str(event["summary"]) == "Acme  END:VEVENT  X-EVIL:1 decides"
    assert str(row.uid) == event["uid"]


def test_programs_that_have_it_already_are_told_so(chloe) -> None:
    row = term("Acme", chloe)
    secret = feed(chloe)
    first = read(secret)
    again = read(secret, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first["Cache-Control"]
    work.decide(row, "renewed", by=chloe)
    assert read(secret, if_none_match=first["ETag"]).status_code == 200
    assert Client().head(f"/calendar/{secret}.ics").status_code == 200
    assert Client().post(f"/calendar/{secret}.ics").status_code in {403, 405}


def test_only_the_digest_is_kept_and_its_last_reading(chloe) -> None:
    row, secret = make_feed(chloe, sources=["renewals"])
    stored = CalendarFeed.objects.values().get()
    assert secret not in str(stored)
    assert (stored["prefix"], stored["last_read_at"]) == (secret[:6], None)
    read(secret)
    row.refresh_from_db()
    assert row.last_read_at == TODAY
    assert address_of(secret) == f"http://127.0.0.1:8000/calendar/{secret}.ics"


def test_an_address_that_works_no_more_looks_like_none(chloe, signed_in) -> None:
    term("Acme", chloe)
    ended, left, live = feed(chloe), feed(chloe), feed(chloe)
    row = CalendarFeed.objects.get(prefix=ended[:6])
    assert signed_in(chloe).post(f"/settings/calendars/{row.pk}/revoke/").status_code == 302
    answers = [(r.status_code, r.content) for r in (read(ended), read("x" * 43), read("é"), read(live[:-1]))]
    assert answers == [(404, b"There is no such calendar.")] * 4
    assert read(live).status_code == 200
    chloe.is_active = False
    chloe.save()
    assert [read(left).status_code, read(live).status_code] == [404, 404]


def test_who_asks_too_often_waits(chloe, settings) -> None:
    settings.VISITOR_RATE = 2
    secret = feed(chloe)
    answers = [read(secret) for _n in range(3)]
    assert [r.status_code for r in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_what_an_address_needs(chloe) -> None:
    for sources, code in (([], "source_missing"), (["salaries"], "unknown_source")):
        with pytest.raises(DomainError) as refused:
            make_feed(chloe, sources=sources)
        assert refused.value.code == code


# The settings page --------------------------------------------------------------------------------


def test_the_address_is_shown_once(chloe, signed_in) -> None:
    browser = signed_in(chloe)
    made = browser.post("/settings/calendars/add/", {"sources": ["renewals"], "team": "team"})
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    row = CalendarFeed.objects.get()
    assert (row.user, row.team, row.sources) == (chloe, True, ["renewals"])
    assert f"/calendar/{row.prefix}" in made.content.decode()
    listed = browser.get("/settings/calendars/").content.decode()
    assert f"…/{row.prefix}…" in listed
    assert f"/calendar/{row.prefix}" not in listed


def test_a_form_without_a_choice_comes_back(chloe, signed_in) -> None:
    answer = signed_in(chloe).post("/settings/calendars/add/", {"team": "everybody"})
    assert answer.status_code == 422
    assert "Choose what the calendar shows." in answer.content.decode()
    assert not CalendarFeed.objects.exists()


def test_another_ones_address_cannot_be_ended(chloe, cyril, signed_in) -> None:
    row, secret = make_feed(chloe, sources=["renewals"])
    assert signed_in(cyril).post(f"/settings/calendars/{row.pk}/revoke/").status_code == 404
    assert read(secret).status_code == 200
