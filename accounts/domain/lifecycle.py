"""A subscription over time: when it counts, what the clock alone will change, and the steps its worth takes.

Steps tell what was, never what will be: a day to come is in `attention_on`, and the sweep writes its step on
that day. Facts about the past (start, end) can be corrected; a change of price is kept as it happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.mrr import ZERO, monthly_amount
from accounts.enums import ChurnReason, SubscriptionStatus as Status
from accounts.exceptions import DomainError
from accounts.models import Subscription


def dunning() -> timedelta:
    return rules.days("subscriptions.dunning_days")


def trial_notice() -> timedelta:
    """So long before its end a trial is spoken of."""
    return rules.days("subscriptions.trial_days")


@dataclass(frozen=True)
class Terms:
    amount: Decimal  # a month, in `currency`, while it counts
    currency: str
    quantity: int
    plan_id: int | None

    @classmethod
    def of(cls, sub: Subscription) -> "Terms":
        return cls(monthly_amount(sub), sub.currency, sub.quantity, sub.plan_id)


@dataclass(frozen=True)
class Step:
    day: date
    terms: Terms  # with the amount it really counts for from that day: 0 in a trial and at the end
    id: int | None = None


@dataclass(frozen=True)
class Before:
    """A subscription as it was stored."""

    terms: Terms
    started_on: date
    ended_on: date | None
    reason: tuple[str, str]

    @classmethod
    def of(cls, sub: Subscription) -> "Before":
        return cls(Terms.of(sub), sub.started_on, sub.ended_on, reason_of(sub))


@dataclass
class Course:
    """What happens to a subscription's steps."""

    new: list[Step] = field(default_factory=list)
    void: list[int] = field(default_factory=list)
    moved: Step | None = None
    explained: Step | None = None  # its end, whose reason is told only now

    def __bool__(self) -> bool:
        return bool(self.new or self.void or self.moved or self.explained)


def lapses_on(sub: Subscription) -> date | None:
    """The first day after dunning, on which an unpaid subscription stops counting."""
    return sub.past_due_since + dunning() if sub.status == Status.PAST_DUE and sub.past_due_since else None


def counts_on(sub: Subscription, day: date) -> bool:
    """M1: started, not ended, not in a trial, not unpaid beyond dunning."""
    if day < sub.started_on or (sub.ended_on and day >= sub.ended_on):
        return False
    if sub.trial_ends_on and day < sub.trial_ends_on:
        return False
    if sub.status == Status.TRIALING and not sub.trial_ends_on:
        return False
    lapse = lapses_on(sub)
    return lapse is None or day < lapse


def is_live(sub: Subscription, day: date) -> bool:
    """Used, paid for or not: its seats are theirs."""
    return sub.started_on <= day and (sub.ended_on is None or day < sub.ended_on)


def settle(sub: Subscription, *, said_on: date, today: date) -> None:
    """Make the fields agree with each other and with the day, as `said_on` they were told."""
    if sub.status == Status.CANCELED and sub.ended_on is None:
        sub.ended_on = max(said_on, sub.started_on)
    if sub.status == Status.TRIALING and sub.trial_ends_on and sub.trial_ends_on <= today:
        _end_trial(sub)
    if sub.ended_on and sub.ended_on <= today:
        sub.status = Status.CANCELED
    elif sub.status == Status.CANCELED:  # until then it goes on
        sub.status = Status.TRIALING if sub.trial_ends_on and sub.trial_ends_on > today else Status.ACTIVE
    if sub.status != Status.PAST_DUE:
        sub.past_due_since = None
    elif sub.past_due_since is None:
        sub.past_due_since = max(said_on, sub.started_on)
    if sub.ended_on is None:
        sub.cancel_scheduled_on, sub.churn_reason, sub.churn_comment = None, "", ""
    elif sub.cancel_scheduled_on is None:
        sub.cancel_scheduled_on = min(said_on, sub.ended_on)


def _end_trial(sub: Subscription) -> None:
    """One that renews by itself is paid from now on; any other is over."""
    if sub.auto_renew:
        sub.status = Status.ACTIVE
    else:
        sub.status = Status.CANCELED
        last = sub.trial_ends_on or sub.started_on
        sub.ended_on = max(min(sub.ended_on or last, last), sub.started_on)


def attention_on(sub: Subscription, today: date) -> date | None:
    """The next day on which the clock alone changes something; today where there is something to say at once."""
    if trial_ends_soon(sub, today):
        return today
    days = [sub.started_on, sub.ended_on, lapses_on(sub), sub.term_end]
    if sub.status == Status.TRIALING and sub.trial_ends_on:
        days.append(sub.trial_ends_on)
        if sub.trial_told_for != sub.trial_ends_on:
            days.append(sub.trial_ends_on - trial_notice())
    return min((day for day in days if day and day > today), default=None)


def trial_ends_soon(sub: Subscription, today: date) -> bool:
    """And nobody has been told."""
    return bool(
        sub.status == Status.TRIALING
        and sub.trial_ends_on
        and sub.trial_told_for != sub.trial_ends_on
        and is_live(sub, today)
        and sub.trial_ends_on - trial_notice() <= today < sub.trial_ends_on
    )


def course(
    sub: Subscription, steps: Sequence[Step], before: Before | None, *, effective_on: date, today: date
) -> Course:
    """The steps from what was (`before`, `steps`) to what is: new terms count from `effective_on`."""
    result = Course()
    kept = _corrected(sub, list(steps), before, result, today)
    last = kept[-1] if kept else None
    since = last.day if last else sub.started_on
    terms = Terms.of(sub)
    start = sub.started_on if before is None else max(effective_on, sub.started_on)
    # Until then: what the last step that holds says, or what was stored where that step counts for nothing.
    earlier = last.terms if last and last.terms.amount else before.terms if before else terms
    if before and last and terms != before.terms and start < last.day:
        raise DomainError(
            _("This subscription changed on %(day)s: a change cannot be dated before that.")
            % {"day": last.day.isoformat()},
            code="change_out_of_order",
        )
    for day in _days(sub, start, since, today):
        then = earlier if day < start else terms
        worth = then if counts_on(sub, day) else replace(then, amount=ZERO)
        if last is None or worth != last.terms:
            last = Step(day, worth)
            result.new.append(last)
    if before and last and last.id and not last.terms.amount and reason_of(sub) != before.reason:
        result.explained = last
    return result


def _days(sub: Subscription, start: date, since: date, today: date) -> list[date]:
    days = {sub.started_on, sub.trial_ends_on, lapses_on(sub), sub.ended_on, start}
    return sorted(day for day in days if day and since <= day <= today)


def _corrected(sub: Subscription, kept: list[Step], before: Before | None, result: Course, today: date) -> list[Step]:
    """The steps that still hold after start or end were told anew."""
    if before is None or not kept:
        return kept
    if sub.started_on != before.started_on:
        kept = _restarted(sub, kept, result, today)
    if sub.ended_on and sub.ended_on != before.ended_on and kept:
        over = [step for step in kept if step.day > sub.ended_on]
        if not over and before.ended_on == kept[-1].day and not kept[-1].terms.amount and len(kept) > 1:
            over = [kept[-1]]  # the end itself was on another day
        result.void += [step.id for step in over if step.id]
        kept = kept[: len(kept) - len(over)]
    return kept


def _restarted(sub: Subscription, kept: list[Step], result: Course, today: date) -> list[Step]:
    first, *rest = kept
    if sub.started_on > today or (rest and sub.started_on > rest[0].day):
        raise DomainError(
            _("This subscription has already been running on %(day)s: it cannot start after that.")
            % {"day": (rest[0].day if rest else today).isoformat()},
            code="start_out_of_order",
        )
    result.moved = replace(first, day=sub.started_on)
    return [result.moved, *rest]


def reason_of(sub: Subscription) -> tuple[str, str]:
    """Why it is over, as far as anybody said."""
    if lapses_on(sub):
        return sub.churn_reason or ChurnReason.OTHER, sub.churn_comment or f"Unpaid since {sub.past_due_since}"
    return sub.churn_reason or ChurnReason.OTHER, sub.churn_comment
