"""What a period's renewals will bring, every step of the sum written out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.charts import Step, waterfall
from accounts.domain import keyset
from accounts.domain.anniversaries import anniversary
from accounts.domain.keyset import BadPositionError, Order
from accounts.domain.mrr import ZERO, apportioned, displayed
from accounts.domain.renewals.forecast import Forecast, Part, forecast
from accounts.domain.renewals.listing import quarter_of
from accounts.enums import RenewalStage
from accounts.forms.renewal_filters import PeriodForm
from accounts.http import Request, requires
from accounts.models import Renewal
from accounts.views.renewals.frame import Look
from accounts.views.renewals.rows import rows_of

SIZE = 50
LATE = 50
PLACE = ("from", "to")


@require_safe
@requires("renewal.view")
def renewal_forecast(request: Request) -> HttpResponse:
    look = Look(request, "forecast", place=PLACE)
    form = PeriodForm(request.GET, usual=periods()[0][1:])
    found = forecast(form.first, form.until, **vars(look.filters))
    page, lost = _page(look, found)
    late = list(found.overdue_lines[:LATE]) if found.overdue else []
    lines = lines_of(found.parts)
    decided = sum((line.amount for line in lines if line.part.is_decided), ZERO)
    total = sum((line.amount for line in lines), ZERO)
    context = {
        "form": form,
        "f": found,
        "lines": lines,
        "decided": decided,
        "open": total - decided,
        "total": total,
        "chart": chart(found),
        "page": page,
        "rows": rows_of(page.rows, request.user),
        "late": rows_of(late, request.user),
        "more_late": found.overdue_count - len(late),
        "last": found.until - timedelta(days=1),
        "pairs": list(look.asked.pairs()),
        "lost": lost,
        "sentences": [str(error) for errors in form.errors.values() for error in errors],
        "periods": [
            (title, look.address(**{"from": first, "to": until}), (first, until) == (form.first, form.until))
            for title, first, until in periods()
        ],
    }
    return look.answer("forecast", context)


def periods() -> list[tuple[str, date, date]]:
    """Those that people ask about; the first is the usual one."""
    today = timezone.localdate()
    this = quarter_of(today)
    following, month, year = anniversary(this, 3), today.replace(day=1), date(today.year, 1, 1)
    return [
        (_("This quarter"), this, following),
        (_("Next quarter"), following, anniversary(following, 3)),
        (_("This month"), month, anniversary(month, 1)),
        (_("This year"), year, anniversary(year, 12)),
        (_("Next twelve months"), month, anniversary(month, 12)),
    ]


@dataclass(frozen=True)
class Line:
    """A step of the sum as it is written."""

    part: Part
    due: Decimal
    amount: Decimal
    name: Any
    why: str
    band: str = ""

    @property
    def decimals(self) -> int:
        """Calls may be finer than whole per cents."""
        chance = self.part.probability
        return 0 if chance is None or (chance * 100) % 1 == 0 else 1


def lines_of(parts: Sequence[Part]) -> list[Line]:
    """To the cent, and still adding up as they are printed."""
    rounded = zip(parts, _cents(part.due for part in parts), _cents(part.amount for part in parts), strict=True)
    return [Line(part, due, amount, *_words(part)) for part, due, amount in rounded]


def _cents(exact: Iterable[Decimal]) -> list[Decimal]:
    amounts = list(exact)
    return apportioned(displayed(sum(amounts, ZERO)), amounts)


def _words(part: Part) -> tuple[Any, str, str]:
    if part.is_decided:
        return RenewalStage(part.what).label, _("as decided"), ""
    if part.source == "call":
        return _("Open, by the CSM's call"), "", ""
    return _("Open, by health"), "", part.what


# The picture ----------------------------------------------------------------------------------------


def chart(found: Forecast) -> Any:
    """From what is due to what will come of it."""
    if not found.due:
        return ""
    money = partial(formats.money, currency=settings.REPORTING_CURRENCY)
    steps = [Step(name, delta, note) for name, delta, note in _steps(found) if delta]
    return waterfall(
        _("From what is due to the forecast"),
        (_("Due"), found.due),
        steps,
        (_("Forecast"), found.total),
        write=money,
        write_delta=partial(money, signed=True),
    )


def _steps(found: Forecast) -> Iterator[tuple[str, Decimal, str]]:
    for part in found.parts:
        if part.is_decided:
            yield str(RenewalStage(part.what).label), part.amount - part.due, _("decided")
    for source, name in (("call", _("Risk by the CSMs' calls")), ("band", _("Risk by health"))):
        open_ = [part for part in found.parts if part.source == source]
        yield name, sum((part.amount - part.due for part in open_), ZERO), _("open")


# The terms behind it --------------------------------------------------------------------------------


def _page(look: Look, found: Forecast) -> tuple[keyset.Page, bool]:
    where = look.request.GET
    try:
        return page(found, where.get("after", ""), where.get("before", "")), False
    except BadPositionError:
        return page(found), True


def page(found: Forecast, after: str = "", before: str = "") -> keyset.Page:
    column = Renewal._meta.get_field("ends_on")
    return keyset.page(
        found.lines,
        Order("ends_on"),
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (row.ends_on, row.pk),
    )
