"""All plans with their versions, who has them and what they bring: a fixed number of queries."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q, Sum

from accounts.domain.plans.wording import price_in_words
from accounts.enums import SubscriptionStatus as Status
from accounts.models import Plan, PlanVersion, Subscription

ZERO = Decimal(0)


@dataclass(frozen=True)
class Held:
    """A version, or what of a plan is on none, with who has it."""

    version: PlanVersion | None
    customers: int
    mrr: Decimal
    newest: bool = False

    @property
    def prices(self) -> list[str]:
        return [price_in_words(self.version, price) for price in self.version.prices.all()] if self.version else []


@dataclass
class PlanRow:
    plan: Plan
    held: list[Held] = field(default_factory=list)

    @property
    def customers(self) -> int:
        return sum(one.customers for one in self.held)

    @property
    def mrr(self) -> Decimal:
        return sum((one.mrr for one in self.held), ZERO)


def all_plans() -> list[PlanRow]:
    live = Subscription.objects.filter(~Q(status=Status.CANCELED), plan__isnull=False)
    counted = live.values_list("plan", "plan_version").annotate(n=Count("account", distinct=True), worth=Sum("mrr"))
    found = {(plan, version): (n, worth or ZERO) for plan, version, n, worth in counted.order_by()}
    rows = {plan.pk: PlanRow(plan) for plan in Plan.objects.all()}
    for version in PlanVersion.objects.prefetch_related("prices").select_related("plan").order_by("plan", "-number"):
        held, known = rows[version.plan_id].held, found.get((version.plan_id, version.pk), (0, ZERO))
        held.append(Held(version, *known, newest=not held))
    for pk, row in rows.items():
        if (pk, None) in found:
            row.held.append(Held(None, *found[pk, None]))
    return list(rows.values())
