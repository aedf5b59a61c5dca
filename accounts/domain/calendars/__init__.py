"""Private calendar addresses that people's calendar programs subscribe to (iCalendar, RFC 5545)."""

from accounts.domain.calendars.feeds import address_of, digest, find_feed, make_feed, note_read, revoke_feed
from accounts.domain.calendars.writing import calendar_of

__all__ = ["address_of", "calendar_of", "digest", "find_feed", "make_feed", "note_read", "revoke_feed"]
