"""Many book, move and cancel at once, over real connections: nobody waits in a circle, and seats are counted right."""

from datetime import timedelta

import pytest

from onboarding.domain import booking, moving
from onboarding.models import Session
from tests.accounts.test_dispatch_races import at_once, kinds_of
from tests.onboarding.booked import MONDAY, ann
from tests.onboarding.factories import NOW, make_host, make_type

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MONDAY + timedelta(hours=1)


def test_who_change_places_in_a_group_while_others_book_it_all_have_a_seat(time_machine):
    time_machine.move_to(NOW)
    kind = make_type(make_host(), seats=30)
    early = [booking.book(kind, MONDAY, ann(n)) for n in range(4)]
    late = [booking.book(kind, LATER, ann(10 + n)) for n in range(4)]

    def work(n):
        if n % 3 == 0:
            return moving.move(early[n // 3], LATER)
        if n % 3 == 1:
            return moving.move(late[n // 3], MONDAY)
        return booking.book(kind, (MONDAY, LATER)[n % 2], ann(100 + n))

    assert kinds_of(at_once(work, 12)) == {"Seat": 12}
    assert counted() == [(6, 6), (6, 6)]


def counted() -> list[tuple[int, int]]:
    sessions = Session.objects.order_by("starts_at")
    return [(s.seats_taken, s.attendees.exclude(status="canceled").count()) for s in sessions]
