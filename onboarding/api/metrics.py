"""`GET /metrics/onboarding`: the figures of the reports, for programs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import View
from accounts.domain.account_values import refuse
from onboarding.api import metric_shapes as shapes
from onboarding.domain.reports import comparing, figures, steps
from onboarding.domain.reports.cohort import Cohort
from onboarding.domain.reports.comparing import Comparison, Customer
from onboarding.domain.reports.figures import Part, TimeToValue, Totals

USUAL_DAYS = 365
COUNTS = ("started", "running", "finished", "canceled", "activated", "behind", "stuck")


class Onboarding(View):
    @extend_schema(
        summary="Onboardings that started in a period",
        operation_id="metrics_onboarding",
        description="How many were activated and finished, how long first value took (those who have not got there "
        "count for as long as they were watched: Kaplan–Meier), where they get stuck, sessions, friction points, "
        "colleagues, and what finishing and attending go with. Shares and means come with their 95 % interval; under "
        "30 they are too few to tell, and none of it is proof of cause. The last 365 days, if nothing is said; days "
        "are those of UTC.",
        parameters=[shapes.OnboardingAsked],
        responses=shapes.OnboardingOut,
    )
    def get(self, request: Request) -> Response:
        asked = shapes.OnboardingAsked.of(request)
        first, until = _period(asked.get("from"), asked.get("to"))
        cohort = Cohort(_midnight(first), _midnight(until))
        told = {"from": first, "to": until, "by": asked.get("by"), **_told(cohort)}
        told["groups"] = [_group(part) for part in figures.parts(cohort, asked["by"])] if "by" in asked else []
        return Response(shapes.OnboardingOut(told).data)


def _period(first: date | None, until: date | None) -> tuple[date, date]:
    """The day after the last one is not in it."""
    if until is None:
        until = timezone.now().date() + timedelta(days=1)
    if first is None:
        first = until - timedelta(days=USUAL_DAYS) if until.toordinal() > USUAL_DAYS else date.min
    if first >= until:
        raise refuse("from", _("The period has no days: `to` is the day after the last one."))
    return first, until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _told(cohort: Cohort) -> dict[str, Any]:
    template, customers = steps.template_of(cohort), comparing.customers(cohort)
    return {
        **_totals(figures.totals(cohort)),
        "time_to_value": _time(figures.time_to_value(cohort)),
        "engagement_by_tenths": figures.engagement(cohort),
        "template": template.key if template else None,
        "steps": steps.funnel(cohort, template) if template else [],
        "seats": figures.attendance(cohort),
        "friction": figures.friction(cohort),
        "colleagues": figures.colleagues(cohort),
        "comparisons": _comparisons(customers),
    }


def _totals(found: Totals) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in COUNTS},
        "activation_rate": found.activation,
        "completion_rate": found.completion,
        "engagement": found.engagement,
    }


def _time(found: TimeToValue) -> dict[str, Any]:
    return {
        "activated": found.activated,
        "waiting": found.waiting,
        "median_hours_of_activated": found.median_activated,
        "kaplan_meier_median_hours": found.km_median,
    }


def _comparisons(customers: Sequence[Customer]) -> list[dict[str, Any]]:
    return [_compared(one) for one in comparing.compared(customers)]


def _compared(found: Comparison) -> dict[str, Any]:
    rows = [
        {"figure": row.key, "yes": row.first, "no": row.second, "differs": row.differs, "too_few": row.too_few}
        for row in found.rows
    ]
    return {"compared": found.key, "yes": found.first, "no": found.second, "figures": rows}


def _group(part: Part) -> dict[str, Any]:
    return {"key": part.key, "name": part.name, **_totals(part.totals), "time_to_value": _time(part.time)}
