"""Customers of older versions move to a newer one: chosen, shown beforehand, recorded as any other change."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from accounts.domain.activity import Actor, Who, record_facts
from accounts.domain.mrr import monthly_amount
from accounts.domain.plans.changing import in_our_language, scheduled_fact, stored_fields, told_of
from accounts.domain.plans.periods import period_of
from accounts.domain.plans.pricing import as_fields, price_for
from accounts.domain.plans.quotes import Quote, changed_by, today_of
from accounts.domain.rates import Rates
from accounts.domain.subscription_rows import Batch, Row, lock_accounts
from accounts.enums import SubscriptionStatus as Status
from accounts.exceptions import Conflict, DomainError
from accounts.models import PlanChange, PlanVersion, Subscription

NEXT_TERM = "next_term"


@dataclass(frozen=True)
class Move:
    """What moving one subscription means, or why it cannot be moved."""

    subscription: Subscription
    fields: dict[str, Any]
    effective_on: date | None
    before: Decimal  # a month, reporting currency
    after: Decimal
    problem: str = ""

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Preview:
    moves: list[Move]

    @property
    def good(self) -> list[Move]:
        return [move for move in self.moves if not move.problem]

    @property
    def before(self) -> Decimal:
        return sum((move.before for move in self.good), Decimal(0))

    @property
    def after(self) -> Decimal:
        return sum((move.after for move in self.good), Decimal(0))

    @property
    def difference(self) -> Decimal:
        return self.after - self.before

    @property
    def key(self) -> str:
        """What is confirmed is what was shown."""
        facts = [(m.subscription.pk, m.subscription.updated_at, m.effective_on, m.after, m.problem) for m in self.moves]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def grandfathered(version: PlanVersion) -> QuerySet[Subscription]:
    """Who could be moved to this version: on another of the same plan, or on none."""
    running = Subscription.objects.filter(plan=version.plan, ended_on__isnull=True).exclude(status=Status.CANCELED)
    related = running.select_related("account", "plan", "plan_version__plan")
    return related.exclude(plan_version=version).order_by("account__name", "pk")


def preview(version: PlanVersion, subscription_ids: Sequence[int], when: date | str) -> Preview:
    """`when` is a day that has come, or NEXT_TERM: each when its own term (or paid period) ends."""
    if version.withdrawn_at:
        raise Conflict(_("This version is withdrawn: nobody can be moved to it."))
    subs = list(grandfathered(version).filter(pk__in=subscription_ids))
    rates = Rates({sub.currency for sub in subs})
    return Preview([_move(sub, version, when, rates) for sub in subs])


def _move(sub: Subscription, version: PlanVersion, when: date | str, rates: Rates) -> Move:
    today = today_of(sub)
    try:
        fields = _fields(sub, version)
        effective_on = _day(sub, when, today)
        before = rates.convert(monthly_amount(sub), sub.currency, today)
        after = rates.convert(monthly_amount(changed_by(sub, fields)), sub.currency, today)
    except DomainError as error:
        return Move(sub, {}, None, Decimal(0), Decimal(0), str(error))
    return Move(sub, fields, effective_on, before, after)


def _fields(sub: Subscription, version: PlanVersion) -> dict[str, Any]:
    price = price_for(version, sub.interval, sub.currency) if sub.interval_count == 1 else None
    if price is None:
        raise refuse("version", _("The version has no price in this rhythm and currency."))
    if not version.min_seats <= sub.quantity <= (version.max_seats or sub.quantity):
        raise refuse("seats", _("The version is not made for so many seats."))
    return as_fields(version, price, sub.quantity)


def _day(sub: Subscription, when: date | str, today: date) -> date:
    if not isinstance(when, date):
        return sub.term_end if sub.term_end and sub.term_end > today else period_of(sub, today)[1]
    if when > today:
        raise refuse("when", _("This day is still to come: choose today, a day before, or the next term."))
    return when


@transaction.atomic
def migrate(
    version: PlanVersion, subscription_ids: Sequence[int], when: date | str, key: str, *, by: Who
) -> Counter[str]:
    """Carried out exactly as `preview` with this key showed it: how many "moved", "scheduled", "refused"."""
    accounts = Subscription.objects.filter(pk__in=subscription_ids).values_list("account_id", flat=True)
    lock_accounts(set(accounts))
    shown = preview(version, subscription_ids, when)
    if shown.key != key:
        raise Conflict(_("Something has changed since this was worked out. Please look at it once more."), code="stale")
    _replace_waiting(shown, by)
    return _schedule(shown, by) if when == NEXT_TERM else _move_now(shown, by)


def _replace_waiting(shown: Preview, by: Who) -> None:
    """Who asked for a change that lies ahead gets this one instead."""
    mine = [move.subscription.pk for move in shown.good]
    waiting = PlanChange.objects.filter(subscription__in=mine, applied_at=None, undone_at=None)
    waiting.update(undone_at=timezone.now())


def _move_now(shown: Preview, by: Who) -> Counter[str]:
    batch = Batch(by=by)
    batch.run(
        [
            Row(n, move.subscription.account_id, move.subscription.external_id, move.fields, move.effective_on)
            for n, move in enumerate(shown.good)
        ]
    )
    refused = {position for position, _error in batch.counts.refused}
    moved = [move for n, move in enumerate(shown.good) if n not in refused]
    now = timezone.now()
    PlanChange.objects.bulk_create([_receipt(move, by, applied_at=now) for move in moved])
    return Counter(moved=len(moved), refused=len(shown.moves) - len(moved))


def _schedule(shown: Preview, by: Who) -> Counter[str]:
    changes = PlanChange.objects.bulk_create([_receipt(move, by) for move in shown.good])
    facts = [scheduled_fact(change, _as_quote(move), {}) for change, move in zip(changes, shown.good, strict=True)]
    record_facts(facts, by=by)
    return Counter(scheduled=len(changes), refused=len(shown.moves) - len(changes))


def _receipt(move: Move, by: Who, **values: Any) -> PlanChange:
    asked = _as_quote(move)
    return PlanChange(
        key=hashlib.sha256(f"{asked.key} {timezone.now().isoformat()}".encode()).hexdigest(),
        account_id=move.subscription.account_id,
        subscription=move.subscription,
        actor=Actor.of(by).label,
        fields=stored_fields(move.fields),
        told=told_of(asked),
        what=in_our_language(lambda: asked.what),
        currency=move.subscription.currency,
        before=asked.before_monthly,
        after=asked.after_monthly,
        effective_on=asked.effective_on,
        **values,
    )


def _as_quote(move: Move) -> Quote:
    sub, today = move.subscription, today_of(move.subscription)
    after = changed_by(sub, move.fields)
    return Quote(
        sub, after, move.fields, [], move.effective_on or today, today, monthly_amount(sub), monthly_amount(after)
    )
