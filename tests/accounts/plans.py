"""Plans for tests: versions with prices, with as few words as the test needs."""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.domain.plans import offer, save_version
from accounts.domain.subscriptions import upsert_subscription
from accounts.models import Account, Plan, PlanVersion, Subscription


def plan(name: str, *prices: tuple[str, Any], offered: bool = True, **values: Any) -> PlanVersion:
    """plan("Team", ("month", 20), ("year", 200)): a version of that plan, by the seat, in dollars."""
    row, _created = Plan.objects.get_or_create(key=name.lower(), defaults={"name": name})
    tiered = values.get("metric") == "tiered"
    rows = [
        {"interval": interval, "currency": "USD", ("tiers" if tiered else "amount"): amount}
        for interval, amount in prices
    ]
    version, _new = save_version(row, None, {"metric": "seat", "min_seats": 1, "decreases": "now", **values}, rows)
    if offered:
        offer(version)
    version.refresh_from_db()
    return version


def subscribed(account: Account, version: PlanVersion | None, seats: int = 10, **fields: Any) -> Subscription:
    """On this version by the month since New Year."""
    price = version.prices.get(interval=fields.get("interval", "month")) if version else None
    defaults: dict[str, Any] = {"currency": "USD", "started_on": date(2026, 1, 1), "quantity": seats}
    if version and price:
        defaults |= {"plan_version": version, "unit_amount": price.amount}
    row, _result = upsert_subscription(account, fields.pop("external_id", "S-1"), by="test", **{**defaults, **fields})
    return Subscription.objects.select_related("account", "plan", "plan_version__plan").get(pk=row.pk)


def money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
