"""Hours for onboarding in a week: what is open, planned, booked and left, on each one's own clock."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from onboarding.domain.capacity import Capacity, hours_of
from onboarding.models import BusyBlock, BusyCalendar, OwnDate, Schedule, Session
from tests.onboarding.factories import at, make_host, make_type

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 6, 8)


def busy(user, low: str, high: str) -> None:
    calendar = BusyCalendar.objects.filter(user=user).first() or baker.make(BusyCalendar, user=user)
    baker.make(BusyBlock, calendar=calendar, user=user, span=(at(low), at(high)))


def session(kind, host, low: str, **fields) -> None:
    baker.make(Session, session_type=kind, host=host, starts_at=at(low), ends_at=at(low) + timedelta(hours=1), **fields)


def test_a_week_is_open_less_what_is_taken_and_never_more_than_planned() -> None:
    chloe, bob, nobody = make_host(), make_host("Bob"), baker.make("accounts.User", email="n@tenure.example")
    kind = make_type(chloe)
    baker.make(OwnDate, schedule=chloe.schedule, day=MONDAY, intervals=[[600, 720]])
    Schedule.objects.filter(user=bob).update(onboarding_minutes=60)
    session(kind, chloe, "2026-06-09T07:00")
    session(kind, chloe, "2026-06-09T09:00", status="no_show")
    session(kind, chloe, "2026-06-10T07:00", status="canceled")
    session(kind, chloe, "2026-06-14T22:00")  # midnight in Paris: next week
    busy(chloe, "2026-06-09T07:30", "2026-06-09T08:30")  # half of it is the session itself
    busy(chloe, "2026-06-10T03:00", "2026-06-10T08:00")  # from before work on
    busy(bob, "2026-06-07T00:00", "2026-06-15T00:00")

    found = hours_of([chloe, bob.pk, nobody], MONDAY)

    assert found == {
        chloe.pk: Capacity(open_minutes=30 * 60, planned_minutes=600, booked_minutes=120, free_minutes=480),
        bob.pk: Capacity(open_minutes=35 * 60, planned_minutes=60, booked_minutes=0, free_minutes=0),
        nobody.pk: Capacity(0, 0, 0, 0),
    }  # fmt: skip


def test_what_is_over_of_this_week_is_not_free_any_more() -> None:
    host = make_host(weekly={str(day): [[540, 720]] for day in range(5)})
    thursday, sunday, before = at("2026-06-11T08:00"), at("2026-06-14T18:00"), at("2026-06-05T08:00")
    busy(host, "2026-06-11T09:00", "2026-06-11T10:00")

    free = [hours_of([host], MONDAY, now=now)[host.pk].free_minutes for now in (before, thursday, sunday)]

    assert free == [600, 240, 0]


@pytest.mark.parametrize(("monday", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169)])
def test_a_week_in_which_the_clocks_change_has_its_own_length(monday, hours) -> None:
    always = make_host(weekly={str(day): [[0, 1440]] for day in range(7)})

    assert hours_of([always], monday)[always.pk].open_minutes == hours * 60


def test_two_queries_however_many() -> None:
    hosts = [make_host(f"Host{n}") for n in range(6)]

    for some in (hosts[:1], hosts):
        with CaptureQueriesContext(connection) as seen:
            hours_of(some, MONDAY)
        assert len(seen) == 2
