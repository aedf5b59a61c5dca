"""Renewals as the pages show them: by quarter, by stage, by month, those that are overdue or disputed; hit rates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Case, CharField, Count, DecimalField, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Power, TruncQuarter
from django.utils import timezone

from accounts.domain.anniversaries import anniversary
from accounts.domain.listing import matching
from accounts.domain.metrics.months import following
from accounts.domain.renewals.rules import all_odds, odds_of_renewal
from accounts.enums import RenewalStage as Stage
from accounts.models import Account, Renewal

ZERO = Decimal(0)
MONEY = DecimalField(max_digits=20, decimal_places=8)
CHANCE = DecimalField(max_digits=4, decimal_places=3)
OPEN, DECIDED = "open", "decided"
# On the board a decided term stays in sight for so long.
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Filters:
    """Whose renewals, and which. Empty means no restriction."""

    csm: int | None = None
    team_of: int | None = None  # a manager's people, and the manager
    unassigned: bool = False  # nobody's
    segment: int | None = None
    without_segment: bool = False
    bands: Sequence[str] = ()
    account: int | None = None
    stage: str = ""  # one of Stage, OPEN or DECIDED
    monthly: bool | None = None
    text: str = ""  # a part of the account's name, domain or id

    @property
    def where(self) -> Q:
        where = Q()
        if self.csm:
            where &= Q(account__csm=self.csm)
        if self.team_of:
            where &= Q(account__csm=self.team_of) | Q(account__csm__manager=self.team_of)
        if self.segment:
            where &= Q(account__segment=self.segment)
        if self.bands:
            where &= Q(account__band__in=self.bands)
        if self.account:
            where &= Q(account=self.account)
        return where & self._also

    @property
    def _also(self) -> Q:
        where = Q()
        if self.unassigned:
            where &= Q(account__csm__isnull=True)
        if self.without_segment:
            where &= Q(account__segment__isnull=True)
        if self.stage in {OPEN, DECIDED}:
            where &= Q(decided_at__isnull=self.stage == OPEN)
        elif self.stage:
            where &= Q(stage=Stage(self.stage).value)
        if self.monthly is not None:
            where &= Q(monthly=self.monthly)
        if self.text:
            where &= Q(account__in=Account.objects.filter(matching(self.text)))
        return where


EVERYTHING = Filters()

# A decided term is worth what was at stake then; an open one what its subscription is worth now.
WORTH = Coalesce("mrr", "subscription__mrr", output_field=MONEY)
SOURCE = Case(
    When(decided_at__isnull=False, then=Value("decided")),
    When(call_probability__isnull=False, then=Value("call")),
    default=Value("band"),
    output_field=CharField(),
)
DISPUTED = Q(decided_at__isnull=True, disagreement_since__isnull=False, settled_at__isnull=True)


def _odds() -> Case:
    by_band = Case(
        *(When(account__band=band, then=Value(odds)) for band, odds in all_odds().items()), output_field=CHANCE
    )
    return Case(
        When(stage=Stage.LOST, then=Value(ZERO)),
        When(decided_at__isnull=False, then=Value(Decimal(1))),
        default=Coalesce("call_probability", by_band, output_field=CHANCE),
        output_field=CHANCE,
    )


def probability_of(row: Renewal) -> tuple[Decimal, str]:
    """How likely it renews and who says so: "decided", "call" (the CSM) or "band" (their health)."""
    if row.decided_at:
        return (ZERO if row.stage == Stage.LOST else Decimal(1)), "decided"
    if row.call_probability is not None:
        return row.call_probability, "call"
    return odds_of_renewal(row.account.band), "band"


def figures(filters: Filters = EVERYTHING) -> QuerySet[Renewal]:
    """With `worth`, `probability`, `source` and `band`, and nothing else of other tables."""
    rows = Renewal.objects.filter(filters.where)
    return rows.annotate(worth=WORTH, probability=_odds(), source=SOURCE, band=F("account__band"))


def rows(filters: Filters = EVERYTHING) -> QuerySet[Renewal]:
    """With everything a page shows of each: account, segment, CSM, subscription, plan, who called and decided."""
    related = ("account__csm", "account__segment", "subscription__plan", "call_by", "decided_by")
    return figures(filters).select_related(*related)


def one(pk: int) -> Renewal | None:
    return rows().filter(pk=pk).first()


def of_account(account_id: int) -> QuerySet[Renewal]:
    """Those to be decided first, then what was, latest first."""
    return _first_open(rows(Filters(account=account_id)))


def _first_open(found: QuerySet[Renewal]) -> QuerySet[Renewal]:
    return found.order_by(F("decided_at").desc(nulls_first=True), "decision_date", "pk")


# Calendar and quarters --------------------------------------------------------------------------------


def month(day: date, filters: Filters = EVERYTHING) -> QuerySet[Renewal]:
    """Decision dates of that month, in order."""
    return between(day.replace(day=1), following(day), filters)


def between(first: date, until: date, filters: Filters = EVERYTHING) -> QuerySet[Renewal]:
    """Decision dates in [first, until), in order."""
    found = rows(filters).filter(decision_date__gte=first, decision_date__lt=until)
    return found.order_by("decision_date", "pk")


@dataclass(frozen=True)
class Quarter:
    first: date
    until: date
    count: int = 0
    open: int = 0
    worth: Decimal = ZERO  # Σ MRR
    expected: Decimal = ZERO  # decided at their outcome, open ones × their probability

    @property
    def number(self) -> int:
        return (self.first.month + 2) // 3


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def quarters(day: date, count: int = 4, filters: Filters = EVERYTHING) -> list[Quarter]:
    """The quarter of that day and those after it, with their sums by decision date. One query."""
    starts = [anniversary(quarter_of(day), 3 * number) for number in range(count + 1)]
    found = figures(filters).filter(decision_date__gte=starts[0], decision_date__lt=starts[-1])
    by_quarter = found.values_list(TruncQuarter("decision_date")).annotate(
        number=Count("pk"),
        undecided=Count("pk", filter=Q(decided_at__isnull=True)),
        total=Sum("worth", default=ZERO, output_field=MONEY),
        expected=Sum(EXPECTED, default=ZERO, output_field=MONEY),
    )
    sums = {first: rest for first, *rest in by_quarter.order_by()}
    return [Quarter(first, until, *sums.get(first, ())) for first, until in pairwise(starts)]


EXPECTED = Coalesce("outcome_mrr", F("worth") * F("probability"), output_field=MONEY)


# The board --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    stage: Stage
    count: int = 0
    worth: Decimal = ZERO
    rows: list[Renewal] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def board(
    filters: Filters = EVERYTHING, *, until: date | None = None, most: int = 30, decided: int = 30
) -> list[Column]:
    """A column for each stage, the next to be decided on top; of the decided ones, those of the last weeks.
    `until`: only decision dates before that day; `most` and `decided`: so many rows of each."""
    # Two questions, each with an index of its own: together they would read every term there ever was.
    waiting = Q(decided_at__isnull=True, stage__in=Stage.open())
    if until:
        waiting &= Q(decision_date__lt=until)
    lately = Q(decided_at__gte=timezone.now() - LATELY)
    sums = _sums(filters, waiting) | _sums(filters, lately)
    found = Renewal.objects.filter(filters.where)
    on_top = {
        stage: _in_order(found.filter(lately), stage)[:decided]
        if stage in Stage.decided()
        else _in_order(found.filter(waiting), stage)[:most]
        for stage in Stage
        if stage in sums
    }
    shown = _shown(on_top)
    return [Column(stage, *sums.get(stage, (0, ZERO)), shown[stage]) for stage in Stage]


def _shown(on_top: dict[Stage, QuerySet[Renewal]]) -> dict[Stage, list[Renewal]]:
    """Which they are is one question, and what is shown of them another: a wide one, asked once for all columns."""
    shown: dict[Stage, list[Renewal]] = {stage: [] for stage in Stage}
    if on_top:
        first, *others = (top.values_list("pk", flat=True) for top in on_top.values())
        for row in _first_open(rows().filter(pk__in=[*first.union(*others, all=True)])):
            shown[Stage(row.stage)].append(row)
    return shown


def _sums(filters: Filters, shown: Q) -> dict[str, tuple[int, Decimal]]:
    total = Sum("worth", default=ZERO, output_field=MONEY)
    by_stage = figures(filters).filter(shown).values_list("stage").annotate(n=Count("pk"), total=total)
    return {stage: (count, worth) for stage, count, worth in by_stage.order_by()}


def _in_order(found: QuerySet[Renewal], stage: Stage) -> QuerySet[Renewal]:
    order = ("-decided_at", "pk") if stage in Stage.decided() else ("decision_date", "pk")
    return found.filter(stage=stage).order_by(*order)


# What wants somebody's eye ----------------------------------------------------------------------------


def over(today: date) -> Q:
    """Past its end, and nobody has decided. Stage and decision date say nothing new: they name the board's index, which
    is of undecided terms alone."""
    late = Q(stage__in=Stage.open(), decision_date__lt=today)
    return Q(decided_at__isnull=True, ends_on__lt=today) & late


def overdue(filters: Filters = EVERYTHING, today: date | None = None) -> QuerySet[Renewal]:
    """Terms that are over and were never decided."""
    return rows(filters).filter(over(today or timezone.localdate())).order_by("ends_on", "pk")


def disagreements(filters: Filters = EVERYTHING) -> QuerySet[Renewal]:
    """To be settled, the most urgent first."""
    return rows(filters).filter(DISPUTED).order_by("settle_by", "pk")


@dataclass(frozen=True)
class HitRate:
    """How often one side was right: it said 50 % or more, and the term was won, or less, and it was lost."""

    side: str  # model, call, intent
    number: int
    hits: int
    brier: float | None  # mean squared error of its probabilities; 0 is perfect, a coin has 0.25

    @property
    def share(self) -> float | None:
        return self.hits / self.number if self.number else None


SIDES = ("model", "call", "intent")


def hit_rates(filters: Filters = EVERYTHING, *, since: datetime | None = None, disputed: bool = False) -> list[HitRate]:
    """Of the decided terms about which each side had said something; `disputed`: of those they disagreed on."""
    found = Renewal.objects.decided().filter(filters.where)
    if since:
        found = found.filter(decided_at__gte=since)
    if disputed:
        found = found.filter(disagreement_since__isnull=False)
    won = Case(When(stage=Stage.LOST, then=Value(0.0)), default=Value(1.0), output_field=FloatField())
    sums: dict[str, Any] = {}
    for side in SIDES:
        name = f"{side}_probability"
        right = ~Q(stage=Stage.LOST) & Q(**{f"{name}__gte": 0.5}) | Q(stage=Stage.LOST) & Q(**{f"{name}__lt": 0.5})
        error = Power(won - F(name), 2, output_field=FloatField())
        sums |= {
            f"{side}_number": Count(name),
            f"{side}_hits": Count("pk", filter=right),
            f"{side}_error": Sum(error, filter=Q(**{f"{name}__isnull": False}), output_field=FloatField()),
        }
    got = found.aggregate(**sums)
    return [
        HitRate(
            side,
            got[f"{side}_number"],
            got[f"{side}_hits"],
            got[f"{side}_error"] / got[f"{side}_number"] if got[f"{side}_number"] else None,
        )
        for side in SIDES
    ]
