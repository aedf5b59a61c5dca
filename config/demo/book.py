"""The customers, their people and what they pay: through the same verbs that an import uses."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pgtrigger
from django.db import connection

from accounts.domain.accounts import upsert_accounts
from accounts.domain.bulk import Counts
from accounts.domain.contacts import upsert_contacts
from accounts.domain.subscriptions import upsert_subscriptions
from accounts.models import Account, Contact, Plan, Segment, User
from config.demo import words
from config.demo.plans import print_prices
from config.demo.story import ACTIONS, PLANS, SEGMENTS, TARGETS, Customer
from health.models import Action, UsageTarget

SOURCE = "Demo"
DAY = timedelta(days=1)
# What some of them said; of nine who leave, two go to a competitor, two for the price.
SAID = {
    "competitor": (
        "Our new head of operations brought along what she used before.",
        "The other one came with our office suite, at no extra cost.",
        "They showed us the planning view that we asked you for.",
    ),
    "price": (
        "We use a third of the seats and pay for all of them.",
        "The rise of this spring was one too many.",
        "Our budget for tools was halved.",
    ),
    "free_plan": (
        "The free boards of the other one do for four people.",
        "We went back to the free plan: the paid reports were never opened.",
    ),
    "no_value": (
        "After three months only two of us still opened it.",
        "The project it was bought for is over.",
    ),
    "out_of_business": ("We close at the end of the quarter. Thank you for the patience.",),
    "missing_feature": (
        "We waited a year for the bank feed.",
        "Without approvals our auditors would not have it.",
    ),
    "support_quality": ("Four days for an answer about payroll was too long for us.",),
    "other": ("We were bought, and the new owner decides about tools.",),
}
REASONS = (*SAID, "competitor", "price")


def set_rules() -> dict[str, Action]:
    """Segments, plans, actions with their impact, targets."""
    Segment.objects.bulk_create(
        Segment(key=key, name=row[0], touch_model=row[1], position=place)
        for place, (key, row) in enumerate(SEGMENTS.items(), 1)
    )
    plans = Plan.objects.bulk_create(Plan(key=key, name=row[0]) for key, row in PLANS.items())
    print_prices(plans)
    actions = Action.objects.bulk_create(Action(key=key, name=name, impact=impact) for key, name, impact in ACTIONS)
    included = Action.plans.through
    included.objects.bulk_create(
        included(action=action, plan=plan)
        for plan, row in zip(plans, PLANS.values(), strict=True)
        for action in actions[: row[2]]
    )
    UsageTarget.objects.bulk_create(
        UsageTarget(segment=segment, points_per_seat=TARGETS[segment.key]) for segment in Segment.objects.all()
    )
    return {action.key: action for action in actions}


def welcome(
    customers: Sequence[Customer], csms: Sequence[User], rng: np.random.Generator, today: date
) -> list[dict[str, Any]]:
    """Everybody becomes a customer; `customer.pk` is set. What they sign is handed back: that comes after their usage,
    since whoever drops seats is asked whether they were in use."""
    _check(upsert_accounts((_account(customer, csms) for customer in customers), by=SOURCE, source=SOURCE))
    pks = dict(Account.objects.filter(external_id__startswith="demo-").values_list("external_id", "pk"))
    for customer in customers:
        customer.pk = pks[customer.external_id]
    _check(upsert_contacts(_contacts(customers, rng), by=SOURCE))
    _since_they_came()
    return list(_subscriptions(customers, rng, today))


def sign(papers: Sequence[dict[str, Any]]) -> None:
    _check(upsert_subscriptions(papers, by=SOURCE))
    _when_they_signed()


# The n-th time that seats are said to have changed is the n-th step to another number of them.
SEATS_CHANGED = """
with steps as (
    select subscription_id, effective_on,
        row_number() over (partition by subscription_id order by effective_on, id) as n
    from (
        select id, subscription_id, effective_on, quantity,
            lag(quantity) over (partition by subscription_id order by effective_on, id) as before
        from accounts_subscriptionchange where not revaluation
    ) c where quantity <> before
), told as (
    select f.id, s.id as subscription_id,
        row_number() over (partition by s.id order by f.id) as n
    from accounts_activity f
    join accounts_subscription s on s.account_id = f.account_id and s.external_id = f.data->>'subscription'
    where f.kind = 'subscription.changed' and f.data->'changes' ? 'quantity'
)
update accounts_activity f set occurred_at = (steps.effective_on + time '12:00') at time zone 'UTC'
from told join steps using (subscription_id, n) where f.id = told.id
"""
ENDED = """
update accounts_activity f set occurred_at = (s.ended_on + time '12:00') at time zone 'UTC'
from accounts_subscription s where s.account_id = f.account_id and s.ended_on <= now() and (
    f.kind = 'subscription.changed' and f.data->'changes' ? 'ended_on' and s.external_id = f.data->>'subscription'
    or f.kind = 'account.stage_changed' and f.data->>'after' = 'churned'
)
"""


def _when_they_signed() -> None:
    """What they changed was told on its day, like the money it moved."""
    with pgtrigger.ignore("accounts.Activity:facts_stay"), connection.cursor() as cursor:
        cursor.execute(SEATS_CHANGED)
        cursor.execute(ENDED)


def _since_they_came() -> None:
    """They and their people were here from the start. What happened is never rewritten, except in a story."""
    with pgtrigger.ignore("accounts.Activity:facts_stay"), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE accounts_activity f SET occurred_at = (a.started_on + interval '9 hours') AT TIME ZONE a.time_zone
            FROM accounts_account a WHERE a.id = f.account_id
            """
        )
        cursor.execute("UPDATE accounts_account SET created_at = started_on + interval '9 hours'")


def _check(counts: Counts) -> None:
    if counts.refused:
        raise RuntimeError(f"The demo made rows that are refused: {counts.refused[:3]}")


def _account(customer: Customer, csms: Sequence[User]) -> dict[str, Any]:
    country, zone, _language = customer.place
    return {
        "external_id": customer.external_id,
        "name": customer.name,
        "domain": customer.domain,
        "segment": customer.segment,
        "csm": csms[customer.csm].email,
        "stage": "trial" if customer.mood in ("trial", "lapsed") else "onboarding" if customer.is_new else "active",
        "currency": "USD",
        "time_zone": zone,
        "country": country,
        "industry": customer.industry,
        "channel": customer.channel,
        "started_on": customer.started_on,
    }


def _contacts(customers: Sequence[Customer], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for customer in customers:
        for place in range(int(rng.integers(2, 5))):
            given, family = (str(rng.choice(names)) for names in (words.GIVEN, words.FAMILY))
            yield {
                "account": customer.external_id,
                "email": f"{given}.{family}{place or ''}@{customer.domain}".lower(),
                "name": f"{given} {family}",
                "title": str(rng.choice(words.TITLES)),
                "decides": place == 0,
                "champion": place == 1,
                "language": customer.place[2],
            }


def _subscriptions(customers: Sequence[Customer], rng: np.random.Generator, today: date) -> Iterator[dict[str, Any]]:
    for customer in customers:
        first = {
            "account": customer.external_id,
            "external_id": f"C-{customer.number:04d}",
            "plan": customer.plan,
            "plan_version": customer.version,
            "currency": "USD",
            "unit_amount": customer.price,
            "quantity": customer.seats,
            "interval": "year" if customer.yearly else "month",
            "started_on": customer.started_on,
            "effective_on": customer.started_on,
            "term_end": _term_end(customer, customer.ended_on - DAY if customer.ended_on else today),
            "notice_days": 60 if customer.yearly and renews_by_itself(customer) else 0,
            "auto_renew": renews_by_itself(customer),
            "term_months": 12 if customer.yearly else 1,
            "discount_percent": Decimal(10) if rng.random() < 0.15 else Decimal(0),
        }
        if customer.tried:
            first |= {"trial_ends_on": customer.pays_from}
        if customer.mood == "trial":
            yield first | {"status": "trialing"}
            continue
        if customer.mood == "lapsed":
            yield first | {"ended_on": customer.ended_on}
            continue
        yield first
        for day, seats in customer.steps:
            yield {"account": customer.external_id, "external_id": first["external_id"], "quantity": seats, "effective_on": day}  # fmt: skip
        if customer.ended_on:
            reason = str(rng.choice(REASONS))
            yield {
                "account": customer.external_id,
                "external_id": first["external_id"],
                "ended_on": customer.ended_on,
                "churn_reason": reason,
                "churn_comment": SAID[reason][customer.number % len(SAID[reason])] if customer.number % 4 else "",
                "effective_on": max([customer.started_on, *(day for day, _ in customer.steps)]),
            }


def renews_by_itself(customer: Customer) -> bool:
    """Some of the larger ones sign anew each year."""
    return not (customer.yearly and customer.segment in ("enterprise", "mid") and customer.number % 3 == 0)


def _term_end(customer: Customer, today: date) -> date:
    """The next anniversary of the start, by year or by month; of a few, one that has gone by unsigned. Of who left: as
    it was on that day."""
    if (
        customer.ended_on is None
        and not renews_by_itself(customer)
        and customer.number % 8 == 0
        and customer.started_on < today - timedelta(days=120)
    ):
        return today - timedelta(days=2 + customer.number % 17)
    if customer.yearly:
        years = today.year - customer.started_on.year
        end = _years_on(customer.started_on, years)
        return end if end > today else _years_on(customer.started_on, years + 1)
    days = 30 - (today - customer.started_on).days % 30
    return today + timedelta(days=days)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def contacts_of() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for account_id, pk in Contact.objects.order_by("pk").values_list("account_id", "pk"):
        found.setdefault(account_id, []).append(pk)
    return found
