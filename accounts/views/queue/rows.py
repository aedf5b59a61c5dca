"""Lines of the queue: fifty of them are on every page (see views/shapes.py)."""

from collections.abc import Iterable, Mapping
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
from django.utils.translation import gettext as _

from accounts.domain.followups.endings import Ending, endings_of
from accounts.domain.order import Places
from accounts.domain.queue import COUNTED, GROUP_LABELS, Group, QueuePage
from accounts.domain.retelling import title_of
from accounts.domain.wording import reason_for
from accounts.enums import FollowUpStatus, Outcome, Priority
from accounts.icons import icon
from accounts.models import User
from accounts.roles import Scope, scope
from accounts.templatetags import ui
from accounts.views.shapes import drawn, filled

OPEN_STATES = {FollowUpStatus.OPEN, FollowUpStatus.SNOOZED}
# Texts, which are escaped; and parts that are numbers or made by our own tags, which are not.
TEXTS = ("title", "reason", "account", "mrr", "why", "assignee")
PARTS = ("id", "url", "times", "account_url", "priority", "band", "due", "avatar")


@lru_cache(maxsize=64)
def shape(_code: str, broken: bool, mine: bool, repeated: bool) -> str:
    """The markup of a line in a language."""
    flags = {"broken": broken, "mine": mine, "repeated": repeated}
    return drawn("accounts/queue/row.html", (*TEXTS, *PARTS), flags)


class Lines:
    """Draws lines for one reader; what is the same for all of them is looked up once."""

    def __init__(self, user: User, now: datetime, endings: Mapping[int, Ending]) -> None:
        self.user, self.places, self.endings = user, Places(now), endings
        self.context = Context()  # what the tags ask for the reader
        self.read = ui.reader(self.context)
        self.reach = scope(user.role, "followup.work")
        self.here, self.there = _address("follow-up"), _address("accounts:detail")
        self.nobody = _("Nobody")

    def may_work(self, row: dict[str, Any]) -> bool:
        if row["status"] not in OPEN_STATES:
            return False
        if self.reach is Scope.OWN:
            return self.user.pk in {row["assignee_id"], row["account__csm_id"]}
        return self.reach is Scope.ALL

    def line(self, row: dict[str, Any]) -> SafeString:
        why, broken = self._why(row)
        markup = shape(self.read.code, broken, self.may_work(row), row["occurrences"] > 1)
        texts = {
            "title": title_of(row, self.read.code),
            "reason": reason_for(row, self.read.code),
            "account": row["account__name"],
            "mrr": self.read.money(row["account__mrr"], settings.REPORTING_CURRENCY),
            "why": why,
            "assignee": row["assignee__name"] or self.nobody,
        }
        return filled(markup, texts, self._parts(row))

    def _parts(self, row: dict[str, Any]) -> dict[str, str]:
        return {
            "id": str(row["id"]),
            "url": self.here.replace("0", str(row["id"])),
            "times": f"×{row['occurrences']}",
            "account_url": self.there.replace("0", str(row["account_id"])),
            "priority": _priority(self.read.code, row["priority"]),
            "band": ui.band(self.context, row["account__band"]),
            "due": self._time(row),
            "avatar": _avatar(row["assignee__name"]) if row["assignee__name"] else "",
        }

    def _why(self, row: dict[str, Any]) -> tuple[str, bool]:
        if row["status"] == FollowUpStatus.OPEN:
            return self.places.line(row)
        if row["status"] == FollowUpStatus.SNOOZED:
            return row["snooze_reason"], False
        if row["outcome"]:
            return str(Outcome(row["outcome"]).label), False
        return str(self.endings.get(row["id"], FollowUpStatus(row["status"]).label)), False

    def _time(self, row: dict[str, Any]) -> SafeString | str:
        if row["status"] == FollowUpStatus.SNOOZED:
            return ui.due(self.context, row["snoozed_until"])
        if row["status"] == FollowUpStatus.OPEN:
            return ui.due(self.context, row["due_at"])
        return ui.when(self.context, row["closed_at"])


_avatar = lru_cache(maxsize=256)(ui.avatar)


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


@dataclass(slots=True)
class Section:
    key: str
    label: Any
    count: str
    rows: list[SafeString]
    headed: bool = True


def sections(page: QueuePage, user: User, *, continued: Group | None = None) -> list[Section]:
    """The page's rows under their headings; one that the page before has begun gets no second heading."""
    lines = Lines(user, page.now, _endings(page))
    return [
        Section(group, GROUP_LABELS[group], count(page, group), [lines.line(r) for r in rows], group != continued)
        for group, rows in page.groups
    ]


def _endings(page: QueuePage) -> dict[int, Ending]:
    found = [row for row in page.rows if row["status"] == FollowUpStatus.CANCELED]
    return endings_of((row["id"] for row in found), {row["account_id"] for row in found})


def count(page: QueuePage, group: Group) -> str:
    number = page.counts.get(group)
    return "" if number is None else str(number) if number < COUNTED else f"{COUNTED - 1}+"


def mark(rows: Iterable[dict[str, Any]]) -> str:
    """Changes when a row comes, goes, moves to another group, or is handed to somebody else."""
    facts = sorted((row["id"], row["group"].value, row["assignee_id"] or 0) for row in rows)
    return blake2s(repr(facts).encode(), digest_size=8).hexdigest()
