"""Pages of sessions: what can be booked, whose hours, and what customers see of it."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from onboarding.domain.letters import path_of
from onboarding.models import Schedule, Seat, SessionType


def session_pages() -> Iterator[tuple[str, str]]:
    yield "session-types", reverse("onboarding:session_types")
    yield "session-type-new", reverse("onboarding:session_type_add")
    asking = SessionType.objects.exclude(questions=[]).order_by("pk").first()
    if asking:
        yield "session-type", reverse("onboarding:session_type", args=[asking.pk])
        yield "book-questions", reverse("book", args=[asking.slug])
    yield "my-hours", reverse("onboarding:my_hours")
    yield "hours-team", reverse("onboarding:hours_team")
    host = Schedule.objects.filter(user__busy_calendars__failing_since__isnull=False).first()
    if host:
        yield "hours-of", reverse("onboarding:hours_of", args=[host.user_id])
    for kind in SessionType.objects.filter(public=True, active=True, questions=[]).order_by("pk"):
        yield f"book-{kind.slug}", reverse("book", args=[kind.slug]) + "?tz=Europe/Paris"
    yield from _bookings()


def _bookings() -> Iterator[tuple[str, str]]:
    seats = Seat.objects.select_related("session").order_by("pk")
    coming = seats.filter(session__starts_at__gt=timezone.now(), session__status="confirmed").first()
    if coming:
        yield "booking", path_of(coming)
        yield "booking-move", f"{path_of(coming)}move/"
        yield "booking-cancel", f"{path_of(coming)}cancel/"
    if canceled := seats.filter(session__status="canceled").first():
        yield "booking-canceled", path_of(canceled)
