"""Why customers leave: by reason, with what they said."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.domain.mrr import ZERO
from accounts.domain.numbers import leaving
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.sums import over
from accounts.domain.numbers.writing import money, share
from accounts.enums import ChurnReason
from accounts.forms.numbers import NONE
from accounts.http import Request, requires
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look

SIZE = 50


@require_safe
@requires("numbers.view")
def churn(request: Request) -> HttpResponseBase:
    look = Look(request, "churn", place=("reason",))
    given = request.GET.get("reason", "")
    reason = "" if given == NONE else given if given in ChurnReason.values else None
    if request.GET.get("format") == "csv":
        return as_file(request, "churn", sheet(look, reason))
    found = leaving.reasons(look.asked)
    # Deep pages are rare and a page is cheap: the index leads to the days.
    page = Paginator(leaving.told(look.asked, reason), SIZE).get_page(request.GET.get("page"))
    whole = over(look.asked.sums)
    context = {
        "reasons": [(row, _title(row.key), look.address(reason=row.key or NONE)) for row in found],
        "reason": reason,
        "reason_title": None if reason is None else _title(reason),
        "all_url": look.address(reason=""),
        "lost": sum((row.mrr for row in found), ZERO),
        "customers": sum(row.customers for row in found),
        "known": leaving.known(found),
        "page": page,
        "pages": [(n, look.address() + ("&" if "?" in look.address() else "?") + f"page={n}") for n in _around(page)],
        "whole": whole,
        "lost_behind": look.behind("customers_lost"),
        "chart": _chart(found),
        "course": _course(look),
    }
    return look.answer("churn", context)


def _around(page: Any) -> list[int]:
    return [n for n in (page.number - 1, page.number + 1) if 1 <= n <= page.paginator.num_pages]


def _title(key: str) -> str:
    return str(ChurnReason(key).label) if key else _("No reason given")


def _chart(found: list[leaving.Reason]) -> Any:
    if not found:
        return ""
    return charts.across(
        _("MRR lost, by reason"),
        [charts.Across(_title(row.key), [float(row.mrr)], money(row.mrr)) for row in found],
        [(_("MRR lost"), "red")],
    )


def _course(look: Look) -> Any:
    sums = [s for s in look.asked.sums if s.customers_start]
    if len(sums) < 2:
        return ""
    waterfalls = [s.waterfall() for s in sums]
    return charts.line(
        _("Churn by month"),
        formats.month_labels([s.month for s in sums]),
        [
            charts.Series(_("Customers"), [float(w.customer_churn or 0) for w in waterfalls], "red"),
            charts.Series(_("MRR, with contraction"), [float(w.mrr_churn or 0) for w in waterfalls], "2"),
        ],
        low=0,
        write=share,
        write_axis=partial(formats.percent, decimals=1),
    )


def sheet(look: Look, reason: str | None) -> Sheet:
    head = ["day", "account", "external_id", "segment", "csm", "reason", "mrr_lost", "comment"]
    rows = (
        [row.occurred_on, row.account.name, row.account.external_id, row.account.segment or "",
         row.account.csm.email if row.account.csm else "", row.reason, -row.amount, row.comment]
        for row in leaving.told(look.asked, reason).iterator(chunk_size=2000)
    )  # fmt: skip
    return Sheet(head, rows)
