"""Onboarding for the boards of numbers (accounts.registry): activation and time to first value by month, who finished
and who came to a session, which steps are done."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from statistics import median

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Aggregate, Count, DecimalField, F, QuerySet
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain.metrics.months import following
from accounts.domain.numbers.asking import Asked, Figure, Point
from accounts.domain.numbers.kpis import divided
from accounts.domain.numbers.paging import Page, page_of_rows
from onboarding.domain.templates import text_of
from onboarding.enums import ChecklistStatus, SeatStatus, StepState
from onboarding.models import Checklist, ChecklistStep, Seat, TemplateStep

DAY_HOURS = 24


def _checklists(asked: Asked) -> QuerySet[Checklist]:
    """Those begun in the period."""
    first = datetime.combine(asked.first, time(), UTC)
    until = datetime.combine(following(asked.last), time(), UTC)
    rows: QuerySet[Checklist] = Checklist.objects.filter(started_at__gte=first, started_at__lt=until)
    if (accounts := asked.accounts()) is not None:
        rows = rows.filter(account__in=accounts)
    return rows.order_by()


def _begun(asked: Asked) -> dict[date, list[tuple[datetime, datetime | None]]]:
    """When each checklist of a month started, and when it was activated: of those that started in it."""
    found: dict[date, list[tuple[datetime, datetime | None]]] = {}
    for started, activated in _checklists(asked).values_list("started_at", "activated_at"):
        month = started.astimezone(UTC).date().replace(day=1)
        found.setdefault(month, []).append((started, activated))
    return found


def _nobody(month: date) -> str:
    return _("No onboarding began in %(month)s.") % {"month": formats.day(month, form="month")}


def activation(asked: Asked) -> Figure:
    begun = _begun(asked)
    points = []
    for month in asked.months:
        rows = begun.get(month, [])
        reached = sum(activated is not None for _started, activated in rows)
        facts = {"n": formats.number(len(rows)), "reached": formats.number(reached)}
        formula = (
            ngettext(
                "%(reached)s reached first value so far / %(n)s onboarding begun",
                "%(reached)s reached first value so far / %(n)s onboardings begun",
                len(rows),
            )
            % facts
        )
        points.append(divided(reached, len(rows), formula, _nobody(month)))
    return Figure(points, behind="onboardings")


def who_began(asked: Asked, size: int, offset: int) -> Page:
    """How many onboardings, and how many of them have reached first value."""
    rows = _checklists(asked).values("account_id").annotate(onboardings=Count("pk"), reached=Count("activated_at"))
    return page_of_rows(rows, ("onboardings", "reached"), size, offset)


class MedianDays(Aggregate):
    template = (
        "round((extract(epoch from percentile_cont(.5) within group (order by %(expressions)s)) / 86400)::numeric, 4)"
    )
    output_field = DecimalField()


def who_got_there(asked: Asked, size: int, offset: int) -> Page:
    """How many have reached first value, and the days that took: the median of an account's."""
    there = _checklists(asked).filter(activated_at__isnull=False).values("account_id")
    rows = there.annotate(reached=Count("pk"), days=MedianDays(F("activated_at") - F("started_at")))
    return page_of_rows(rows, ("reached", "days"), size, offset)


def time_to_value(asked: Asked) -> Figure:
    """Days, the median of those activated."""
    begun = _begun(asked)
    points = []
    for month in asked.months:
        rows = begun.get(month, [])
        hours = [(activated - started).total_seconds() / 3600 for started, activated in rows if activated is not None]
        if not hours:
            missing = _("Nobody who began in %(month)s has reached first value.") if rows else ""
            points.append(Point(missing=missing % {"month": formats.day(month, form="month")} or _nobody(month)))
            continue
        facts = {"n": formats.number(len(hours)), "of": formats.number(len(rows))}
        days = Decimal(str(round(median(hours) / DAY_HOURS, 4)))
        points.append(Point(days, _("median of the %(n)s of %(of)s who are there") % facts))
    return Figure(points, behind="first_value")


def finished(account_ids: Sequence[int]) -> tuple[Collection[int], Collection[int]]:
    rows = Checklist.objects.filter(account__in=account_ids).order_by().values_list("account_id", "status")
    done = {pk for pk, status in rows if status == ChecklistStatus.FINISHED}
    return done, {pk for pk, _status in rows} - done


def attended(account_ids: Sequence[int]) -> tuple[Collection[int], Collection[int]]:
    """Of those who have, or had, a checklist."""
    onboarded = set(Checklist.objects.filter(account__in=account_ids).values_list("account_id", flat=True))
    seats = Seat.objects.filter(status=SeatStatus.ATTENDED, contact__account__in=onboarded)
    came = set(seats.values_list("contact__account", flat=True))
    return came, onboarded - came


def steps_done(account_ids: Sequence[int]) -> Mapping[str, Collection[int]]:
    rows = ChecklistStep.objects.filter(checklist__account__in=account_ids, state=StepState.DONE).order_by()
    who = dict(rows.values_list("step").annotate(accounts=ArrayAgg("checklist__account", distinct=True)))
    found: dict[str, set[int]] = {}
    for step in TemplateStep.objects.filter(pk__in=who).only("key", "texts"):
        found.setdefault(text_of(step, formats.language()).title, set()).update(who[step.pk])
    return found
