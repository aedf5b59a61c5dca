"""The accounts behind a figure, exactly those."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.numbers.behind import FIGURES, behind as found_behind
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.writing import written
from accounts.enums import MovementKind
from accounts.http import Request, requires
from accounts.models import Account
from accounts.registry import accounts_behind
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
    "life": gettext_lazy("Lifetime value"),
    "bought": gettext_lazy("Customers won"),
    "ltv_cac": gettext_lazy("LTV to CAC"),
    "payback": gettext_lazy("Payback"),
    "year_lost": gettext_lazy("Customers of a year before who are gone"),
}
# What is added up of each, where that is not the figure itself.
END, MOVED = gettext_lazy("MRR at the end"), gettext_lazy("Change of MRR")
AMOUNTS: dict[str, Any] = {
    **dict.fromkeys(("life", "ltv_cac", "payback"), END),
    **dict.fromkeys(("net_kept", "net_moved", "year"), MOVED),
}
MRR = (
    ("before", gettext_lazy("MRR before"), "money"),
    ("after", gettext_lazy("MRR after"), "money"),
)
ADDED = {"money", "number", "hours"}  # what can be added up


@dataclass(frozen=True)
class Found:
    """A page of accounts with their values, how many there are, and what all of them come to."""

    columns: Sequence[tuple[str, Any, str]]
    rows: Sequence[tuple[int, Sequence[Any]]]
    count: int
    sums: Sequence[Any]


@require_safe
@requires("numbers.view")
def behind(request: Request) -> HttpResponseBase:
    look = Look(request, "behind", place=("figure", "cohort", "page"))
    key = request.GET.get("figure") or "end"
    if key not in FIGURES and key not in accounts_behind:
        raise Http404(_("There is no such figure."))
    cohort = _month(request.GET.get("cohort", ""))
    if request.GET.get("format") == "csv":
        return as_file(request, key, sheet(_found(key, look, cohort, size=MOST)))
    page = _page(request.GET.get("page", ""))
    place = (page - 1) * SIZE
    found = _found(key, look, cohort, offset=place)
    accounts = _accounts(found)
    last = max(1, -(-found.count // SIZE))
    context = {
        "title": title(key),
        "found": found,
        "cohort": cohort,
        "columns": [column for _name, column, _unit in found.columns],
        "lines": [(accounts.get(pk), _cells(found, values)) for pk, values in found.rows],
        "sums": _sums(found),
        "made_of": key in FIGURES,
        "previous": look.address(page=page - 1) if page > 1 else "",
        "next": look.address(page=page + 1) if page < last else "",
        "shown": (place + 1, place + len(found.rows)),
    }
    return look.answer("behind", context)


def title(key: str) -> Any:
    return TITLES[key] if key in FIGURES else accounts_behind[key].title


def _found(key: str, look: Look, cohort: date | None, *, size: int = SIZE, offset: int = 0) -> Found:
    asked = look.asked
    if key in accounts_behind:
        kind = accounts_behind[key]
        return Found(kind.columns, *kind.page(asked, size, offset))
    one = found_behind(key, asked.first, asked.last, asked.filters, cohort=cohort, size=size, offset=offset)
    rows = [(line.account_id, (line.before, line.after, line.amount)) for line in one.lines]
    return Found(
        (*MRR, ("amount", AMOUNTS.get(key) or title(key), "money")),
        rows,
        one.count,
        (one.before, one.after, one.amount),
    )


def _cells(found: Found, values: Sequence[Any]) -> list[tuple[Any, str]]:
    return [(column, _exactly(unit, value)) for (_name, column, unit), value in zip(found.columns, values, strict=True)]


def _sums(found: Found) -> list[tuple[Any, str]]:
    return [
        (column, written(unit, value))
        for (_name, column, unit), value in zip(found.columns, found.sums, strict=True)
        if unit in ADDED
    ]


def _exactly(unit: str, value: Any) -> str:
    if unit == "money" and value is not None:
        return formats.money(value, settings.REPORTING_CURRENCY, exact=True)
    return written(unit, value)


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def _page(text: str) -> int:
    return min(int(text), MOST // SIZE) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0 else 1


def _accounts(found: Found) -> dict[int, Account]:
    return Account.objects.select_related("segment", "csm").in_bulk([pk for pk, _values in found.rows])


def sheet(found: Found) -> Sheet:
    accounts = _accounts(found)

    def row(pk: int, values: Sequence[Any]) -> list[Any]:
        account = accounts.get(pk)
        if account is None:
            return ["", "", "", "", *values]
        return [account.external_id, account.name, account.segment or "", account.csm.email if account.csm else "",
                *values]  # fmt: skip

    head = ["external_id", "name", "segment", "csm", *(name for name, _title, _unit in found.columns)]
    return Sheet(head, (row(pk, values) for pk, values in found.rows))
