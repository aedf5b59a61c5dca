"""Reports of onboarding: what came of it, where people get stuck, what finishing goes with. Each figure leads to the
accounts behind it."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.domain.metrics.intervals import ENOUGH
from accounts.forms.account_filters import options
from accounts.forms.queue_filters import TEAM
from accounts.http import Request, csv_file, requires
from onboarding.domain.exporting import csv_lines
from onboarding.domain.reports import comparing, figures, steps
from onboarding.domain.reports.cohort import Cohort
from onboarding.forms.reports import NAMES, OWN, PERIODS, Period, read_period
from onboarding.models import Checklist
from onboarding.views import report_charts as drawn
from onboarding.views.board.frame import Look


class Asked:
    """Whose onboarding and which days, and the addresses of what is behind the figures."""

    def __init__(self, request: Request, key: str = "reports") -> None:
        self.look = Look(request, key, place=NAMES, visible=NAMES, usual=TEAM)
        self.period: Period = read_period(request.GET, self.look.problems)
        self.cohort: Cohort = self.period.cohort(self.look.filters)

    def behind(self, **which: str) -> str:
        """The checklists behind a figure: every filter is said, for the list has other defaults."""
        return self._to("onboarding:list", state=which.pop("state", ""), **which)

    def sessions(self, **which: str) -> str:
        return self._to("onboarding:session_list", **which)

    def _to(self, url_name: str, **more: str) -> str:
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        pairs = [*self.look.asked.pairs(whole=True), *(days | more).items()]
        return f"{reverse(url_name)}?{urlencode(pairs)}"

    def exports(self) -> dict[str, str]:
        query = self.look.here.partition("?")[2]
        return {
            part.replace("-", "_"): reverse("onboarding:report_export", args=[part]) + (f"?{query}" if query else "")
            for part in EXPORTS
        }


@require_safe
@requires("onboarding.view")
def reports(request: Request) -> HttpResponse:
    asked = Asked(request)
    totals = figures.totals(asked.cohort)
    context: dict[str, Any] = {
        "exports": asked.exports() if request.user.may("account.export") else {},
        "period": asked.period,
        "periods": options([*PERIODS.items()], asked.period.which),
        "own_days": asked.period.which == OWN,
        "totals": totals,
        "ever": totals.started > 0 or Checklist.objects.exists(),
        "enough": ENOUGH,
    }
    if totals.started:
        context |= _of_checklists(asked, totals)
    context |= _of_sessions(asked)
    return asked.look.answer("reports/page", context)


def _of_checklists(asked: Asked, totals: figures.Totals) -> dict[str, Any]:
    cohort = asked.cohort
    time = figures.time_to_value(cohort)
    template = steps.template_of(cohort)
    found = steps.funnel(cohort, template) if template else []
    compared = comparing.compared(comparing.customers(cohort))
    return {
        "tiles": drawn.tiles(totals, time, asked.behind),
        "time": time,
        "curve": drawn.arrivals(time) if time.activated else "",
        "template": template,
        "funnel": drawn.funnel(found, asked.behind) if found else "",
        "stuck_at": drawn.worst(found),
        "engagement": drawn.engagement(figures.engagement(cohort), asked.behind),
        "compared": [drawn.Compared.of(one, asked.behind) for one in compared],
        "colleagues": figures.colleagues(cohort),
    }


def _of_sessions(asked: Asked) -> dict[str, Any]:
    attendance, friction = figures.attendance(asked.cohort), figures.friction(asked.cohort)
    return {
        "attendance": attendance,
        "attendance_tiles": drawn.seats(attendance, asked.sessions),
        "attendance_chart": drawn.attendance(attendance) if attendance.any else "",
        "friction": drawn.friction(friction, lambda tag: asked.sessions(friction=tag)) if friction else "",
    }


# The same as files ------------------------------------------------------------------------------------------

Table = tuple[list[str], Iterable[Iterable[Any]]]


def _summary(cohort: Cohort) -> Table:
    totals, time, came = figures.totals(cohort), figures.time_to_value(cohort), figures.attendance(cohort)
    people = figures.colleagues(cohort)
    rows = [
        *((name, getattr(totals, name)) for name in ("started", "running", "finished", "canceled", "activated")),
        *((name, getattr(totals, name)) for name in ("behind", "stuck", "engagement")),
        ("activation_rate", totals.activation.value),
        ("activation_rate_low", totals.activation.low),
        ("activation_rate_high", totals.activation.high),
        ("completion_rate", totals.completion.value),
        ("hours_to_value_median_of_activated", time.median_activated),
        ("hours_to_value_kaplan_meier_median", time.km_median),
        *((f"seats_{name}", getattr(came, name)) for name in ("attended", "no_show", "canceled", "unmarked", "ahead")),
        ("no_show_rate", came.missed.value),
        *((f"invitations_{name}", getattr(people, name)) for name in ("active", "inviters", "sent", "accepted", "k")),
    ]
    return ["figure", "value"], rows


def _survival(cohort: Cohort) -> Table:
    points = figures.time_to_value(cohort).curve.points
    return ["hours", "share_activated", "standard_error"], ((p.hours, p.share, p.se) for p in points)


def _steps(cohort: Cohort) -> Table:
    template = steps.template_of(cohort)
    names = ["key", "title", "of", "reached", "done", "left_out", "open", "late", "given_up", "here", "median_hours"]
    found = steps.funnel(cohort, template) if template else []
    return ["template", *names], ([template and template.key, *(getattr(one, n) for n in names)] for one in found)


def _engagement(cohort: Cohort) -> Table:
    counts = figures.engagement(cohort)
    width = 100 // len(counts)
    return ["from", "to", "checklists"], ((n * width, (n + 1) * width, count) for n, count in enumerate(counts))


def _friction(cohort: Cohort) -> Table:
    found = figures.friction(cohort, most=10_000)
    return ["friction_point", "sessions", "accounts"], ((one.tag, one.sessions, one.accounts) for one in found)


def _comparison(cohort: Cohort) -> Table:
    groups = comparing.compared(comparing.customers(cohort))
    names = ["n", "value", "low", "high"]
    header = ["compared", "figure", *(f"yes_{n}" for n in names), *(f"no_{n}" for n in names), "differs", "too_few"]
    rows = (
        [
            group.key,
            row.key,
            *(getattr(row.first, n) for n in names),
            *(getattr(row.second, n) for n in names),
            row.differs,
            row.too_few,
        ]
        for group in groups
        for row in group.rows
    )
    return header, rows


EXPORTS: dict[str, Callable[[Cohort], Table]] = {
    "summary": _summary,
    "time-to-value": _survival,
    "steps": _steps,
    "engagement": _engagement,
    "friction": _friction,
    "comparison": _comparison,
}


@requires("account.export")
@require_safe
def report_export(request: Request, part: str) -> HttpResponseBase:
    if part not in EXPORTS:
        raise Http404(_("There is no such report."))
    header, rows = EXPORTS[part](Asked(request).cohort)
    return csv_file(f"onboarding-{part}", csv_lines(header, rows, bom=request.GET.get("bom") == "1"))
