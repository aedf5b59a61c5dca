"""Renewals by quarter, by their decision date; those that are over and undecided come first."""

import re
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain import keyset
from accounts.domain.anniversaries import anniversary
from accounts.domain.keyset import BadPositionError, Order
from accounts.domain.renewals import listing
from accounts.http import Request, requires
from accounts.models import Renewal
from accounts.views.renewals.frame import Look
from accounts.views.renewals.rows import Row, rows_of

SIZE = 50
LATE = 25  # of those that are over and undecided; the others are behind a link
QUARTER = re.compile(r"(\d{4})-Q([1-4])")


@require_safe
@requires("renewal.view")
def renewal_list(request: Request) -> HttpResponse:
    look = Look(request, "list", place=("quarter",))
    chosen, known = quarter_in(request.GET.get("quarter", ""))
    page, lost = _page(look, chosen)
    late = list(listing.overdue(look.filters)[: LATE + 1])
    context = {
        "quarters": strip(look, chosen),
        "page": page,
        "months": months(rows_of(page.rows, request.user)),
        "late": rows_of(late[:LATE], request.user),
        "later": len(late) > LATE,
        "export": exported(look, quarter=name_of(chosen)),
        "export_all": exported(look),
        "lost": lost or not known,
    }
    return look.answer("list", context)


def quarter_in(text: str) -> tuple[date, bool]:
    """The first day of the quarter that "2026-Q4" names; this one's, and False, for what names none."""
    found = QUARTER.fullmatch(text)
    if found and (year := int(found[1])) in range(1900, 2200):
        return date(year, int(found[2]) * 3 - 2, 1), True
    return listing.quarter_of(timezone.localdate()), not text


def name_of(first: date) -> str:
    return f"{first.year}-Q{(first.month + 2) // 3}"


def strip(look: Look, chosen: date) -> list[tuple[Any, str, bool]]:
    """The quarters around the chosen one, with their sums and addresses."""
    found = listing.quarters(anniversary(chosen, -3), 5, look.filters)
    return [(one, look.address(quarter=name_of(one.first)), one.first == chosen) for one in found]


def _page(look: Look, first: date) -> tuple[keyset.Page, bool]:
    """The page asked for; the first one, and True, where its address is damaged."""
    where = look.request.GET
    try:
        return page(look, first, where.get("after", ""), where.get("before", "")), False
    except BadPositionError:
        return page(look, first), True


def page(look: Look, first: date, after: str = "", before: str = "") -> keyset.Page:
    column = Renewal._meta.get_field("decision_date")
    until = anniversary(first, 3)
    rows = listing.rows(look.filters).filter(decision_date__gte=first, decision_date__lt=until)
    return keyset.page(
        rows,
        Order("decision_date"),
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (row.decision_date, row.pk),
    )


def exported(look: Look, **place: str) -> str:
    return f"{reverse('renewals:export')}?{urlencode([*look.asked.pairs(whole=True), *place.items()])}"


def months(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    reader = formats.Reader()
    by_month = groupby(rows, key=lambda row: row.r.decision_date.replace(day=1))
    return [(reader.day(first, form="month"), list(found)) for first, found in by_month]
