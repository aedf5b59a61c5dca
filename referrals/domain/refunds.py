"""Refunds: what was earned with a payment is taken back in proportion, to the last unit (RULES 6, R3 and R6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.domain.account_values import clean_external_id
from accounts.domain.activity import Who
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from referrals.domain.amounts import major
from referrals.domain.entries import lock_partners, reverse_for
from referrals.domain.signing_up import moment
from referrals.enums import RefundStatus
from referrals.models import Conversion, Program, Refund

MOST = 10**15
AT_ONCE = 500


@dataclass(frozen=True)
class GivenBack:
    """Money that a customer got back, without tax, in minor units of the payment's currency; None: all that is left.
    `conversion` is the payment's external id."""

    program: Program
    source: str
    external_id: str
    conversion: str
    occurred_at: datetime
    amount: int | None = None


@transaction.atomic
def record_refund(given: GivenBack, *, by: Who = None) -> tuple[Refund, bool]:
    """The refund, and whether it is new. One that comes before its payment waits for it."""
    given = clean(given)
    if first := _first(given):
        return first, False
    conversion = _payment_of(given)
    if conversion and (first := _first(given)):  # by now nobody else writes about the partner
        return first, False
    refund = Refund(
        program=given.program, source=given.source, external_id=given.external_id,
        conversion_external_id=given.conversion, occurred_at=given.occurred_at, amount=given.amount,
        status=RefundStatus.WAITING,
    )  # fmt: skip
    if conversion:
        refund.amount = within(given.amount, conversion)
    try:
        with transaction.atomic():
            refund.save(force_insert=True)
    except IntegrityError:  # the same id has come for another payment in this very moment
        if first := _first(given):
            return first, False
        raise
    if conversion:
        _apply(refund, conversion, by)
    return refund, True


def _first(given: GivenBack) -> Refund | None:
    rows = Refund.objects.filter(program=given.program, source=given.source, external_id=given.external_id)
    return rows.select_related("conversion", "program").first()


def clean(given: GivenBack) -> GivenBack:
    external_id, conversion = (_id_of(given, name) for name in ("external_id", "conversion"))
    if given.amount is not None and not 0 < given.amount <= MOST:
        sentence = _("A refund is above zero, and less than anybody would pay.")
        raise DomainError(sentence, code="invalid", errors={"amount": [sentence]})
    moment("occurred_at", given.occurred_at)
    source = one_line(given.source, 40, field="source") or "api"
    return replace(given, source=source, external_id=external_id, conversion=conversion)


def _id_of(given: GivenBack, name: str) -> str:
    try:
        return clean_external_id(getattr(given, name))
    except DomainError as error:
        raise DomainError(error.message, code="invalid", errors={name: [error.message]}) from None


def _payment_of(given: GivenBack) -> Conversion | None:
    rows = Conversion.objects.filter(program=given.program, source=given.source, external_id=given.conversion)
    partner = rows.values_list("partner", flat=True).first()
    if partner is None:
        return None
    lock_partners([partner])
    return rows.select_related("program", "referral").get()


def within(amount: int | None, conversion: Conversion) -> int:
    left = conversion.net - conversion.refunded
    if left == 0 or (amount or 0) > left:
        told = {"left": major(left, conversion.currency), "currency": conversion.currency}
        sentence = _("More than is left of that payment: %(left)s %(currency)s, without tax.") % told
        raise DomainError(sentence, code="refund_above", errors={"amount": [sentence]})
    return amount or left


def _apply(refund: Refund, conversion: Conversion, by: Who) -> None:
    conversion.refunded += refund.amount or 0
    conversion.save(update_fields=["refunded"])
    refund.conversion, refund.status = conversion, RefundStatus.APPLIED
    refund.save(update_fields=["conversion", "status", "amount"])
    reverse_for(refund, conversion, by)


def apply_waiting(conversion: Conversion, *, by: Who = None) -> None:
    """Those that came before their payment, in the order in which they came. One above it is refused, and says so."""
    waiting = Refund.objects.filter(
        program=conversion.program, source=conversion.source, conversion_external_id=conversion.external_id
    )
    for refund in waiting.filter(status=RefundStatus.WAITING).order_by("pk").select_for_update(no_key=True):
        try:
            refund.amount = within(refund.amount, conversion)
        except DomainError as error:
            refund.status, refund.note = RefundStatus.REFUSED, str(error)[:400]
            refund.save(update_fields=["status", "note"])
        else:
            _apply(refund, conversion, by)


def sweep_waiting(limit: int = AT_ONCE) -> int:
    """Refunds that were taken while their payment was: neither saw the other. How many found theirs."""
    payments = Conversion.objects.filter(
        program=OuterRef("program"), source=OuterRef("source"), external_id=OuterRef("conversion_external_id")
    )
    waiting = Refund.objects.filter(status=RefundStatus.WAITING).annotate(found=Subquery(payments.values("pk")[:1]))
    found = waiting.filter(found__isnull=False).order_by("pk").values_list("found", flat=True)[:limit]
    for pk in dict.fromkeys(found):
        _apply_to(pk)
    return len(found)


@transaction.atomic
def _apply_to(pk: int) -> None:
    rows = Conversion.objects.select_related("program", "referral").filter(pk=pk)
    lock_partners(rows.values_list("partner", flat=True))
    apply_waiting(rows.get())
