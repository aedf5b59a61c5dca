"""Which follow-ups somebody wants to see, and from where on."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.queue.groups import PARTS, Group
from accounts.exceptions import DomainError


@dataclass(frozen=True)
class QueueFilters:
    """What the reader asked for. Empty means no restriction."""

    assignee: int | None = None
    team_of: int | None = None  # a manager's people, and the manager
    unassigned: bool = False
    kinds: Sequence[str] = ()
    playbooks: Sequence[int | None] = ()  # the same by id, as an index has it; None: written by hand
    bands: Sequence[str] = ()
    segments: Sequence[int] = ()
    priorities: Sequence[int] = ()
    account: int | None = None
    ids: Sequence[int] = ()
    text: str = ""  # in the title, or the account's name
    snoozed: bool = False  # the sleeping ones instead of those to do
    closed: bool = False  # what was done or canceled lately instead

    def of(self, ids: Sequence[int]) -> "QueueFilters":
        """The same question about these rows only. No ids: nothing, not everything."""
        return replace(self, ids=list(ids) or [0])


class Cursor(NamedTuple):
    """Where a page ended. `as_of` keeps the order of the first page while the clock moves on."""

    as_of: datetime
    part: int
    score: float
    id: int

    def __str__(self) -> str:
        values = [self.as_of.isoformat(), self.part, self.score, self.id]
        return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """DomainError for what no page of ours has given out."""
        try:
            as_of, part, score, pk = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            cursor = cls(datetime.fromisoformat(as_of), int(part), float(score), int(pk))
        except (ValueError, TypeError, OverflowError):
            cursor = None
        if cursor is None or not cursor.plausible():
            raise DomainError(_("This page does not exist any more."), code="cursor_wrong", status=400)
        return cursor

    def plausible(self) -> bool:
        recent = self.as_of.tzinfo is not None and abs(timezone.now() - self.as_of) < timedelta(days=30)
        return recent and 0 <= self.part < len(PARTS) and abs(self.id) < 2**63


@dataclass
class QueuePage:
    rows: list[dict[str, Any]]
    now: datetime
    next: Cursor | None = None
    counts: dict[Group, int] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[Group, list[dict[str, Any]]]]:
        """The rows under their headings, in order; a group without rows on this page is left out."""
        found: dict[Group, list[dict[str, Any]]] = {}
        for row in self.rows:
            found.setdefault(row["group"], []).append(row)
        return list(found.items())

    @property
    def total(self) -> int:
        return sum(self.counts.values())
