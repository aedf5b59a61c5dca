"""Lines of the queue, every text prepared: fifty of them are on a page, and the template only puts them in place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2s
from typing import Any

from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain.order import why_here
from accounts.domain.queue import COUNTED, GROUP_LABELS, Group, QueuePage
from accounts.enums import FollowUpStatus, Outcome, Priority
from accounts.icons import icon
from accounts.models import User
from accounts.roles import Scope, scope
from accounts.templatetags import ui


@dataclass(slots=True)
class Row:
    id: int
    url: str
    title: str
    reason: str
    times: str
    times_title: str
    priority: SafeString | str
    account: str
    account_url: str
    band: SafeString | str
    mrr: str
    due: SafeString | str
    why: str
    detail: str
    broken: bool
    assignee: str
    avatar: SafeString | str
    mine: bool


@dataclass(slots=True)
class Section:
    key: str
    label: Any
    count: str
    rows: list[Row]
    headed: bool = True


class Lines:
    """Makes rows for one reader; what is the same for all of them is looked up once."""

    def __init__(self, user: User, now: datetime) -> None:
        self.user, self.now = user, now
        self.context = Context()  # what the tags ask for the reader
        self.read = ui.reader(self.context)
        self.reach = scope(user.role, "followup.work")
        self.here = _address("follow-up")
        self.there = _address("accounts:detail")

    def may_work(self, row: dict[str, Any]) -> bool:
        if self.reach is Scope.OWN:
            return self.user.pk in {row["assignee_id"], row["account__csm_id"]}
        return self.reach is Scope.ALL

    def line(self, row: dict[str, Any]) -> Row:
        why, detail, broken = self._why(row)
        return Row(
            id=row["id"],
            url=self.here.replace("0", str(row["id"])),
            title=row["title"],
            reason=row["reason"],
            times=f"×{row['occurrences']}" if row["occurrences"] > 1 else "",
            times_title=_times(row["occurrences"]),
            priority=_priority(self.read.code, row["priority"]),
            account=row["account__name"],
            account_url=self.there.replace("0", str(row["account_id"])),
            band=ui.band(self.context, row["account__band"]),
            mrr=self.read.money(row["account__mrr"], settings.REPORTING_CURRENCY),
            due=self._time(row),
            why=why,
            detail=detail,
            broken=broken,
            assignee=row["assignee__name"] or _("Nobody"),
            avatar=_avatar(row["assignee__name"]) if row["assignee__name"] else "",
            mine=self.may_work(row),
        )

    def _why(self, row: dict[str, Any]) -> tuple[str, str, bool]:
        if row["status"] == FollowUpStatus.OPEN:
            return tuple(why_here(row, self.now))  # type: ignore[return-value]
        if row["status"] == FollowUpStatus.SNOOZED:
            return row["snooze_reason"], "", False
        return str(Outcome(row["outcome"]).label) if row["outcome"] else _("Canceled"), "", False

    def _time(self, row: dict[str, Any]) -> SafeString | str:
        if row["status"] == FollowUpStatus.SNOOZED:
            return ui.due(self.context, row["snoozed_until"])
        if row["status"] == FollowUpStatus.OPEN:
            return ui.due(self.context, row["due_at"])
        return ui.when(self.context, row["closed_at"])


_avatar = lru_cache(maxsize=256)(ui.avatar)


def _times(number: int) -> str:
    return ngettext("It happened %(n)s time", "It happened %(n)s times", number) % {"n": number} if number > 1 else ""


def _address(name: str) -> str:
    """With a 0 where the id goes: reverse() for every row would cost more than the row."""
    return reverse(name, args=[0]) if ui.url_or(name, 0) else "#0"


MARKS = {Priority.URGENT: ("alert", "red"), Priority.HIGH: ("arrow-up", "yellow"), Priority.LOW: ("arrow-down", "grey")}


@lru_cache(maxsize=32)
def _priority(code: str, value: int) -> SafeString | str:
    """Normal is normal: only the others are marked, with shape, colour and word."""
    if value not in MARKS:
        return ""
    name, tone = MARKS[Priority(value)]
    return format_html(
        '<span class="tone-{0} mark" title="{1}">{2}<span class="visually-hidden">{1}:</span></span>',
        tone,
        Priority(value).label,
        icon(name),
    )


def sections(page: QueuePage, user: User, *, continued: Group | None = None) -> list[Section]:
    """The page's rows under their headings; one that the page before has begun gets no second heading."""
    lines = Lines(user, page.now)
    return [
        Section(group, GROUP_LABELS[group], count(page, group), [lines.line(r) for r in rows], group != continued)
        for group, rows in page.groups
    ]


def count(page: QueuePage, group: Group) -> str:
    number = page.counts.get(group)
    return "" if number is None else written(number)


def written(number: int) -> str:
    return f"{formats.number(number)}+" if number >= COUNTED else formats.number(number)


def mark(rows: Iterable[dict[str, Any]]) -> str:
    """Changes when a row comes, goes, moves to another group, or is handed to somebody else."""
    facts = sorted((row["id"], row["group"].value, row["assignee_id"] or 0) for row in rows)
    return blake2s(repr(facts).encode(), digest_size=8).hexdigest()
