"""What the demo's plans are and cost: an older, cheaper version that early customers keep, and today's."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.domain.links import addresses_of
from accounts.domain.plans import Wish, cancel_at_period_end, confirm, offer, quote, save_version
from accounts.domain.plans.changing import customer
from accounts.exceptions import DomainError
from accounts.models import Contact, Plan, PlanVersion, Subscription
from config.demo.story import price_of

FEATURES = {
    "starter": ["Boards and tasks", "10 GB of files", "Mail support"],
    "team": ["Everything in Starter", "Reports", "100 GB of files", "Chat support"],
    "business": ["Everything in Team", "Automations", "Dashboards", "Single sign-on"],
    "enterprise": ["Everything in Business", "Audit log", "API without limits", "A named success manager"],
}
SEATS = {"starter": (1, 25), "team": (2, 100), "business": (5, None), "enterprise": (25, None)}
LINKS = 40  # contacts who have been sent their portal


def print_prices(plans: Sequence[Plan]) -> None:
    """Two versions each; the newer one is offered, except where one talks first."""
    for plan in plans:
        fewest, most = SEATS[plan.key]
        values = {
            "metric": "seat", "features": FEATURES[plan.key], "min_seats": fewest, "max_seats": most,
            "decreases": "now" if plan.key in ("starter", "team") else "period_end",
        }  # fmt: skip
        for number in (1, 2):
            month = price_of(plan.key, number)
            prices = [
                {"interval": "month", "currency": "USD", "amount": month},
                {"interval": "year", "currency": "USD", "amount": month * 10},  # two months for free by the year
            ]
            version, _new = save_version(plan, None, values, prices)
        if plan.key != "enterprise":
            offer(version)
    PlanVersion.objects.filter(number=1).update(created_at=timezone.now() - timedelta(days=900))


def hand_out_portals() -> None:
    """Some who decide have their link; one of them asked for fewer seats, one has canceled."""
    deciding = Contact.objects.filter(decides=True, left_on=None, account__stage="active")
    contacts = list(deciding.select_related("account").order_by("-account__mrr")[:LINKS])
    addresses_of([(contact, "") for contact in contacts], "portal")
    asked = canceled = False
    for contact in contacts[::-1]:
        running = contact.account.subscriptions.filter(status="active", ended_on=None)
        sub = running.select_related("account", "plan", "plan_version__plan").first()
        if sub is None or sub.quantity < 6:
            continue
        if not asked and sub.plan_version and sub.plan_version.decreases == "period_end":
            asked = _fewer_seats(sub, contact)
        elif not canceled:
            words = "We do not reach the reports we need, and the new price does not help."
            cancel_at_period_end(sub, by=customer(contact), contact=contact, reason="missing_feature", comment=words)
            canceled = True


def _fewer_seats(sub: Subscription, contact: Contact) -> bool:
    wish = Wish(seats=sub.quantity // 2 + 1)
    try:
        asked = quote(sub, wish)
    except DomainError:  # fewer than the plan allows
        return False
    confirm(sub, wish, asked.key, by=customer(contact), contact=contact)
    return True
