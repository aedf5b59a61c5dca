"""What a change would cost, line by line, before anybody confirms it.

More takes effect today, and its share of the running period is to be paid; less takes effect as the version of the
plan says: today with a credit, or when the paid period is over. A trial changes without money. Another rhythm begins
a new period: to the year today, with the month's unused days credited; back to the month when the year is over.
"""

import hashlib
import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain.account_values import refuse
from accounts.domain.lifecycle import is_live
from accounts.domain.mrr import displayed, monthly_amount, recurring
from accounts.domain.plans.periods import MONTHS, next_period, period_of
from accounts.domain.plans.pricing import amount_for, as_fields, price_for, seats_of
from accounts.domain.plans.wording import changes_in_words
from accounts.domain.proration import prorate
from accounts.domain.subscription_values import whole
from accounts.enums import DecreaseRule, Interval, SubscriptionStatus as Status, ValueMetric
from accounts.exceptions import Conflict, DomainError
from accounts.models import PlanVersion, Subscription

MOST_SEATS = 10_000_000


@dataclass(frozen=True)
class Wish:
    """What is wanted; what is left out stays."""

    seats: Any = None
    version: PlanVersion | None = None
    interval: str = ""


@dataclass(frozen=True)
class Line:
    what: str
    whole: Decimal  # for the whole period, whichever way it goes
    days_left: int
    days_period: int
    money: Decimal  # to the cent; below zero it is a credit


@dataclass(frozen=True)
class Quote:
    subscription: Subscription
    after: Subscription  # as it would be; not stored
    fields: dict[str, Any]  # for upsert_subscription()
    lines: list[Line]
    effective_on: date
    today: date
    before_monthly: Decimal
    after_monthly: Decimal
    replaces: Any = None  # the PlanChange ahead that this one takes the place of
    number: int = 0  # how many changes this subscription has had

    @property
    def money(self) -> Decimal:
        return sum((line.money for line in self.lines), Decimal(0))

    @property
    def at_once(self) -> bool:
        return self.effective_on <= self.today

    @property
    def is_less(self) -> bool:
        return self.after_monthly < self.before_monthly

    @property
    def difference(self) -> Decimal:
        return self.after_monthly - self.before_monthly

    @property
    def what(self) -> str:
        return changes_in_words(self.changes)

    @property
    def changes(self) -> dict[str, Any]:
        return differences(self.subscription, self.after)

    @property
    def key(self) -> str:
        """Another state, another day or another price makes another quote: the old one can no longer be confirmed."""
        sub = self.subscription
        facts = [sub.pk, sub.updated_at.isoformat(), self.number, self.effective_on.isoformat(), str(self.money)]
        facts += [(name, str(getattr(self.after, name))) for name in CHANGEABLE]
        facts += [(line.days_left, line.days_period, str(line.money)) for line in self.lines]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


CHANGEABLE = ("plan_id", "plan_version_id", "quantity", "unit_amount", "per_seat", "interval", "interval_count")


def differences(before: Subscription, after: Subscription) -> dict[str, Any]:
    """What differs, ready for JSON; the price where nothing else does."""
    found: dict[str, Any] = {}
    if before.plan_id != after.plan_id:
        found["plan"] = [str(before.plan or "–"), str(after.plan or "–")]
    elif before.plan_version_id != after.plan_version_id:
        numbers = [version.number if version else "–" for version in (before.plan_version, after.plan_version)]
        found["version"] = [str(after.plan), *numbers]
    if before.quantity != after.quantity:
        found["seats"] = [before.quantity, after.quantity]
    if before.interval != after.interval:
        found["interval"] = after.interval
    return found or {"price": [str(before.unit_amount), str(after.unit_amount), after.currency]}


def quote(sub: Subscription, wish: Wish, *, changes: Any = None) -> Quote:
    """DomainError with the field that cannot be; Conflict where there is nothing to change any more.

    `changes`: this subscription's PlanChanges, where the caller has them.
    """
    today = today_of(sub)
    _check_state(sub, today)
    fields = _fields(sub, wish)
    after = changed_by(sub, fields)
    if all(getattr(after, name) == getattr(sub, name) for name in CHANGEABLE):
        raise refuse("seats", _("This is what you have."))
    before, then = monthly_amount(sub), monthly_amount(after)
    effective_on = _effective_on(sub, after, less=then < before, today=today)
    if after.interval != sub.interval:
        fields |= _new_term(after, effective_on, today)
    known = list(changes if changes is not None else sub.plan_changes.all())
    ahead = next((change for change in known if not change.applied_at and not change.undone_at), None)
    lines = _lines(sub, after, today) if effective_on <= today else []
    return Quote(sub, after, fields, lines, effective_on, today, before, then, ahead, len(known))


def today_of(sub: Subscription) -> date:
    return timezone.now().astimezone(sub.account.time_zone).date()


def _check_state(sub: Subscription, today: date) -> None:
    if not is_live(sub, today) or sub.status == Status.CANCELED:
        raise Conflict(_("This subscription is not running."), code="not_running")
    if sub.ended_on:
        raise Conflict(_("This subscription will end. Keep it first, then change it."), code="ending")


def _fields(sub: Subscription, wish: Wish) -> dict[str, Any]:
    version = wish.version or sub.plan_version
    interval = wish.interval or sub.interval
    same_terms = version == sub.plan_version and interval == sub.interval
    own = sub if version == sub.plan_version else None
    seats = _seats(sub.quantity if wish.seats is None else wish.seats, version, own)
    if same_terms:
        return _more_of_the_same(sub, seats)
    if version is None:
        raise refuse("interval", _("Please ask us for another rhythm: we do not know what it costs on your plan."))
    moves = version != sub.plan_version
    if moves and not (version.offered and version.withdrawn_at is None):
        raise refuse("version", _("This plan is not on offer."))
    price = price_for(version, interval, sub.currency)
    if price is None:
        raise refuse("version", _("This plan has no price in your rhythm and currency."))
    return as_fields(version, price, seats)


def _new_term(after: Subscription, effective_on: date, today: date) -> dict[str, Any]:
    """Another rhythm, another term: from today, or when the present one rolls over."""
    if effective_on > today:
        return {"term_months": MONTHS[Interval(after.interval)]}
    after.term_end = next_period(after.interval, today)
    return {"term_end": after.term_end, "term_months": None}


def _seats(given: Any, version: PlanVersion | None, own: Subscription | None) -> int:
    try:
        seats = whole(1, MOST_SEATS)(given)
    except DomainError as error:
        raise refuse("seats", error.message) from None
    fewest, most = seats_of(version)
    if own:  # who has more than the plan allows by now may have fewer, and the reverse
        fewest = min(fewest, own.quantity)
        most = most if most is None else max(most, own.quantity)
    if seats < fewest:
        text = ngettext("This plan has at least %(n)s seat.", "This plan has at least %(n)s seats.", fewest)
        raise refuse("seats", text % {"n": formats.number(fewest)})
    if most is not None and seats > most:
        text = ngettext("This plan has at most %(n)s seat.", "This plan has at most %(n)s seats.", most)
        raise refuse("seats", text % {"n": formats.number(most)})
    return seats


def _more_of_the_same(sub: Subscription, seats: int) -> dict[str, Any]:
    """Only the seats change: at their own price, however old their version is."""
    version = sub.plan_version
    if sub.per_seat or (version and version.metric in (ValueMetric.FLAT, ValueMetric.METERED)):
        return {"quantity": seats}
    price = price_for(version, sub.interval, sub.currency) if version else None
    if version and price and amount_for(version, price, sub.quantity) == sub.unit_amount:
        return {"quantity": seats, "unit_amount": amount_for(version, price, seats)}
    raise refuse("seats", _("Your price was agreed for the whole: please ask us about other seats."))


def changed_by(sub: Subscription, fields: Mapping[str, Any]) -> Subscription:
    after = copy(sub)
    after._state = copy(sub._state)
    after._state.fields_cache = dict(sub._state.fields_cache)
    for name, value in fields.items():
        setattr(after, name, value)
    return after


def _effective_on(sub: Subscription, after: Subscription, *, less: bool, today: date) -> date:
    if sub.status == Status.TRIALING:
        return today
    back_to_months = sub.interval == Interval.YEAR and after.interval != Interval.YEAR
    rule = sub.plan_version.decreases if sub.plan_version else DecreaseRule.PERIOD_END
    waits = less and after.interval == sub.interval and rule == DecreaseRule.PERIOD_END
    return period_of(sub, today)[1] if back_to_months or waits else today


def _lines(sub: Subscription, after: Subscription, today: date) -> list[Line]:
    """One where only the seats change (M8 of the difference), else what is unused back and the new state."""
    if sub.status == Status.TRIALING:
        return []
    period = period_of(sub, today)
    if after.plan_version_id == sub.plan_version_id and after.interval == sub.interval:
        difference = recurring(after) - recurring(sub)
        return [_line(_seats_text(after.quantity - sub.quantity), difference, period, today)]
    back = _line(_unused_text(sub), -recurring(sub), period, today)
    fresh = period if after.interval == sub.interval else (today, next_period(after.interval, today))
    return [back, _line(_new_text(after), recurring(after), fresh, today)]


def _line(what: str, amount: Decimal, period: tuple[date, date], today: date) -> Line:
    share = prorate(amount, period, today)
    return Line(what, displayed(abs(amount)), share.days_left, share.days_period, share.money)


def _seats_text(seats: int) -> str:
    if seats < 0:
        return ngettext("%(n)s seat less", "%(n)s seats less", -seats) % {"n": formats.number(-seats)}
    return ngettext("%(n)s more seat", "%(n)s more seats", seats) % {"n": formats.number(seats)}


def _unused_text(sub: Subscription) -> str:
    return _("Unused days of %(plan)s") % {"plan": sub.plan or _("your plan")}


def _new_text(after: Subscription) -> str:
    seats = ngettext("%(n)s seat", "%(n)s seats", after.quantity) % {"n": formats.number(after.quantity)}
    return f"{after.plan}, {seats}"
