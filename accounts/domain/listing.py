"""The account list: which accounts, in which order, and what stands in a row."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, IntegerField, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.domain import keyset
from accounts.domain.keyset import Order
from accounts.enums import Band, Stage
from accounts.models import Account, ScoreOrder

NOBODY = "none"
CURRENT = "current"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Sort:
    key: str
    title: Any
    order: Order
    field: str  # of a Row, that it sorts by

    @property
    def descending(self) -> bool:
        return self.order.descending


def _sorts() -> dict[str, Sort]:
    columns = (
        ("name", _("Name"), "name", Order("name")),
        ("mrr", _("MRR"), "mrr", Order("mrr")),
        ("score", _("Score"), "score", Order("by_score__score", nullable=True, pk="by_score__account")),
        ("decision", _("Decision date"), "decision_date", Order("decision_date", nullable=True)),
    )
    both = [
        Sort(f"-{key}" if descending else key, title, replace(order, descending=descending), field)
        for key, title, field, order in columns
        for descending in (False, True)
    ]
    return {sort.key: sort for sort in both}


SORTS = _sorts()
DEFAULT_SORT = SORTS["name"]


@dataclass(frozen=True)
class Filters:
    """What the reader asked for. Nothing given: every account."""

    q: str = ""
    segment: str = ""  # an id, or "none"
    bands: tuple[str, ...] = ()
    csm: str = ""  # an id, or "none"
    stage: str = ""  # a Stage, or "current"
    touch: str = ""  # a TouchModel
    mrr_from: Decimal | None = None
    mrr_to: Decimal | None = None
    decision_from: date | None = None
    decision_to: date | None = None

    def conditions(self) -> Iterable[Q]:
        if self.q:
            yield matching(self.q)
        if self.segment:
            yield Q(segment__isnull=True) if self.segment == NOBODY else Q(segment=int(self.segment))
        if self.csm:
            yield Q(csm__isnull=True) if self.csm == NOBODY else Q(csm=int(self.csm))
        if self.stage:
            yield ~Q(stage=Stage.CHURNED) if self.stage == CURRENT else Q(stage=self.stage)
        if self.touch:
            yield Q(touch_model=self.touch)
        if self.bands:
            yield _in_bands(self.bands)
        for lookup, value in (
            ("mrr__gte", self.mrr_from),
            ("mrr__lte", self.mrr_to),
            ("decision_date__gte", self.decision_from),
            ("decision_date__lte", self.decision_to),
        ):
            if value is not None:
                yield Q(**{lookup: value})

    def apply(self, accounts: QuerySet[Account] | None = None) -> QuerySet[Account]:
        accounts = Account.objects.all() if accounts is None else accounts
        return accounts.filter(*self.conditions())


def matching(text: str) -> Q:
    """Part of the name, the domain or the caller's own id: three trigram indexes."""
    return Q(name__icontains=text) | Q(domain__icontains=text) | Q(external_id__icontains=text)


def _in_bands(bands: Iterable[str]) -> Q:
    # A churned account has no band, whatever its column still says.
    return Q(band__in=list(bands)) & ~Q(stage=Stage.CHURNED)


class Row(NamedTuple):
    """A line of the list, without a model around it: fifty of them are on every page."""

    pk: int
    name: str
    domain: str
    segment_id: int | None
    csm_id: int | None
    stage: str
    band: str
    score: Decimal | None
    trend: Decimal | None
    mrr: Decimal
    decision_date: date | None
    last_contact_at: datetime | None
    open_follow_ups: int | None


def rows_of(accounts: QuerySet[Account]) -> QuerySet:
    return accounts.annotate(open_follow_ups=open_follow_ups()).values_list(*Row._fields)


def open_follow_ups() -> RawSQL:
    """How many each account has; the database counts for those alone that are on the page. Written out, because
    putting a nested query together takes longer than running it."""
    return RawSQL(
        "(SELECT count(*) FROM accounts_followup f"
        " WHERE f.account_id = accounts_account.id AND f.status IN ('open', 'snoozed'))",
        (),
        output_field=IntegerField(),
    )


# Scores are sorted as they are shown: whole, half up.
WHOLE = ScoreOrder._meta.get_field("score")


def _whole(score: Decimal | None) -> int | None:
    return None if score is None else int((score + Decimal("0.5")) // 1)


def page(filters: Filters, sort: Sort, *, after: str = "", before: str = "", size: int = PAGE_SIZE) -> keyset.Page:
    """One page of Rows. BadPositionError where `after` or `before` is not one of ours."""
    column = WHOLE if sort.field == "score" else Account._meta.get_field(sort.field)
    place = Row._fields.index(sort.field)
    return keyset.page(
        rows_of(filters.apply()),
        sort.order,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda row: (_whole(row[place]) if column is WHOLE else row[place], row[0]),
        make=Row._make,
    )


@dataclass
class Totals:
    """How many accounts there are in each band, and what they are worth."""

    bands: dict[str, int] = field(default_factory=dict)
    accounts: int = 0
    mrr: Decimal = Decimal(0)


def totals(filters: Filters) -> Totals:
    """Counts of all bands, also those not chosen; number and MRR of what is shown."""
    without_bands = Filters(**{**filters.__dict__, "bands": ()})
    accounts = without_bands.apply().order_by().annotate(churned=Q(stage=Stage.CHURNED))
    counted = accounts.values_list("band", "churned").annotate(Count("pk"), Sum("mrr"))
    result = Totals(bands=dict.fromkeys(Band.values, 0))
    for band, churned, count, mrr in counted:
        if not churned:
            result.bands[band] += count
        if not filters.bands or (band in filters.bands and not churned):
            result.accounts += count
            result.mrr += mrr
    return result
