"""What an account pays, and how that came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.charts import Series, line
from accounts.domain import mrr_history
from accounts.domain.committed import leaving
from accounts.domain.plans.yearly import YearlyOffer, yearly_offer
from accounts.enums import Interval, SubscriptionStatus
from accounts.http import Request
from accounts.models import Account, Movement, Subscription
from accounts.views.customers.frame import boxes, page, the_account

MOST = 200  # movements in the table; the chart takes all

TONES = {
    SubscriptionStatus.ACTIVE: "green",
    SubscriptionStatus.TRIALING: "accent",
    SubscriptionStatus.PAST_DUE: "yellow",
}


@dataclass(frozen=True)
class Row:
    one: Subscription
    tone: str
    rhythm: str
    discount: str
    yearly: YearlyOffer | None


@require_safe
def account_subscription(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    # As they are made: on one day the market comes first (movements.IN_ORDER).
    movements = list(account.movements.order_by("-occurred_on", "change__revaluation", "-change_id"))
    context = {
        "subscriptions": [_row(one) for one in _subscriptions(account)],
        "movements": movements[:MOST],
        "more": len(movements) - MOST,
        "chart": _chart(account, movements[::-1]),
        **_committed(account),
        "boxes": boxes(account, "subscription"),
    }
    return page(request, "subscription", account, "subscription", context)


def _committed(account: Account) -> dict[str, Any]:
    """MRR, and what is known to leave of it."""
    ahead = leaving([account.pk])
    return {"leaving": ahead, "committed": account.mrr - sum((one.mrr for one in ahead), Decimal(0))}


def _subscriptions(account: Account) -> Any:
    """Running ones first."""
    latest_first = F("ended_on").desc(nulls_first=True)
    rows = account.subscriptions.select_related("plan", "plan_version").prefetch_related("plan_version__prices")
    return rows.order_by(latest_first, "-mrr", "pk")


def _row(one: Subscription) -> Row:
    return Row(one, TONES.get(SubscriptionStatus(one.status), "grey"), _rhythm(one), _discount(one), yearly_offer(one))


EVERY = {
    Interval.DAY: lambda n: ngettext("every day", "every %(n)s days", n),
    Interval.WEEK: lambda n: ngettext("every week", "every %(n)s weeks", n),
    Interval.MONTH: lambda n: ngettext("every month", "every %(n)s months", n),
    Interval.QUARTER: lambda n: ngettext("every quarter", "every %(n)s quarters", n),
    Interval.YEAR: lambda n: ngettext("every year", "every %(n)s years", n),
}


def _rhythm(one: Subscription) -> str:
    every = EVERY[Interval(one.interval)](one.interval_count) % {"n": one.interval_count}
    return _("per seat, %(every)s") % {"every": every} if one.per_seat else every


def _discount(one: Subscription) -> str:
    parts = []
    if one.discount_percent:
        parts.append(formats.percent(one.discount_percent, of=100, decimals=0 if one.discount_percent % 1 == 0 else 2))
    if one.discount_amount:
        parts.append(formats.money(one.discount_amount, one.currency, exact=True))
    return _("less %(discount)s") % {"discount": ", ".join(parts)} if parts else ""


def _chart(account: Account, movements: Sequence[Movement]) -> str:
    today = timezone.now().astimezone(account.time_zone).date()
    points = mrr_history.month_ends(movements, today)
    if len(points) < 2:
        return ""
    money = partial(formats.money, currency=settings.REPORTING_CURRENCY)
    return line(
        _("MRR by month"),
        [formats.day(day, form="month") for day, _mrr in points],
        [Series(_("MRR"), [mrr for _day, mrr in points])],
        low=0,
        write=money,
        write_axis=partial(money, compact=True),
        first_column=_("Month"),
    )
