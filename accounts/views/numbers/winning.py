"""What winning customers costs and brings, by channel; where the next money does most; trials that became customers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.metrics.ratios import ratio
from accounts.domain.metrics.trials import Trial
from accounts.domain.numbers import kpis
from accounts.domain.numbers.asking import YEAR
from accounts.domain.numbers.by_member import Worth, worth_by
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.journeys import conversion_of, trials
from accounts.domain.numbers.writing import NOTHING, money, months, share, times
from accounts.forms.numbers import LABELS
from accounts.http import Request, requires
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look, member
from accounts.views.numbers.worth import ltv_text

BY = ("segment", "plan", "channel", "csm", "touch")


@require_safe
@requires("numbers.view")
def winning(request: Request) -> HttpResponseBase:
    look = Look(request, "winning", place=("by",))
    by = request.GET.get("by", "")
    by = by if by in BY else "segment"
    channels = worth_by("channel", look.asked)
    begun = trials(look.asked, by)
    if request.GET.get("format") == "csv":
        return as_file(request, "winning", sheet(channels, look))
    names = look.names.of("channel")
    context = {
        "cac": kpis.cac(look.asked).last,
        "payback": kpis.payback(look.asked).last,
        "ratio": kpis.ltv_to_cac(look.asked).last,
        "cac_text": _value(kpis.cac(look.asked).last.value, money),
        "payback_text": _value(kpis.payback(look.asked).last.value, months),
        "ratio_text": _value(kpis.ltv_to_cac(look.asked).last.value, times),
        "behind": {
            "cac": _year(look, "bought"),
            "ratio": _year(look, "ltv_cac"),
            "payback": _year(look, "payback"),
        },
        "channels": [_row(row, names.get(row.member, row.member), look) for row in channels],
        "advice": advice(channels, names),
        "course": _course(look),
        "by": by,
        "ways": [(LABELS[name], look.address(by=name), name == by) for name in BY],
        "trials": _trials(begun, look.names.of(by), look, by),
    }
    return look.answer("winning", context)


def _value(value: Any, write: Any) -> str:
    return NOTHING if value is None else write(value)


def _year(look: Look, key: str, **changes: Any) -> str:
    """The accounts of the twelve months to the end."""
    return look.behind(key, **{"from": anniversary(look.asked.last, 1 - YEAR), "to": look.asked.last}, **changes)


def _row(row: Worth, name: str, look: Look) -> dict[str, Any]:
    return {
        "name": name, "behind": _year(look, "customers_new", channel=member(row.member)),
        "few": row.won < 10, "won": formats.number(row.won), "spent": _value(row.spent, money),
        "cac": _value(row.cac, money), "ltv": ltv_text(row.ltv),
        "ratio": _value(row.ltv_to_cac, times), "payback": _value(row.payback, months),
    }  # fmt: skip


FEW_WON = 10


def advice(rows: Sequence[Worth], names: dict[str, str]) -> str:
    """Where the next money does most: the channel that brings back the most for each that is spent, if enough are
    known to tell."""
    known = [row for row in rows if row.member and row.ltv_to_cac is not None and row.won >= FEW_WON]
    if len(known) < 2:
        return ""
    best, worst = (pick(known, key=lambda row: row.ltv_to_cac or 0) for pick in (max, min))
    if best is worst or best.ltv_to_cac == worst.ltv_to_cac:
        return ""
    return _(
        "Of what was spent in twelve months, %(best)s brought back most (%(most)s), %(worst)s least (%(least)s). "
        "The next money does most where the first stands; more of the same may bring less."
    ) % {
        "best": names.get(best.member, best.member), "most": times(best.ltv_to_cac),
        "worst": names.get(worst.member, worst.member), "least": times(worst.ltv_to_cac),
    }  # fmt: skip


def _course(look: Look) -> Any:
    figure = kpis.cac(look.asked)
    known = [
        (month, point.value)
        for month, point in zip(look.asked.months, figure.points, strict=True)
        if point.value is not None
    ]
    if len(known) < 2:
        return ""
    return charts.line(
        _("Cost of a new customer, over the twelve months before"),
        formats.month_labels([month for month, _value in known]),
        [charts.Series(_("CAC"), [float(value) for _month, value in known], "accent")],
        low=0,
        write=money,
        write_axis=partial(formats.money, currency=settings.REPORTING_CURRENCY, compact=True),
    )


def _trials(begun: dict[Any, list[Trial]], names: dict[str, str], look: Look, by: str) -> list[dict[str, Any]]:
    members: dict[str, list[Trial]] = {}
    for (_month, name), rows in begun.items():
        members.setdefault(name, []).extend(rows)
    found = []
    for name, rows in sorted(members.items(), key=lambda pair: -len(pair[1])):
        one = conversion_of(rows)
        found.append({
            "name": names.get(name, name), "behind": look.behind("trials", **{by: member(name)}),
            "n": len(rows), "mature": one.mature, "immature": one.immature,
            "won": one.converted_in_window, "rate": _value(one.rate, share), "ever": one.converted_ever,
            "few": one.mature < 30,
        })  # fmt: skip
    return found


def sheet(rows: Sequence[Worth], look: Look) -> Sheet:
    names = look.names.of("channel")
    head = ["channel", "won", "spent", "cac", "arpa", "ltv", "ltv_to_cac", "payback_months"]
    return Sheet(head, [
        [names.get(row.member, row.member), row.won, row.spent, row.cac, ratio(row.last.end, row.last.customers_end),
         row.ltv.margin, row.ltv_to_cac, row.payback]
        for row in rows
    ])  # fmt: skip
