"""Prices of plans, and changes of plans, in words: those of the reader."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.plans.pricing import price_for
from accounts.enums import Interval, ValueMetric
from accounts.models import PlanPrice, PlanVersion, Subscription

RHYTHM: dict[str, dict[str, Any]] = {
    Interval.MONTH: {"seat": lambda: _("%(price)s a seat and month"), "whole": lambda: _("%(price)s a month")},
    Interval.YEAR: {"seat": lambda: _("%(price)s a seat and year"), "whole": lambda: _("%(price)s a year")},
}
PER = {
    Interval.DAY: lambda: _("a day"),
    Interval.WEEK: lambda: _("a week"),
    Interval.MONTH: lambda: _("a month"),
    Interval.QUARTER: lambda: _("a quarter"),
    Interval.YEAR: lambda: _("a year"),
}


def price_words(version: PlanVersion, interval: str, currency: str) -> str:
    """ "$20 a seat and month"; "" where it is not sold so. Wants `prices` prefetched where many are asked."""
    price = price_for(version, interval, currency)
    return price_in_words(version, price) if price else ""


def price_in_words(version: PlanVersion, price: PlanPrice) -> str:
    if version.metric == ValueMetric.TIERED:
        return "; ".join(tier_words(price))
    form = "seat" if version.metric == ValueMetric.SEAT else "whole"
    words = RHYTHM[price.interval][form]() % {"price": _money(price.amount, price.currency)}
    if version.metric == ValueMetric.METERED and price.unit_amount is not None:
        unit = {"price": _money(price.unit_amount, price.currency), "unit": version.unit_name}
        return f"{words} + " + _("%(price)s per %(unit)s") % unit
    return words


def tier_words(price: PlanPrice) -> list[str]:
    words, first = [], 1
    for tier in price.tiers:
        facts = {
            "first": formats.number(first),
            "last": formats.number(tier["up_to"] or first),
            "price": RHYTHM[price.interval]["seat"]() % {"price": _money(Decimal(tier["amount"]), price.currency)},
        }
        sentence = _("seats %(first)s to %(last)s: %(price)s") if tier["up_to"] else _("from seat %(first)s: %(price)s")
        words.append(sentence % facts)
        first = (tier["up_to"] or 0) + 1
    return words


def own_price(sub: Subscription) -> str:
    """What they pay, whatever their plan costs others."""
    words = RHYTHM.get(sub.interval) if sub.interval_count == 1 else None
    price = _money(sub.unit_amount, sub.currency)
    if words:
        return words["seat" if sub.per_seat else "whole"]() % {"price": price}
    return f"{price} · {PER[Interval(sub.interval)]()}"


def changes_in_words(changes: Mapping[str, Any]) -> str:
    """What quotes.differences() found."""
    parts = []
    if "plan" in changes:
        parts.append(" → ".join(changes["plan"]))
    if "version" in changes:
        plan, was, now = changes["version"]
        parts.append(_("%(plan)s, version %(before)s → %(after)s") % {"plan": plan, "before": was, "after": now})
    if "seats" in changes:
        was, now = (formats.number(seats) for seats in changes["seats"])
        parts.append(_("seats %(before)s → %(after)s") % {"before": was, "after": now})
    if "interval" in changes:
        parts.append(_("paid by the year") if changes["interval"] == Interval.YEAR else _("paid by the month"))
    if "price" in changes:
        was, now, currency = changes["price"]
        amounts = [formats.money(Decimal(amount), currency, exact=True) for amount in (was, now)]
        parts.append(_("price %(before)s → %(after)s") % {"before": amounts[0], "after": amounts[1]})
    return ", ".join(parts)


def change_in_words(data: Mapping[str, Any]) -> str:
    """Of an activity about a change of plan."""
    return changes_in_words(data.get("changes") or {})


def dropped_in_words(data: Mapping[str, Any]) -> str:
    return change_in_words(data) if data.get("dropped") else ""


def _money(amount: Decimal, currency: str) -> str:
    return formats.money(amount, currency, exact=amount % 1 != 0)
