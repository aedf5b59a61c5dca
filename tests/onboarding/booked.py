"""Who books, and what they are sent."""

from icalendar import Calendar

from accounts.models import Mail
from onboarding.domain.booking import Visitor
from tests.onboarding.factories import at

MONDAY = at("2026-06-08T07:00")  # 9:00 in Paris


def ann(number: int = 1) -> Visitor:
    return Visitor(f"Ann {number}", f"ann{number}@example.com", language="en", time_zone="Europe/Paris")


def mails() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("kind", "to"))


def entry(mail: Mail):
    calendar = Calendar.from_ical(mail.attachments[0]["content"])
    [event] = calendar.walk("VEVENT")
    return calendar, event
