"""Versions of plans: made, changed while nobody has them, offered, withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.account_values import currency as clean_currency, refuse
from accounts.domain.subscription_values import number, one_of, whole
from accounts.domain.text import one_line
from accounts.enums import Complexity, DecreaseRule, Interval, ValueMetric
from accounts.exceptions import Conflict, DomainError
from accounts.models import Plan, PlanPrice, PlanVersion

MOST_SEATS = 10_000_000
MOST_FEATURES, MOST_TIERS = 40, 20
MONEY = number(Decimal(1_000_000_000), 8)


@transaction.atomic
def create_plan(*, name: str, key: str = "", complexity: str = Complexity.MID) -> Plan:
    name = one_line(name, 120)
    key = one_line(key, 80) or slugify(name)
    if not name or not key:
        raise refuse("name", _("This cannot be empty."))
    plan, created = Plan.objects.get_or_create(key=key, defaults={"name": name, "complexity": _complexity(complexity)})
    if not created:
        raise Conflict(_("There is a plan with this key already."), errors={"key": [_("Taken.")]})
    return plan


def change_plan(plan: Plan, *, name: str | None = None, complexity: str | None = None) -> None:
    """Only what is given."""
    plan.name = plan.name if name is None else one_line(name, 120)
    plan.complexity = plan.complexity if complexity is None else _complexity(complexity)
    if not plan.name:
        raise refuse("name", _("This cannot be empty."))
    given = {"name": name, "complexity": complexity}
    plan.save(update_fields=[field for field, value in given.items() if value is not None])


def _complexity(given: str) -> str:
    if given not in Complexity.values:
        raise refuse("complexity", _("Choose one of the values."))
    return given


@transaction.atomic
def save_version(
    plan: Plan, version: PlanVersion | None, values: Mapping[str, Any], prices: Sequence[Mapping[str, Any]]
) -> tuple[PlanVersion, bool]:
    """The version with these values and prices, and whether it is a new one: what somebody has, or had, stays as it
    is, and a change to it is the next version."""
    cleaned = _clean(values)
    rows = _clean_prices(prices, cleaned["metric"])
    # Who is about to take this version waits, or has taken it: the lock meets that of the foreign key.
    Plan.objects.select_for_update().get(pk=plan.pk)
    held = PlanVersion.objects.select_for_update().get(pk=version.pk) if version else None
    new = held is None or held.used_at is not None
    if held is None or new:
        held = PlanVersion(plan=plan, number=(plan.versions.aggregate(most=Max("number"))["most"] or 0) + 1)
    for name, value in cleaned.items():
        setattr(held, name, value)
    held.save()
    held.prices.all().delete()
    PlanPrice.objects.bulk_create(PlanPrice(version=held, **row) for row in rows)
    return held, new


@transaction.atomic
def offer(version: PlanVersion) -> None:
    """Customers may choose it in their portal, in place of the plan's other versions."""
    held = PlanVersion.objects.select_for_update().get(pk=version.pk)
    if held.withdrawn_at:
        raise Conflict(_("This version is withdrawn: make a new one."))
    if not held.prices.exists():
        raise DomainError(_("Without a price it cannot be offered."))
    PlanVersion.objects.filter(plan=held.plan_id, offered=True).update(offered=False)
    PlanVersion.objects.filter(pk=held.pk).update(offered=True)


def stop_offering(version: PlanVersion) -> None:
    PlanVersion.objects.filter(pk=version.pk).update(offered=False)


def withdraw(version: PlanVersion) -> None:
    """Nobody gets it any more; who has it keeps it, with its price."""
    PlanVersion.objects.filter(pk=version.pk, withdrawn_at=None).update(offered=False, withdrawn_at=timezone.now())


def delete_version(version: PlanVersion) -> None:
    with transaction.atomic():
        held = PlanVersion.objects.select_for_update().get(pk=version.pk)
        if held.used_at:
            raise Conflict(_("Customers have this version, or had it: withdraw it instead."))
        held.delete()


# What may stand in it ---------------------------------------------------------------------------------


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "metric": one_of(ValueMetric),
        "unit_name": lambda given: one_line(given or "", 60),
        "features": _features,
        "min_seats": whole(1, MOST_SEATS),
        "max_seats": lambda given: None if given in (None, "") else whole(1, MOST_SEATS)(given),
        "decreases": one_of(DecreaseRule),
    }
    cleaned, errors = {}, {}
    for name, rule in rules.items():
        try:
            cleaned[name] = rule(values.get(name))
        except DomainError as error:
            errors[name] = [error.message]
    if not errors and cleaned["max_seats"] is not None and cleaned["max_seats"] < cleaned["min_seats"]:
        errors["max_seats"] = [_("This is less than the fewest seats.")]
    if not errors and cleaned["metric"] == ValueMetric.METERED and not cleaned["unit_name"]:
        errors["unit_name"] = [_("Say what is counted.")]
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return cleaned


def _features(given: Iterable[str] | None) -> list[str]:
    lines = [line for text in given or [] if (line := one_line(text, 160))]
    if len(lines) > MOST_FEATURES:
        raise DomainError(_("At most %(most)s lines.") % {"most": MOST_FEATURES})
    return lines


def _clean_prices(prices: Sequence[Mapping[str, Any]], metric: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for given in prices:
        row = {
            "interval": one_of(Interval)(given["interval"]),
            "currency": clean_currency(given["currency"]),
            "amount": MONEY(given.get("amount") or 0),
            "tiers": clean_tiers(given.get("tiers") or []) if metric == ValueMetric.TIERED else [],
            "unit_amount": _unit_amount(given, metric),
        }
        if row["interval"] not in Interval.by_price():
            raise refuse("prices", _("A plan is priced by the month or by the year."))
        if metric == ValueMetric.TIERED and not row["tiers"]:
            raise refuse("prices", _("A tiered price needs its tiers."))
        if any((row["interval"], row["currency"]) == (other["interval"], other["currency"]) for other in rows):
            raise refuse("prices", _("There are two prices for the same rhythm and currency."))
        rows.append(row)
    return rows


def _unit_amount(given: Mapping[str, Any], metric: str) -> Decimal | None:
    amount = given.get("unit_amount")
    return MONEY(amount) if metric == ValueMetric.METERED and amount not in (None, "") else None


def clean_tiers(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In rising order, the last one without an end."""
    if len(given) > MOST_TIERS:
        raise refuse("prices", _("At most %(most)s tiers.") % {"most": MOST_TIERS})
    tiers, reached = [], 0
    for place, tier in enumerate(given, 1):
        last = place == len(given)
        until = None if last else whole(1, MOST_SEATS)(tier["up_to"])
        if until is not None and until <= reached:
            raise refuse("prices", _("Each tier reaches further than the one before."))
        tiers.append({"up_to": until, "amount": f"{MONEY(tier['amount']).normalize():f}"})
        reached = until or reached
    return tiers
