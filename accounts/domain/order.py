"""The order of the queue, and the line that explains it.

Breached promises first; then by expected loss = yearly value × P(loss by band) × nearness. The first two
factors are kept on the row (FollowUp.expected_loss), the third moves with the clock. A page of the queue in
this order: domain/queue.py.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.enums import Band

# How likely a customer of this band is to leave within the year.
LOSS: dict[str, Decimal] = {
    Band.RED.value: Decimal("0.40"),
    Band.YELLOW.value: Decimal("0.15"),
    Band.GREEN.value: Decimal("0.05"),
    Band.THRIVING.value: Decimal("0.02"),
}
UNKNOWN_LOSS = Decimal("0.15")

# 1 when due (and after), falling to a quarter two weeks before that.
FAR, FAR_NEARNESS = timedelta(days=14), 0.25


def odds_of_loss(band: str) -> Decimal:
    return LOSS.get(band, UNKNOWN_LOSS)


def yearly_loss(mrr: Decimal | float, band: str) -> Decimal:
    """Yearly value × P(loss by band), as kept in FollowUp.expected_loss."""
    return round(Decimal(mrr) * 12 * odds_of_loss(band), 4)


def nearness(due_at: datetime, now: datetime) -> float:
    ahead = (due_at - now) / FAR
    return min(1.0, max(FAR_NEARNESS, 1 - (1 - FAR_NEARNESS) * ahead))


class Why(NamedTuple):
    """Why a row stands where it does: a line for the list, and the sum with its result for who wants to check."""

    text: str
    detail: str
    broken: bool = False


def why_here(row: dict[str, Any], now: datetime) -> Why:
    """`row` as queue_page() gives it: promise, due_at, account__mrr, account__band."""
    sum_ = _sum(row, now)
    if row["promise"] and row["due_at"] < now:
        return Why(_("Promise broken %(ago)s") % {"ago": formats.relative(row["due_at"])}, sum_, broken=True)
    return Why(_line(row, now), sum_)


def _factors(row: dict[str, Any]) -> dict[str, str]:
    band = row["account__band"] if row["account__band"] in Band.values else Band.UNKNOWN
    return {
        "value": formats.money(row["account__mrr"] * 12, settings.REPORTING_CURRENCY),
        "odds": formats.percent(odds_of_loss(band)),
        "band": str(Band(band).label),
    }


def _line(row: dict[str, Any], now: datetime) -> str:
    if not row["account__mrr"]:
        return _("No revenue at stake × %(due)s") % {"due": _due(row["due_at"], now)}
    return _("%(value)s a year × %(odds)s (%(band)s) × %(due)s") % {**_factors(row), "due": _due(row["due_at"], now)}


def _sum(row: dict[str, Any], now: datetime) -> str:
    near = nearness(row["due_at"], now)
    loss = float(row["account__mrr"]) * 12 * float(odds_of_loss(row["account__band"])) * near
    return _("%(value)s a year × %(odds)s chance of loss (%(band)s) × nearness %(near)s = %(loss)s") % {
        **_factors(row),
        "near": formats.number(near, 2),
        "loss": formats.money(loss, settings.REPORTING_CURRENCY),
    }


def _due(due_at: datetime, now: datetime) -> str:
    if due_at < now:
        return _("overdue")
    days = (formats.timezone.localtime(due_at).date() - formats.timezone.localtime(now).date()).days
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return ngettext("due in %(n)s day", "due in %(n)s days", days) % {"n": days}
