"""What the next term costs where that was agreed on: worked out when the term is decided, applied when it ends."""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.mrr import ARITHMETIC, MONTHLY, MOST, displayed, kept, monthly_amount
from accounts.domain.rates import Rates
from accounts.domain.subscription_rows import Batch, Row
from accounts.enums import RenewalStage as Stage
from accounts.exceptions import DomainError
from accounts.models import Renewal, Subscription


def refuse(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})


def amount(given: Any, field: str = "mrr") -> Decimal | None:
    """What somebody typed, as money."""
    if given is None or given == "":
        return None
    try:
        value = Decimal(str(given).strip())
    except InvalidOperation:
        raise refuse(field, _("This is no number.")) from None
    if not value.is_finite() or not 0 <= value <= MOST or value != round(value, 8):
        raise refuse(field, _("An amount from 0 to a billion, with at most 8 decimals."))
    return value


def agreed(
    sub: Subscription, outcome: str, mrr: Decimal | None, unit_amount: Decimal | None, quantity: int | None
) -> tuple[Decimal, Decimal | None, int | None]:
    """MRR of the next term in the reporting currency, with the price and the seats that make it. DomainError where
    they do not go together with the outcome."""
    if outcome == Stage.RENEWED:
        return sub.mrr, None, None
    if mrr is not None and unit_amount is None:
        unit_amount = _price_for(sub, mrr, quantity)
    if unit_amount is None and quantity is None:
        raise refuse("mrr", _("Say what the next term is worth: the MRR, the price or the seats."))
    after = _worth(sub, unit_amount, quantity)
    _check_way(outcome, displayed(sub.mrr), displayed(after))
    return after, unit_amount, quantity


def _check_way(outcome: str, before: Decimal, after: Decimal) -> None:
    if outcome == Stage.EXPANDED and after <= before:
        raise refuse("mrr", _("Expanded means more than the %(mrr)s of now.") % {"mrr": before})
    if outcome == Stage.CONTRACTED and not 0 < after < before:
        raise refuse(
            "mrr", _("Contracted means less than the %(mrr)s of now, and more than nothing.") % {"mrr": before}
        )


def _with(sub: Subscription, unit_amount: Decimal | None, quantity: int | None) -> Subscription:
    changed = copy(sub)
    changed.unit_amount = sub.unit_amount if unit_amount is None else unit_amount
    changed.quantity = sub.quantity if quantity is None else quantity
    return changed


def _worth(sub: Subscription, unit_amount: Decimal | None, quantity: int | None) -> Decimal:
    today = timezone.now().astimezone(sub.account.time_zone).date()
    return Rates([sub.currency]).convert(monthly_amount(_with(sub, unit_amount, quantity)), sub.currency, today)


def _price_for(sub: Subscription, mrr: Decimal, quantity: int | None) -> Decimal:
    """The price that makes this MRR, with the discounts, the seats and the rhythm as they are."""
    seats = sub.quantity if quantity is None else quantity
    if sub.discount_percent >= 100 or (sub.per_seat and not seats):
        raise refuse("mrr", _("No price makes this MRR: the discount or the seats leave nothing."))
    today = timezone.now().astimezone(sub.account.time_zone).date()
    numerator, denominator = MONTHLY[sub.interval]
    own = ARITHMETIC.divide(mrr, Rates([sub.currency]).on(sub.currency, today))
    billed = ARITHMETIC.divide(ARITHMETIC.multiply(own, Decimal(denominator * sub.interval_count)), Decimal(numerator))
    left = ARITHMETIC.subtract(Decimal(1), ARITHMETIC.divide(sub.discount_percent, Decimal(100)))
    whole = ARITHMETIC.divide(ARITHMETIC.add(billed, sub.discount_amount), left)
    return kept(ARITHMETIC.divide(whole, Decimal(seats)) if sub.per_seat else whole)


# When the term ends ------------------------------------------------------------------------------------


def apply_changes(renewals: Sequence[Renewal], *, by: Who) -> dict[int, str]:
    """Give the subscriptions what was agreed on for their next term; what refused it, by renewal. The caller holds the
    accounts' rows, and has seen that the terms are over."""
    batch, turns = Batch(by=by), _by_subscription(renewals)
    batch.run([_row(place, turn) for place, turn in enumerate(turns)])
    refused = {row.pk: str(error) for place, error in batch.counts.refused for row in turns[place]}
    done = [renewal.pk for renewal in renewals if renewal.pk not in refused]
    Renewal.objects.filter(pk__in=done).update(changed_at=timezone.now(), attention_on=None)
    return refused


def _by_subscription(renewals: Sequence[Renewal]) -> list[list[Renewal]]:
    """Where the clock stood still for longer than a term, what was agreed on later comes last."""
    found: dict[int, list[Renewal]] = {}
    for renewal in sorted(renewals, key=lambda row: row.ends_on):
        found.setdefault(renewal.subscription_id, []).append(renewal)
    return list(found.values())


def _row(place: int, renewals: Sequence[Renewal]) -> Row:
    fields: dict[str, Any] = {}
    for renewal in renewals:
        agreed = {"unit_amount": renewal.next_unit_amount, "quantity": renewal.next_quantity}
        fields |= {name: value for name, value in agreed.items() if value is not None}
    return Row(place, renewals[-1].account_id, renewals[-1].subscription.external_id, fields)
