"""Checklists as the board and its list show them: on track, behind, stuck, and the step each stands at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.domain import keyset
from accounts.domain.keyset import Order
from accounts.domain.listing import matching
from accounts.models import Account
from onboarding.domain.wording import in_language
from onboarding.enums import ChecklistStatus, SeatStatus, StepState
from onboarding.models import Checklist, ChecklistStep, Seat

STUCK, BEHIND, ON_TRACK = "stuck", "behind", "track"
# What wants somebody's eye first stands first.
LANES = (STUCK, BEHIND, ON_TRACK)
RUNNING = Q(status=ChecklistStatus.RUNNING)
# Each lane as its index has it (models.Checklist), in the order it is read in.
IN_LANE = {
    STUCK: RUNNING & Q(stuck_since__isnull=False),
    BEHIND: RUNNING & Q(stuck_since__isnull=True, behind_since__isnull=False),
    ON_TRACK: RUNNING & Q(stuck_since__isnull=True, behind_since__isnull=True),
}
ORDER = {
    STUCK: Order("stuck_since"),
    BEHIND: Order("behind_since"),
    ON_TRACK: Order("next_due_on", nullable=True),
}
NEWEST = Order("started_at", descending=True)
BINS = 10  # of the engagement score, as the report draws it


@dataclass(frozen=True)
class Filters:
    """Whose checklists, and of which customers. Empty means no restriction."""

    csm: int | None = None
    unassigned: bool = False
    segment: int | None = None
    without_segment: bool = False
    touch: str = ""
    without_touch: bool = False
    template: int | None = None
    text: str = ""  # a part of the account's name, domain or id

    @property
    def where(self) -> Q:
        where = self.of_account
        return where & Q(version__template=self.template) if self.template else where

    @property
    def of_account(self) -> Q:
        """Of anything that has an account."""
        return self._on("account__", "account__in")

    @property
    def accounts(self) -> Q:
        """Of the accounts themselves."""
        return self._on("", "pk__in")

    def _on(self, prefix: str, within: str) -> Q:
        asked: dict[str, Any] = {}
        if self.csm:
            asked["csm"] = self.csm
        if self.unassigned:
            asked["csm__isnull"] = True
        if self.segment:
            asked["segment"] = self.segment
        if self.without_segment:
            asked["segment__isnull"] = True
        if self.touch or self.without_touch:
            asked["touch_model"] = self.touch
        where = Q(**{f"{prefix}{name}": value for name, value in asked.items()})
        return where & Q(**{within: Account.objects.filter(matching(self.text))}) if self.text else where


EVERYTHING = Filters()


# The board ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class At:
    """The step a checklist stands at: of those that are open, the one due first."""

    key: str
    title: str
    owner: str
    due_on: date | None
    since: datetime | None


@dataclass(frozen=True)
class Card:
    checklist: Checklist
    at: At | None
    lane: str


@dataclass(frozen=True)
class Lane:
    key: str
    count: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def board(filters: Filters = EVERYTHING, *, most: int = 20) -> list[Lane]:
    """Three columns with their counts, in five queries, however many there are."""
    counted = counts(filters)
    found = {lane: list(_in_order(filters, lane)[:most]) if counted[lane] else [] for lane in LANES}
    steps = steps_at([row.pk for rows in found.values() for row in rows])
    return [Lane(lane, counted[lane], [Card(row, steps.get(row.pk), lane) for row in found[lane]]) for lane in LANES]


def counts(filters: Filters = EVERYTHING) -> dict[str, int]:
    running = Checklist.objects.filter(RUNNING, filters.where)
    return running.aggregate(**{lane: Count("pk", filter=IN_LANE[lane]) for lane in LANES})


def _in_order(filters: Filters, lane: str) -> QuerySet[Checklist]:
    # PostgreSQL has those without a date last by itself.
    return rows(filters).filter(IN_LANE[lane]).order_by(ORDER[lane].column, "pk")


def rows(filters: Filters = EVERYTHING) -> QuerySet[Checklist]:
    related = ("account__csm", "account__segment", "version__template")
    return Checklist.objects.filter(filters.where).select_related(*related)


def lane_of(checklist: Checklist) -> str:
    """ "" for one that is not running."""
    if checklist.status != ChecklistStatus.RUNNING:
        return ""
    return STUCK if checklist.stuck_since else BEHIND if checklist.behind_since else ON_TRACK


def steps_at(checklists: Sequence[int]) -> dict[int, At]:
    """Where each stands, in one query. Those with nothing open stand nowhere."""
    if not checklists:
        return {}
    open_steps = ChecklistStep.objects.filter(checklist__in=checklists, state=StepState.OPEN)
    first = open_steps.order_by(
        "checklist_id", "-step__required", F("due_on").asc(nulls_last=True), "step__position", "pk"
    )
    columns = ("checklist_id", "step__key", "step__texts", "step__owner", "due_on", "opened_at")
    return {
        pk: At(key, in_language(texts, "title") or key, owner, due_on, since)
        for pk, key, texts, owner, due_on, since in first.distinct("checklist_id").values_list(*columns)
    }


# The list: what the board has no room for, and the accounts behind each figure of the reports ------------------


@dataclass(frozen=True)
class Which:
    """Of the filtered checklists, those that a figure counts."""

    state: str = ""  # a lane, or a word of STATES
    started_from: datetime | None = None
    started_until: datetime | None = None
    attended: bool | None = None  # a session since the start
    engagement: int | None = None  # the bin of the report's chart: 0 is [0, 10), the last one has 100 too
    step: str = ""  # a step's key …
    at: str = ""  # … and what about it: a word of AT

    @property
    def where(self) -> Q:
        where = STATES[self.state]
        if self.started_from:
            where &= Q(started_at__gte=self.started_from)
        if self.started_until:
            where &= Q(started_at__lt=self.started_until)
        if self.attended is not None:
            where &= ATTENDED if self.attended else ~ATTENDED
        if self.engagement is not None:
            where &= in_bin(self.engagement)
        return where & self._of_step if self.step else where

    @property
    def _of_step(self) -> Q:
        if self.at == "here":
            return Q(pk__in=standing_at(self.step))
        about = ChecklistStep.objects.filter(checklist=OuterRef("pk"), step__key=self.step)
        return Q(Exists(about.filter(AT[self.at])))


ATTENDED = Q(
    Exists(
        Seat.objects.filter(
            contact__account=OuterRef("account"),
            status=SeatStatus.ATTENDED,
            session__starts_at__gte=OuterRef("started_at"),
        )
    )
)
STATES: dict[str, Q] = {
    "": Q(),
    "running": RUNNING,
    **IN_LANE,
    "activated": Q(activated_at__isnull=False),
    "waiting": RUNNING & Q(activated_at__isnull=True),
    "finished": Q(status=ChecklistStatus.FINISHED),
    "unfinished": ~Q(status=ChecklistStatus.FINISHED),
    "canceled": Q(status=ChecklistStatus.CANCELED),
}
AT: dict[str, Q] = {
    "": Q(),
    "reached": ~Q(state__in=[StepState.BLOCKED, StepState.NOT_APPLICABLE]),
    "done": Q(state=StepState.DONE),
    "left": Q(state__in=[StepState.SKIPPED, StepState.NOT_APPLICABLE]),
    "open": Q(state=StepState.OPEN),
    "here": Q(),  # it is the one that is due first: see standing_at()
}


def in_bin(number: int) -> Q:
    width = 100 // BINS
    low, high = number * width, (number + 1) * width
    return Q(engagement__gte=low) & (Q(engagement__lte=high) if number == BINS - 1 else Q(engagement__lt=high))


def standing_at(key: str) -> QuerySet:
    """The running checklists whose first open step this is."""
    open_steps = ChecklistStep.objects.filter(state=StepState.OPEN, checklist__status=ChecklistStatus.RUNNING)
    first = open_steps.order_by(
        "checklist_id", "-step__required", F("due_on").asc(nulls_last=True), "step__position", "pk"
    )
    at = ChecklistStep.objects.filter(pk__in=first.distinct("checklist_id").values("pk"), step__key=key)
    return at.values("checklist")


def page(filters: Filters, which: Which, *, after: str = "", before: str = "", size: int = 40) -> keyset.Page:
    """A lane in the board's order, anything else newest first. BadPositionError for a damaged address."""
    order = ORDER.get(which.state, NEWEST)
    column = Checklist._meta.get_field(order.column)
    found = keyset.page(
        rows(filters).filter(which.where),
        order,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda row: (getattr(row, order.column), row.pk),
    )
    return replace(found, rows=cards_of(found.rows))


def cards_of(found: Iterable[Checklist]) -> list[Card]:
    listed = list(found)
    steps = steps_at([row.pk for row in listed])
    return [Card(row, steps.get(row.pk), lane_of(row)) for row in listed]


def overdue_days(card: Card, now: datetime | None = None) -> int:
    """Days past its due date in the account's zone (O7); below 1: not late."""
    if card.at is None or card.at.due_on is None:
        return 0
    today = (now or timezone.now()).astimezone(card.checklist.account.time_zone).date()
    return (today - card.at.due_on).days
