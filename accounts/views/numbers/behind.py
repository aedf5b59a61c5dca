"""The accounts behind a figure, exactly those."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.domain.numbers.behind import FIGURES, Line, behind as found_behind
from accounts.domain.numbers.exporting import Sheet
from accounts.enums import MovementKind
from accounts.http import Request, requires
from accounts.models import Account
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look

SIZE = 50
MOST = 100_000
TITLES: dict[str, Any] = {
    "start": gettext_lazy("Customers at the start"),
    "end": gettext_lazy("Customers at the end"),
    **{kind.value: kind.label for kind in MovementKind},
    **{f"net_{kind.value}": kind.label for kind in MovementKind},
    "net_lost": gettext_lazy("MRR churn"),
    "net_kept": gettext_lazy("Expansion over churn"),
    "net_moved": gettext_lazy("Quick ratio"),
    "customers_new": gettext_lazy("Customers won"),
    "customers_back": gettext_lazy("Customers who came back"),
    "customers_lost": gettext_lazy("Customers lost"),
    "year": gettext_lazy("Customers of a year before"),
    "year_lost": gettext_lazy("Customers of a year before who are gone"),
}


@require_safe
@requires("numbers.view")
def behind(request: Request) -> HttpResponseBase:
    look = Look(request, "behind", place=("figure", "cohort", "page"))
    key = request.GET.get("figure") or "end"
    if key not in FIGURES:
        raise Http404(_("There is no such figure."))
    cohort = _month(request.GET.get("cohort", ""))
    page = _page(request.GET.get("page", ""))
    asked = look.asked
    if request.GET.get("format") == "csv":
        whole = found_behind(key, asked.first, asked.last, asked.filters, cohort=cohort, size=MOST)
        return as_file(request, key, sheet(whole.lines))
    place = (page - 1) * SIZE
    found = found_behind(key, asked.first, asked.last, asked.filters, cohort=cohort, size=SIZE, offset=place)
    accounts = _accounts(found.lines)
    last = max(1, -(-found.count // SIZE))
    context = {
        "title": TITLES[key],
        "found": found,
        "cohort": cohort,
        "lines": [(accounts.get(line.account_id), line) for line in found.lines],
        "previous": look.address(page=page - 1) if page > 1 else "",
        "next": look.address(page=page + 1) if page < last else "",
        "shown": (place + 1, place + len(found.lines)),
    }
    return look.answer("behind", context)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def _page(text: str) -> int:
    return min(int(text), MOST // SIZE) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0 else 1


def _accounts(lines: Any) -> dict[int, Account]:
    return Account.objects.select_related("segment", "csm").in_bulk([line.account_id for line in lines])


def sheet(lines: Any) -> Sheet:
    accounts = _accounts(lines)

    def row(line: Line) -> list[Any]:
        account = accounts.get(line.account_id)
        if account is None:
            return ["", "", "", "", line.before, line.after, line.amount]
        return [account.external_id, account.name, account.segment or "", account.csm.email if account.csm else "",
                line.before, line.after, line.amount]  # fmt: skip

    return Sheet(["external_id", "name", "segment", "csm", "before", "after", "amount"], (row(line) for line in lines))
