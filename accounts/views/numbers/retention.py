"""Who stays: retention over the year month by month, and cohorts side by side, by customers or by MRR."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain.metrics.cohorts import Cohort, simple, weighted
from accounts.domain.metrics.ratios import ratio
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.sums import Sum, sums_by
from accounts.domain.numbers.writing import money, share
from accounts.http import Request, requires
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look

SHADES = 10


@dataclass(frozen=True)
class Cell:
    share: Decimal | None
    value: Any  # customers, or MRR
    url: str = ""

    @property
    def shade(self) -> int:
        """0 to 10: how dark the cell is; more than all is no darker."""
        return 0 if self.share is None else min(SHADES, max(0, round(self.share * SHADES)))

    @property
    def text(self) -> str:
        return "" if self.share is None else formats.percent(self.share)


@dataclass(frozen=True)
class Row:
    month: date
    size: Any
    cells: Sequence[Cell]


@require_safe
@requires("numbers.view")
def retention(request: Request) -> HttpResponseBase:
    look = Look(request, "retention", place=("of",))
    by_mrr = request.GET.get("of") == "mrr"
    rows = cohorts(look, by_mrr=by_mrr)
    if request.GET.get("format") == "csv":
        return as_file(request, "cohorts", sheet(rows))
    width = max((len(row.cells) for row in rows), default=0)
    plain = [Cohort(row.size, [cell.value for cell in row.cells]) for row in rows]
    context = {
        "by_mrr": by_mrr,
        "ways": [(_("Customers"), look.address(of=""), not by_mrr), (_("MRR"), look.address(of="mrr"), by_mrr)],
        "rows": rows,
        "ages": range(width),
        "means": [(_("All together"), [Cell(value, None) for value in weighted(plain)]),
                  (_("Each cohort alike"), [Cell(value, None) for value in simple(plain)])],
        "course": course(look.asked),
        "year": look.asked.at(look.asked.last),
        "year_behind": look.behind("year", **{"from": look.asked.last, "to": look.asked.last}),
        "lost_behind": look.behind("year_lost", **{"from": look.asked.last, "to": look.asked.last}),
        "write": money if by_mrr else formats.number,
    }  # fmt: skip
    return look.answer("retention", context)


def cohorts(look: Look, *, by_mrr: bool) -> list[Row]:
    """By the month of the first payment: each month since then, up to the last one asked about."""
    asked = look.asked
    found = sums_by("cohort", asked.first, asked.last, asked.filters)
    rows = []
    for member, months in sorted(found.items()):
        begun = date.fromisoformat(member)
        own = [s for s in months if s.month >= begun]
        if begun < asked.first or not own or not own[0].customers_new:
            continue
        size = own[0].end if by_mrr else own[0].customers_end
        rows.append(Row(begun, size, [_cell(look, begun, s, size, by_mrr=by_mrr) for s in own]))
    return rows


def _cell(look: Look, begun: date, s: Sum, size: Any, *, by_mrr: bool) -> Cell:
    value = s.end if by_mrr else s.customers_end
    url = look.behind("end", **{"from": s.month, "to": s.month, "cohort": begun}) if value else ""
    return Cell(ratio(value, size), value, url)


def course(asked: Asked) -> Any:
    """Over the year that ends with each month."""
    known = [s for s in asked.sums if s.year_start]
    if len(known) < 2:
        return ""
    return charts.line(
        _("Retention over the twelve months before"),
        formats.month_labels([s.month for s in known]),
        [
            charts.Series(_("Net revenue retention"), [float(s.year_nrr or 0) for s in known], "accent"),
            charts.Series(_("Gross revenue retention"), [float(s.year_grr or 0) for s in known], "3"),
            charts.Series(_("Customers kept"), [float(1 - (s.year_churn or 0)) for s in known], "grey"),
        ],
        write=share,
        write_axis=formats.percent,
    )


def sheet(rows: Sequence[Row]) -> Sheet:
    width = max((len(row.cells) for row in rows), default=0)
    head = ["cohort", "size", *(f"month_{age}" for age in range(width))]
    return Sheet(head, [[f"{row.month:%Y-%m}", row.size, *(cell.value for cell in row.cells)] for row in rows])
