"""One reader's question to the queue, and the answer with what stands around it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Min
from django.http import QueryDict
from django.utils import timezone

from accounts.domain.queue import PAGE, PARTS, Cursor, Group, QueuePage, queue_outline, queue_page
from accounts.enums import Band, Priority
from accounts.exceptions import DomainError
from accounts.forms.queue_filters import DONE, MINE, OPEN, SNOOZED, Asked, Choices, read
from accounts.http import Request
from accounts.models import FollowUp, User
from accounts.views.queue.rows import Section, mark, sections

MOST_SHOWN = 500  # what a page that has grown by "show more" gets again in one piece


def listing_of(request: Request, query: QueryDict, *, size: int = PAGE) -> "Listing":
    choices = Choices(request.user)
    asked, problems = read(query, request.user, choices)
    after = None
    if place := query.get("after", ""):
        try:
            after = Cursor.parse(str(place))
        except DomainError as refusal:
            problems.append(str(refusal))
    page = queue_page(
        asked.filters(request.user, choices),
        now=timezone.now(),
        tz=timezone.get_current_timezone(),
        after=after,
        limit=size,
    )
    return Listing(request.user, asked, problems, choices, page, after)


def outline_of(request: Request, *, size: int) -> list[dict[str, Any]]:
    """Which rows the page would have now."""
    choices = Choices(request.user)
    filters = read(request.GET, request.user, choices)[0].filters(request.user, choices)
    return queue_outline(filters, now=timezone.now(), tz=timezone.get_current_timezone(), limit=size)


def shown(text: str) -> int:
    """How many rows the open page has, as it says itself."""
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else PAGE
    return min(MOST_SHOWN, max(PAGE, wanted))


@dataclass
class Listing:
    user: User
    asked: Asked
    problems: list[str]
    choices: Choices
    page: QueuePage
    after: Cursor | None = None

    @property
    def context(self) -> dict[str, Any]:
        return {"listing": self, "asked": self.asked, "sections": self.sections(), "more_url": self.more_url()}

    def sections(self, *, continued: Group | None = None) -> list[Section]:
        return sections(self.page, self.user, continued=continued)

    @property
    def begun(self) -> Group | None:
        """The group in which the page before ended."""
        fixed = {SNOOZED: Group.SNOOZED, DONE: Group.CLOSED}.get(self.asked.state)
        return (fixed or PARTS[self.after.part].group) if self.after else None

    @property
    def mark(self) -> str:
        return mark(self.page.rows)

    def more_url(self) -> str:
        if self.page.next is None:
            return ""
        return f"/?{self.asked.query}{'&' if self.asked.query else ''}after={self.page.next}"

    # What stands around the rows: the filters that are on, what to say when there is nothing

    @cached_property
    def chips(self) -> list[tuple[str, str]]:
        """Each filter that is on, and the address without it."""
        asked, choices = self.asked, self.choices
        found: list[tuple[Any, Asked]] = []
        if asked.who.isdigit():
            found.append((choices.people[asked.who], asked.but(who=asked.default)))
        if asked.q:
            found.append((f"“{asked.q}”", asked.but(q="")))
        found += [(Band(b).label, asked.but(bands=tuple(x for x in asked.bands if x != b))) for b in asked.bands]
        if asked.kind:
            found.append((choices.kinds[asked.kind], asked.but(kind="")))
        if asked.segment:
            found.append((choices.segments[asked.segment], asked.but(segment="")))
        if asked.priority:
            found.append((Priority(int(asked.priority)).label, asked.but(priority="")))
        return [(str(label), without.url) for label, without in found]

    @cached_property
    def next_wake(self) -> Any:
        """With nothing to do: when the next snoozed one comes back."""
        if self.asked.narrowed or self.asked.state != OPEN:
            return None
        rows = FollowUp.objects.filter(status="snoozed")
        if self.asked.who == MINE:
            rows = rows.of(self.user)
        return rows.aggregate(at=Min("snoozed_until"))["at"]
