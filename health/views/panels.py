"""Health on the account page: what it is made of, what moved it, and the readings behind."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import charts, formats
from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.http import Request, get_account, posted
from accounts.models import Account
from accounts.views.customers.frame import the_account
from accounts.views.customers.writing import write
from health.domain.breakdown import Breakdown, breakdown
from health.domain.explain import Moves, moved_to, moves
from health.domain.history import TREND_DAYS, latest_score, scores_since
from health.domain.parameters import Parameters
from health.domain.pulse import felt, set_pulse, with_pulse
from health.forms.scoring import DayForm, MovesForm, PulseForm
from health.models import points

CHART_DAYS = 90


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    """The score taken apart, of today or of any past day."""
    account = get_account(request.user, pk, base=with_pulse(Account.objects.all()))
    form = DayForm(request.GET)
    parts, refusal = _parts(account, form)
    kept = _kept(account, parts.day) if parts else {}
    context = {
        "account": account,
        "health": parts,
        "refusal": refusal,
        "past": bool(form.day()) and parts is not None,
        "gone": account.stage == Stage.CHURNED,
        "chart": _chart(kept, parts.day) if parts else "",
        "moves": _latest_moves(parts, kept) if parts else None,
        "pulse": felt(account, Parameters.of(parts.version.parameters if parts else {})),
        "may_pulse": request.user.may("account.pulse", account),  # type: ignore[union-attr]
    }
    return render(request, "health/panel.html", context, status=422 if form.errors else 200)


def _parts(account: Account, form: DayForm) -> tuple[Breakdown | None, str]:
    if form.errors:
        return breakdown(account), _("This is not a date. Write it as 2026-11-30.")
    try:
        return breakdown(account, form.day()), ""
    except DomainError as error:
        return breakdown(account), str(error)


def _kept(account: Account, day: date) -> dict[date, Any]:
    """The scores there were by that day, as the chart shows them."""
    found = scores_since(account, day - timedelta(days=CHART_DAYS))
    return {one: points(score) for one, score in found if score is not None and one <= day}


def _latest_moves(parts: Breakdown, kept: dict[date, Any]) -> Moves | None:
    then = parts.day - timedelta(days=TREND_DAYS)
    return moved_to(parts.source, then) if then in kept and parts.score is not None else None


def _chart(kept: dict[date, Any], day: date) -> Any:
    if len(kept) < 2:
        return ""
    first, reader = min(kept), formats.Reader()
    days = [first + timedelta(days=n) for n in range((day - first).days + 1)]
    labels = [reader.day(one) for one in days]
    series = [charts.Series(_("Score"), _carried(kept, days), "accent")]
    return charts.line(
        _("Score over time"), labels, series, zones=charts.BAND_ZONES, low=0, high=100, write=reader.number
    )


def _carried(kept: dict[date, Any], days: list[date]) -> list[Any]:
    """A score stands until the next one, but not for longer than a week."""
    values: list[Any] = []
    last: date | None = None
    for day in days:
        last = day if day in kept else last
        values.append(kept[last] if last and (day - last).days < 7 else None)
    return values


@require_safe
def health_moves(request: Request, pk: int) -> HttpResponse:
    """What moved the score between two days, adding up exactly."""
    account = the_account(request, pk)
    latest = latest_score(account)
    last = latest.day if latest else timezone.localdate()
    asked = {"day_from": last - timedelta(days=TREND_DAYS), "day_to": last}
    form = MovesForm({**asked, **{key: request.GET[key] for key in asked if key in request.GET}})
    told, refusal = _moves(account, form)
    context = {"account": account, "form": form, "moves": told, "refusal": refusal, "chart": told and _waterfall(told)}
    return render(request, "health/moves.html", context, status=422 if form.errors else 200)


def _moves(account: Account, form: MovesForm) -> tuple[Moves | None, str]:
    if not form.is_valid():
        return None, ""
    try:
        return moves(account, form.cleaned_data["day_from"], form.cleaned_data["day_to"]), ""
    except DomainError as error:
        return None, str(error)


def _waterfall(told: Moves) -> Any:
    return charts.waterfall(
        "",
        (formats.day(told.day_from), told.before),
        [charts.Step(effect.label, effect.points, effect.detail) for effect in told.effects],
        (formats.day(told.day_to), told.after),
        write=lambda value: formats.number(value, 1),
        write_delta=lambda value: formats.number(value, 1, signed=True),
    )


@require_http_methods(["GET", "POST"])
def pulse(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "account.pulse")
    return write(
        request,
        PulseForm(posted(request)),
        lambda values: set_pulse(account, by=request.user, **values),  # type: ignore[arg-type]
        account=account,
        title=_("Set the pulse"),
        save=_("Set the pulse"),
        done=_("Pulse set"),
    )
