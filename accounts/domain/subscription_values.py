"""What may stand in a subscription's fields, and what they mean for each other."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.account_values import currency, day, line
from accounts.domain.contacts import truth
from accounts.domain.text import prose
from accounts.domain.timeline import in_words
from accounts.enums import ChurnReason, Interval, SubscriptionStatus as Status
from accounts.exceptions import DomainError
from accounts.models import Plan, PlanVersion, Subscription
from accounts.registry import Field

PAID = (Status.ACTIVE, Status.PAST_DUE)


def one_of(choices: type) -> Callable[[Any], str]:
    def clean(given: Any) -> str:
        if given not in choices.values:  # type: ignore[attr-defined]
            raise DomainError(_("One of: %(choices)s.") % {"choices": ", ".join(choices.values)})  # type: ignore[attr-defined]
        return choices(given).value

    return clean


def number(most: Decimal, places: int) -> Callable[[Any], Decimal]:
    def clean(given: Any) -> Decimal:
        try:
            value = Decimal(str(given).strip())
        except InvalidOperation:
            raise DomainError(_("This is no number.")) from None
        if not value.is_finite() or not 0 <= value <= most:
            raise DomainError(_("A number from 0 to %(most)s.") % {"most": most})
        if value != round(value, places):
            raise DomainError(_("At most %(places)s decimals.") % {"places": places})
        return value

    return clean


def whole(least: int, most: int) -> Callable[[Any], int]:
    def clean(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, (int, str)):
            raise DomainError(_("A whole number."))
        try:
            value = int(given)
        except ValueError:
            raise DomainError(_("A whole number.")) from None
        if not least <= value <= most:
            raise DomainError(_("From %(least)s to %(most)s.") % {"least": least, "most": most})
        return value

    return clean


def required_day(given: Any) -> date:
    if (found := day(given)) is None:
        raise DomainError(_("This cannot be empty."))
    return found


def plan(given: Any) -> Plan | str | None:
    return given if isinstance(given, Plan) else line(80)(given) or None


def plan_version(given: Any) -> PlanVersion | int | None:
    return given if given is None or isinstance(given, PlanVersion) else whole(1, 32767)(given)


FIELDS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "plan": (gettext_lazy("plan"), plan),
    "plan_version": (gettext_lazy("version of the plan"), plan_version),
    "status": (gettext_lazy("status"), one_of(Status)),
    "currency": (gettext_lazy("currency"), currency),
    "unit_amount": (gettext_lazy("price"), number(Decimal(1_000_000_000), 8)),
    "quantity": (gettext_lazy("seats"), whole(0, 10_000_000)),
    "per_seat": (gettext_lazy("price is per seat"), truth),
    "interval": (gettext_lazy("billed every"), one_of(Interval)),
    "interval_count": (gettext_lazy("intervals"), whole(1, 1200)),
    "discount_percent": (gettext_lazy("lasting discount, %"), number(Decimal(100), 4)),
    "discount_amount": (gettext_lazy("lasting discount, amount"), number(Decimal(1_000_000_000), 8)),
    "started_on": (gettext_lazy("started on"), required_day),
    "ended_on": (gettext_lazy("ended on"), day),
    "trial_ends_on": (gettext_lazy("trial ends on"), day),
    "past_due_since": (gettext_lazy("past due since"), day),
    "term_end": (gettext_lazy("term ends on"), day),
    "notice_days": (gettext_lazy("notice, days"), whole(0, 1000)),
    "auto_renew": (gettext_lazy("renews by itself"), truth),
    "term_months": (gettext_lazy("length of a term, months"), lambda given: whole(1, 1200)(given) if given else None),
    "churn_reason": (gettext_lazy("reason for leaving"), lambda given: one_of(ChurnReason)(given) if given else ""),
    "churn_comment": (gettext_lazy("in their words"), lambda given: prose(given, 5000)),
}


def changed_fields(data: Mapping[str, Any]) -> str:
    """From what to what, as a subscription.changed tells of it, in the reader's language."""
    if "changes" not in data:
        return ""
    changes = data["changes"].items()
    told = (f"{FIELDS[name][0]} {_said(name, was)} → {_said(name, now)}" for name, (was, now) in changes)
    return ", ".join(told) or _("added")


def _said(name: str, value: str) -> str:
    """What subscription_rows keeps as "10.5", "month" or "yes"."""
    field: Any = Subscription._meta.get_field(name)
    if isinstance(field, models.DecimalField | models.IntegerField):
        return in_words(Field(name, Decimal), value)
    yes_no = (("yes", _("yes")), ("no", _("no"))) if isinstance(field, models.BooleanField) else ()
    return in_words(Field(name, choices=yes_no or tuple(field.flatchoices)), value)


def clean_subscription(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the model takes them; every bad one is told at once."""
    values, errors = {}, {}
    for name, given in fields.items():
        try:
            values[name] = FIELDS[name][1](given)
        except KeyError:
            errors[name] = [_("There is no such field.")]
        except DomainError as error:
            errors[name] = [error.message]
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return values


def apply(sub: Subscription, values: Mapping[str, Any], *, said_on: date) -> None:
    """Put the values on the subscription, with what they say about the fields that were not given."""
    _check_pairs(values, said_on)
    for name, value in values.items():
        setattr(sub, name, value)
    came_back = sub.status != Status.CANCELED and "status" in values and "ended_on" not in values
    if came_back and sub.ended_on and sub.ended_on <= said_on:
        sub.ended_on = None
    if "status" not in values:
        _infer_status(sub, values, said_on)
    elif sub.status in PAID and sub.trial_ends_on and sub.trial_ends_on > said_on:
        sub.trial_ends_on = said_on  # paid before the trial was over
    if sub.ended_on and sub.ended_on < sub.started_on:
        sentence = _("It cannot end before it starts.")
        raise DomainError(sentence, code="invalid", errors={"ended_on": [sentence]})


def _check_pairs(values: Mapping[str, Any], said_on: date) -> None:
    trial = values.get("trial_ends_on")
    if values.get("status") in PAID and trial and trial > said_on:
        sentence = _("What is paid for has no trial that goes on: leave out one of the two.")
        raise DomainError(sentence, code="invalid", errors={"trial_ends_on": [sentence]})


def _infer_status(sub: Subscription, values: Mapping[str, Any], said_on: date) -> None:
    trial = values.get("trial_ends_on")
    if trial and trial > said_on:
        sub.status = Status.TRIALING
    elif values.get("past_due_since"):
        sub.status = Status.PAST_DUE
    elif sub.status == Status.CANCELED and (sub.ended_on is None or sub.ended_on > said_on):
        sub.status = Status.ACTIVE
