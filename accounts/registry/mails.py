"""Mails, personal links and calendars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class MailKind:
    """A kind of mail. One that asks something of people (`asks`) can be unsubscribed from in the mail program, and is
    not sent to addresses that have opted out. `sent` and `bounced` tell the owning app what became of its mails (a
    list of models.Mail), inside the transaction that marks them."""

    name: str
    title: Text
    asks: bool = False
    sent: Callable[[Sequence[Any]], None] | None = None
    bounced: Callable[[Sequence[Any]], None] | None = None


@dataclass(frozen=True)
class LinkPurpose:
    """What a contact's personal link is for; `url_name` takes the token. `days`: how long it works (None: until it is
    revoked). Links of people who have left their company stop working, unless `for_leavers`."""

    name: str
    title: Text
    url_name: str
    days: int | None = None
    for_leavers: bool = False


@dataclass(frozen=True)
class CalendarEntry:
    """Something that stands in a subscribed calendar. Its `uid` is for life; `sequence` rises with every change that
    moves it. A day stands for the whole day; an instant has an `end`."""

    uid: str
    sequence: int
    start: date  # or a datetime
    title: str
    changed_at: datetime
    text: str = ""
    url: str = ""
    end: date | None = None
    canceled: bool = False


@dataclass(frozen=True)
class CalendarSource:
    """What people can have in the calendars they subscribe to: `load(user, team)` answers with its entries, in the
    language and zone that are active; `team` asks for everybody's, not the user's own alone."""

    key: str
    title: Text
    load: Callable[[Any, bool], Sequence[CalendarEntry]]
    position: int = 100


mail_kinds: Registry[MailKind] = Registry("mail kind", lambda m: m.name)
link_purposes: Registry[LinkPurpose] = Registry("link purpose", lambda p: p.name)
calendar_sources: Registry[CalendarSource] = Registry("calendar source", lambda s: s.key)
