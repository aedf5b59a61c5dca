"""Where health, the CSM and the customer are far apart; and who was right so far."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.domain.renewals import listing
from accounts.domain.renewals.disputes import opinions
from accounts.http import Request, requires
from accounts.models import Renewal
from accounts.views.renewals.frame import Look

MOST = 100
SIDES: dict[str, Any] = {"model": _("Health"), "call": _("CSM's call"), "intent": _("The customer")}


@dataclass(frozen=True)
class Row:
    r: Renewal
    said: dict[str, Decimal | None]
    late: bool
    may_settle: bool


@require_safe
@requires("renewal.view")
def renewal_disagreements(request: Request) -> HttpResponse:
    look = Look(request, "disagreements")
    found = list(listing.disagreements(look.filters)[: MOST + 1])
    everything, disputed = listing.hit_rates(look.filters), listing.hit_rates(look.filters, disputed=True)
    context = {
        "rows": [_row(row, request) for row in found[:MOST]],
        "more": len(found) > MOST,
        "rates": [(SIDES[rate.side], rate, beside) for rate, beside in zip(everything, disputed, strict=True)],
        "decided": any(rate.number for rate in everything),
    }
    return look.answer("disagreements", context)


def _row(row: Renewal, request: Request) -> Row:
    late = row.settle_by is not None and row.settle_by < timezone.localdate()
    return Row(row, opinions(row), late, request.user.may("renewal.settle", row))
