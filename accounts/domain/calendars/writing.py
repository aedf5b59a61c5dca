"""A feed as a file for calendar programs. The same entries make the same bytes: programs ask whether it changed."""

import unicodedata
from datetime import date, datetime, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration, vText

from accounts.models import CalendarFeed
from accounts.registry import CalendarEntry, calendar_sources

PROGRAM = "-//Tenure//Tenure//EN"
OFTEN = timedelta(hours=1)


def calendar_of(feed: CalendarFeed) -> bytes:
    """What the feed shows, in its owner's language and zone."""
    user = feed.user
    with translation.override(user.language), timezone.override(user.time_zone):
        calendar = _head(feed)
        for key in feed.sources:
            if key in calendar_sources:  # a part that was taken out leaves the others alone
                for entry in calendar_sources[key].load(user, feed.team):
                    calendar.add_component(_event(entry))
    return calendar.to_ical()


def _head(feed: CalendarFeed) -> Calendar:
    name = _("Tenure: the whole team") if feed.team else _("Tenure: %(name)s") % {"name": feed.user}
    calendar = Calendar()
    calendar.add("prodid", PROGRAM)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", vText(_plain(name)))
    calendar.add("x-wr-calname", vText(_plain(name)))
    calendar.add("x-wr-timezone", vText(str(feed.user.time_zone)))
    calendar.add("refresh-interval", vDuration(OFTEN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(OFTEN))
    return calendar


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end or _after(entry.start))
    event.add("summary", _plain(entry.title))
    event.add("status", "CANCELLED" if entry.canceled else "CONFIRMED")
    # A day on which something is to be decided keeps nobody from meeting people.
    event.add("transp", "OPAQUE" if isinstance(entry.start, datetime) and not entry.canceled else "TRANSPARENT")
    if entry.text:
        event.add("description", _plain(entry.text, keep="\n"))
    if entry.url:
        event.add("url", entry.url)
    return event


def _after(start: date) -> date:
    return start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1))


def _plain(text: str, keep: str = "") -> str:
    """Without control characters: no calendar program has a use for them, and lines are the format's own."""
    return "".join(c if c in keep or unicodedata.category(c) not in {"Cc", "Cs"} else " " for c in text)
