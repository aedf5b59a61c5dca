"""How many started, got first value, finished; how long that took; who came to sessions; whom they invited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Func, Q, Value
from django.utils import timezone

from accounts.domain.metrics.intervals import Interval, share
from accounts.models import Contact
from onboarding.domain.board import BINS, IN_LANE, in_bin
from onboarding.domain.reports.cohort import Cohort
from onboarding.domain.reports.survival import Curve, Moment, curve, median_of
from onboarding.enums import ChecklistStatus, SeatStatus, SessionStatus
from onboarding.models import Invitation


@dataclass(frozen=True)
class Totals:
    started: int = 0
    running: int = 0
    finished: int = 0
    canceled: int = 0
    activated: int = 0
    stuck: int = 0
    behind: int = 0
    engagement: float | None = None  # mean

    @property
    def activation(self) -> Interval:
        return share(self.activated, self.started)

    @property
    def completion(self) -> Interval:
        return share(self.finished, self.started)


COUNTED = {
    "started": Q(),
    **{status.value: Q(status=status) for status in ChecklistStatus},
    "activated": Q(activated_at__isnull=False),
    "stuck": IN_LANE["stuck"],
    "behind": IN_LANE["behind"],
}
SUMS: dict[str, Any] = {name: Count("pk", filter=which) for name, which in COUNTED.items()}
SUMS["engaged"] = Avg("engagement")


def totals(cohort: Cohort) -> Totals:
    return _totals(cohort.checklists.aggregate(**SUMS))


def _totals(found: dict[str, Any]) -> Totals:
    engaged = found.pop("engaged")
    return Totals(**found, engagement=None if engaged is None else float(engaged))


# Time to first value (O6) -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimeToValue:
    """In hours."""

    activated: int = 0
    waiting: int = 0  # not activated yet: watched until now, until the end of their checklist
    median_activated: float | None = None
    curve: Curve = field(default_factory=lambda: Curve([]))

    @property
    def km_median(self) -> float | None:
        return self.curve.median


# To the minute. One that was given up is watched no longer than anything happened on it; what happened before the
# start took no time.
MOMENTS = """
with mine as ({cohort}),
watched as (
    select part, activated_at is not null as arrived, round(greatest(extract(epoch from coalesce(
        activated_at, finished_at, case when status = 'canceled' then last_progress_at end, %s) - started_at), 0) / 60)
        / 60.0 as hours
    from mine
), counted as (
    select part, hours, count(*) as n, count(*) filter (where arrived) as arrived from watched group by part, hours
), risks as (
    select part, hours, arrived, sum(n) over (partition by part order by hours desc) as at_risk from counted
)
select part, hours::float, arrived, at_risk::int from risks where arrived > 0
union all select part, -1, 0, count(*)::int from watched group by part
order by 1, 2
"""


def time_to_value(cohort: Cohort) -> TimeToValue:
    return _times(cohort, Value("")).get("", TimeToValue())


def _times(cohort: Cohort, part: Any) -> dict[Any, TimeToValue]:
    """By part: counted by the database, however many there are."""
    columns = ("part", "started_at", "activated_at", "finished_at", "last_progress_at", "status")
    sql, params = cohort.checklists.order_by().annotate(part=part).values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MOMENTS.format(cohort=sql), [*params, timezone.now()])
        found: dict[Any, list[Any]] = {}
        for key, *row in cursor.fetchall():
            found.setdefault(key, []).append(row)
    return {key: _time_to_value(rows[0][2], [Moment(*row) for row in rows[1:]]) for key, rows in found.items()}


def _time_to_value(everybody: int, found: Sequence[Moment]) -> TimeToValue:
    arrived = sum(one.arrived for one in found)
    return TimeToValue(arrived, everybody - arrived, median_of(found), curve(found))


# Engagement -------------------------------------------------------------------------------------------------


def engagement(cohort: Cohort) -> list[int]:
    """How many have a score in each tenth; the last one has 100 too."""
    found = cohort.checklists.aggregate(**{str(n): Count("pk", filter=in_bin(n)) for n in range(BINS)})
    return [found[str(n)] for n in range(BINS)]


# Sessions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attendance:
    """Of seats in sessions of the period that have begun."""

    attended: int = 0
    no_show: int = 0
    canceled: int = 0
    unmarked: int = 0
    ahead: int = 0

    @property
    def rate(self) -> Interval:
        return share(self.attended, self.attended + self.no_show)

    @property
    def missed(self) -> Interval:
        return share(self.no_show, self.attended + self.no_show)

    @property
    def any(self) -> bool:
        return bool(self.attended or self.no_show or self.canceled or self.unmarked or self.ahead)


def attendance(cohort: Cohort) -> Attendance:
    begun = Q(session__starts_at__lte=timezone.now())
    booked = Q(status=SeatStatus.BOOKED)
    seats = cohort.seats.exclude(session__status=SessionStatus.HELD)
    return Attendance(
        **seats.aggregate(
            attended=Count("pk", filter=Q(status=SeatStatus.ATTENDED)),
            no_show=Count("pk", filter=Q(status=SeatStatus.NO_SHOW)),
            canceled=Count("pk", filter=Q(status=SeatStatus.CANCELED)),
            unmarked=Count("pk", filter=booked & begun),
            ahead=Count("pk", filter=booked & ~begun),
        )
    )


@dataclass(frozen=True)
class Friction:
    tag: str
    sessions: int
    accounts: int


def friction(cohort: Cohort, *, most: int = 50) -> list[Friction]:
    """By frequency: in how many sessions each was named, and of how many accounts."""
    tagged = cohort.sessions.exclude(friction=[]).annotate(tag=Func(F("friction"), function="unnest"))
    counted = (
        tagged.order_by().values_list("tag").annotate(n=Count("pk", distinct=True), a=Count("account", distinct=True))
    )
    return [Friction(*row) for row in counted.order_by("-n", "tag")[:most]]


# Colleagues -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Colleagues:
    """k = invitations by each active person × share of them that is accepted."""

    active: int = 0
    inviters: int = 0
    sent: int = 0
    accepted: int = 0

    @property
    def conversion(self) -> Interval:
        return share(self.accepted, self.sent)

    @property
    def each(self) -> float | None:
        return self.sent / self.active if self.active else None

    @property
    def k(self) -> float | None:
        """None: nobody was active."""
        return self.accepted / self.active if self.active else None


def colleagues(cohort: Cohort) -> Colleagues:
    """Of the people at these accounts: who came to their page or invited somebody in the period is active."""
    sent = Invitation.objects.filter(
        account__in=cohort.accounts.values("pk"), invited_at__gte=cohort.start, invited_at__lt=cohort.until
    )
    found = sent.aggregate(
        sent=Count("pk"),
        accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
        inviters=Count("inviter", distinct=True),
    )
    here = Q(links__purpose="portal", links__last_used_at__gte=cohort.start) | Q(pk__in=sent.values("inviter"))
    people = Contact.objects.filter(here, account__in=cohort.accounts.values("pk"))
    return Colleagues(active=people.distinct().count(), **found)


# By segment, touch model, template or CSM -------------------------------------------------------------------

BY = {
    "segment": ("account__segment__key", "account__segment__name"),
    "touch_model": ("account__touch_model", "account__touch_model"),
    "template": ("version__template__key", "version__template__name"),
    "csm": ("account__csm__email", "account__csm__name"),
}


@dataclass(frozen=True)
class Part:
    key: str | None
    name: str
    totals: Totals
    time: TimeToValue


def parts(cohort: Cohort, by: str) -> list[Part]:
    """The same figures for each; two queries, however many there are."""
    key, name = BY[by]
    times = _times(cohort, F(key))
    counted = cohort.checklists.order_by().values(key, name).annotate(**SUMS)
    found = [
        Part(row.pop(key) or None, row.pop(name, "") or "", _totals(row), times[group])
        for row in counted
        for group in [row[key]]
    ]
    return sorted(found, key=lambda part: (-part.totals.started, part.name))
