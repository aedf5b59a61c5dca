"""MRR month by month: what it began with, what moved it, what it came to. The printed cents add up."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain.metrics.months import Month
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.sums import Sum, over
from accounts.domain.numbers.writing import share
from accounts.enums import MovementKind
from accounts.http import Request, requires
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look

TONES = {
    MovementKind.NEW: "green",
    MovementKind.REACTIVATION: "thriving",
    MovementKind.EXPANSION: "accent",
    MovementKind.CONTRACTION: "yellow",
    MovementKind.CHURN: "red",
    MovementKind.FX: "grey",
}


@require_safe
@requires("numbers.view")
def mrr(request: Request) -> HttpResponseBase:
    look = Look(request, "mrr", place=("view",))
    net = request.GET.get("view") != "gross"
    sums = look.asked.sums
    whole = over(sums)
    if request.GET.get("format") == "csv":
        return as_file(request, "mrr", sheet(sums, net))
    months = [_rounded(s, net) for s in sums]
    kinds = [kind for kind in MovementKind if any(s.moves(net=net)[kind] for s in sums)]
    context = {
        "net": net,
        "ways": [
            (_("Net by customer"), look.address(view=""), net),
            (_("As it happened"), look.address(view="gross"), not net),
        ],
        "empty": not any(s.start or s.end for s in sums),
        "kinds": [(kind.label, TONES[kind]) for kind in kinds],
        "rows": [_row(look, s, month, kinds, net) for s, month in zip(sums, months, strict=True)][::-1],
        "whole": whole,
        "total": _row(look, whole, _rounded(whole, net), kinds, net),
        "end_behind": _of_last(look, "end"),
        "year_behind": _of_last(look, "year"),
        "fall": _fall(whole, net),
        "columns": _columns(sums, kinds, net),
        "course": _course(sums, look),
    }
    return look.answer("mrr", context)


def _of_last(look: Look, key: str) -> str:
    return look.behind(key, **{"from": look.asked.last, "to": look.asked.last})


def _rounded(s: Sum, net: bool) -> Month:
    """To the cent, each month ending where the next one starts."""
    return Month(s.month, s.start, s.moves(net=net)).rounded()


def _row(look: Look, s: Sum, month: Month, kinds: list[MovementKind], net: bool) -> dict[str, Any]:
    period = {"from": s.month, "to": s.month} if s.month != look.asked.first or len(look.asked.months) == 1 else {}
    prefix = "net_" if net else ""
    waterfall = s.waterfall()
    return {
        "month": s.month,
        "start": month.start,
        "end": month.end,
        "moves": [
            (
                kind.label,
                month.moves[kind],
                look.behind(f"{prefix}{kind}" if kind != MovementKind.FX else "fx", **period),
            )
            for kind in kinds
        ],
        "nrr": share(waterfall.nrr) if waterfall.nrr is not None else "–",
        "grr": share(waterfall.grr) if waterfall.grr is not None else "–",
        "quick": formats.number(waterfall.quick_ratio, decimals=1) if waterfall.quick_ratio is not None else "–",
        "customers": s.customers_end,
        "behind": look.behind("end", **period),
    }


def _fall(whole: Sum, net: bool) -> Any:
    """From the first day of the period to its last."""
    money = partial(formats.money, currency=settings.REPORTING_CURRENCY)
    steps = [
        charts.Step(str(MovementKind(kind).label), amount) for kind, amount in whole.moves(net=net).items() if amount
    ]
    if not steps:
        return ""
    return charts.waterfall(
        _("What moved MRR in the period"),
        (_("At the start"), whole.start),
        steps,
        (_("At the end"), whole.end),
        write=money,
        write_delta=partial(money, signed=True),
    )


def _columns(sums: list[Sum], kinds: list[MovementKind], net: bool) -> Any:
    if len(sums) < 2 or not kinds:
        return ""
    series = [
        charts.Series(str(kind.label), [float(s.moves(net=net)[kind]) for s in sums], TONES[kind]) for kind in kinds
    ]
    return charts.bars(
        _("What moved MRR, by month"),
        formats.month_labels([s.month for s in sums]),
        series,
        write=partial(formats.money, currency=settings.REPORTING_CURRENCY),
        write_axis=partial(formats.money, currency=settings.REPORTING_CURRENCY, compact=True),
    )


def _course(sums: list[Sum], look: Look) -> Any:
    if len(sums) < 2:
        return ""
    return charts.line(
        _("MRR at the end of each month"),
        formats.month_labels([s.month for s in sums]),
        [charts.Series(_("MRR"), [float(s.end) for s in sums], "accent")],
        low=0,
        write=partial(formats.money, currency=settings.REPORTING_CURRENCY),
        write_axis=partial(formats.money, currency=settings.REPORTING_CURRENCY, compact=True),
    )


PEOPLE = ("customers_start", "customers_new", "customers_back", "customers_lost", "customers_end")


def sheet(sums: list[Sum], net: bool) -> Sheet:
    head = ["month", "start", *MovementKind.values, "end", *PEOPLE, "nrr", "grr", "quick_ratio"]
    rows = []
    for s in sums:
        w, people = s.waterfall(), [getattr(s, name) for name in PEOPLE]
        rates = [w.nrr, w.grr, w.quick_ratio]
        rows.append([f"{s.month:%Y-%m}", s.start, *s.moves(net=net).values(), s.end, *people, *rates])
    return Sheet(head, rows)
