"""Payments of referred customers, and what they earn (RULES 6, R1, R6, R7 and R9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import clean_external_id, currency as clean_currency
from accounts.domain.activity import Who
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from referrals.domain import commission
from referrals.domain.amounts import places_of
from referrals.domain.arithmetic import to_reverse
from referrals.domain.asking import DATABASE, Asking
from referrals.domain.entries import accrual, lock_partners, reversal
from referrals.domain.holding import refresh_held
from referrals.domain.incentives import grant
from referrals.domain.partners import referring_at
from referrals.domain.refunds import apply_waiting
from referrals.domain.signing_up import SignUp, bound, moment, refer
from referrals.domain.telling import tell
from referrals.enums import CommissionKind, EntryCause, EntryKind, ReferralStatus, Review, Side, TierMode, WhyNothing
from referrals.models import Conversion, LedgerEntry, Program, Referral

MOST = 10**15  # minor units: nobody pays that much, and sums of it fit
RATE = Decimal("0.000000000001")


@dataclass(frozen=True)
class Payment:
    """What a customer paid, in minor units of `currency`. `coupon` and `sign_up` bind who is not bound yet."""

    program: Program
    source: str
    external_id: str
    customer: str
    occurred_at: datetime
    gross: int
    currency: str = ""  # the program's
    tax: int = 0
    discount: int = 0
    sign_up: SignUp | None = None


@dataclass(frozen=True)
class Earning:
    amount: int
    why: str = ""  # a WhyNothing: why nothing, or not more


@transaction.atomic
def record_conversion(payment: Payment, *, by: Who = None) -> tuple[Conversion, bool]:
    """The conversion, and whether it is new: sent again, whatever is in it, it is the first one (R6)."""
    payment = clean(payment)
    if known := _first(payment):
        return known, False
    referral = _referral_of(payment, by)
    lock_partners([referral.partner_id])
    referral = _fresh(referral)
    try:
        with transaction.atomic():
            conversion = paid(payment, referral)
            conversion.save(force_insert=True)
    except IntegrityError:  # somebody else has taken it in this very moment
        if first := _first(payment):
            return first, False
        raise
    if conversion.commission:
        LedgerEntry.objects.bulk_create([accrual(conversion, conversion.commission, EntryCause.COMMISSION, by=by)])
    if conversion.net and referral.paid_at is None and conversion.why != WhyNothing.BEFORE:
        _first_payment(referral, conversion, by)
    remember_commission(referral, conversion)
    apply_waiting(conversion, by=by)
    return conversion, True


def _first(payment: Payment) -> Conversion | None:
    rows = Conversion.objects.select_related("partner", "referral", "program")
    return rows.filter(program=payment.program, source=payment.source, external_id=payment.external_id).first()


def _referral_of(payment: Payment, by: Who) -> Referral:
    if known := bound(payment.program, payment.customer):
        return known
    if payment.sign_up:
        return refer(payment.sign_up, by=by)[0]
    raise not_referred(payment.customer)


def not_referred(customer: str) -> DomainError:
    sentence = _("Nobody referred the customer “%(customer)s” in this program.") % {"customer": customer[:200]}
    return DomainError(sentence, code="not_referred", errors={"customer": [sentence]})


def _fresh(referral: Referral) -> Referral:
    """As it is now that nobody else writes about its partner."""
    rows = Referral.objects.select_related("partner__account", "program", "account")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=referral.pk)


def clean(payment: Payment) -> Payment:
    try:
        external_id = clean_external_id(payment.external_id)
        currency = clean_currency(payment.currency or payment.program.currency)
    except DomainError as error:
        raise DomainError(error.message, code="invalid", errors=error.errors or {"currency": [error.message]}) from None
    amounts = {"gross": payment.gross, "tax": payment.tax, "discount": payment.discount}
    for name, amount in amounts.items():
        if not 0 <= amount <= MOST:
            raise _wrong(name, _("An amount is not below zero, and less than anybody would pay."))
    if commission.base(**amounts) < 0:
        raise _wrong("tax", _("Tax and discount are more than the amount itself."))
    source = one_line(payment.source, 40, field="source") or "api"
    moment("occurred_at", payment.occurred_at)
    return replace(payment, external_id=external_id, source=source, currency=currency)


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})


def paid(payment: Payment, referral: Referral, ask: Asking = DATABASE) -> Conversion:
    """What it comes to, and what it earns. Not saved yet."""
    net = commission.base(payment.gross, payment.tax, payment.discount)
    rate = rate_between(payment.currency, payment.program.currency, payment.occurred_at, ask) if net else Decimal(1)
    places = places_of(payment.program.currency) - places_of(payment.currency)
    base = commission.converted(net, rate, places)
    if base > MOST:
        raise _wrong("gross", _("An amount is not below zero, and less than anybody would pay."))
    earning = earned(referral, base, payment.occurred_at, ask)
    return Conversion(
        program=payment.program,
        source=payment.source,
        external_id=payment.external_id,
        referral=referral,
        partner=referral.partner,
        occurred_at=payment.occurred_at,
        currency=payment.currency,
        gross=payment.gross,
        tax=payment.tax,
        discount=payment.discount,
        net=net,
        base=commission.rounded(base),
        rate=rate,
        commission=earning.amount,
        why=earning.why,
    )


def rate_between(currency: str, ours: str, at: datetime, ask: Asking = DATABASE) -> Decimal:
    """R9: one unit of `currency` in `ours` on that day. One that nobody entered is an error, never 1."""
    if currency == ours:
        return Decimal(1)
    rates, day = ask.rates([currency, ours]), at.astimezone(UTC).date()
    with localcontext() as context:
        context.prec = 50
        rate = rates.on(currency, day) / rates.on(ours, day)
        return rate.quantize(RATE, rounding=ROUND_HALF_UP)


# What it earns -------------------------------------------------------------------------------------------------


def earned(referral: Referral, base: Fraction, at: datetime, ask: Asking = DATABASE) -> Earning:
    """What a payment of so much earns the partner, and why not more. `base` in the program's minor units, not rounded
    yet."""
    if why := _why_nothing(referral, base, at, ask):
        return Earning(0, why)
    program = referral.program
    if program.commission == CommissionKind.PERCENT:
        amount = commission.rounded(commission.share(base, rate_for(referral, ask)))
    else:
        amount = program.amount
    return _capped(referral, amount, at, ask)


def _why_nothing(referral: Referral, base: Fraction, at: datetime, ask: Asking) -> str:
    program, first = referral.program, referral.first_commission_on
    if referral.review == Review.DENIED or _day_of(at) < _day_of(referral.signed_up_at):
        return WhyNothing.DENIED if referral.review == Review.DENIED else WhyNothing.BEFORE
    if base <= 0:
        return WhyNothing.NOTHING_PAID
    if program.commission == CommissionKind.NONE:
        return WhyNothing.NO_COMMISSION
    if not ask.refers(referral.partner_id, at):
        return WhyNothing.PAUSED
    once = program.commission == CommissionKind.BOUNTY
    if not commission.still_earns(at.astimezone(UTC).date(), first, 0 if once else program.months):
        return WhyNothing.ONCE if once or program.months == 0 else WhyNothing.PERIOD_OVER
    return ""


def _day_of(at: datetime) -> date:
    """Where the house is: files often say days alone, and whoever paid on the day of the sign-up paid with it."""
    return at.astimezone(timezone.get_default_timezone()).date()


def rate_for(referral: Referral, ask: Asking = DATABASE) -> Fraction:
    """The program's, or that of the tier: which customer of the partner's this is, or how many there are by now."""
    program = referral.program
    if not program.tiers:
        return Fraction(program.rate)
    count = ask.paying(referral) + int(referral.paid_at is None)
    return commission.rate_of(commission.Tier.read(program.tiers), count, program.rate)


def _capped(referral: Referral, amount: int, at: datetime, ask: Asking = DATABASE) -> Earning:
    """The most for one customer, then the partner's most for the month; what was taken back leaves room again."""
    program, why = referral.program, ""
    if program.cap_customer is not None:
        left = commission.capped(amount, ask.earned_from(referral), program.cap_customer)
        amount, why = left, WhyNothing.CAP_CUSTOMER if left < amount else why
    if program.cap_month is not None:
        left = commission.capped(amount, ask.earned_in_month(referral.partner_id, at), program.cap_month)
        amount, why = left, WhyNothing.CAP_MONTH if left < amount else why
    return Earning(amount, why)


# What follows ---------------------------------------------------------------------------------------------------


def _first_payment(referral: Referral, conversion: Conversion, by: Who) -> None:
    """A lead has become a customer."""
    referral.paid_at, referral.status = conversion.occurred_at, ReferralStatus.CUSTOMER
    referral.save(update_fields=["paid_at", "status"])
    if referral.review != Review.DENIED:
        welcome(referral, conversion, by=by)
    refresh_held([referral.pk], by=by)


def welcome(referral: Referral, first: Conversion, *, by: Who = None) -> None:
    """What a customer's first payment brings besides commission: to both sides, and to the partner's tier."""
    grant(referral, Side.FRIEND, first_payment=first, by=by)
    if referring_at([referral.partner_id], first.occurred_at):
        grant(referral, Side.REFERRER, first_payment=first, by=by)
    tell("referral.converted", referral, by=by)
    _raise_tier(referral, first, by)


def remember_commission(referral: Referral, conversion: Conversion) -> None:
    day = conversion.occurred_at.astimezone(UTC).date()
    if conversion.commission and (referral.first_commission_on is None or day < referral.first_commission_on):
        referral.first_commission_on = day
        referral.save(update_fields=["first_commission_on"])


def _raise_tier(referral: Referral, conversion: Conversion, by: Who) -> None:
    """Where a higher tier counts for all customers, those before get the difference: with the hold of this payment, and
    refunds of theirs take it back like the rest."""
    program = referral.program
    if not program.tiers or program.tier_mode != TierMode.RETROACTIVE:
        return
    rate, entries = rate_for(referral), []
    for earlier, had in _earlier(conversion):
        whole = commission.rounded(commission.share(base_of(earlier), rate))
        if (more := _capped(earlier.referral, whole - had, earlier.occurred_at).amount) > 0:
            entries.append(
                accrual(earlier, more, EntryCause.TIER, max(conversion.occurred_at, earlier.occurred_at), by)
            )
    for entry in LedgerEntry.objects.bulk_create(entries):
        take_back_refunded(entry, by)


def _earlier(conversion: Conversion) -> Sequence[tuple[Conversion, int]]:
    """The partner's other payments that earn, each with what it has earned by its rate."""
    rows = Conversion.objects.filter(partner=conversion.partner_id, commission__gt=0).exclude(pk=conversion.pk)
    rows = rows.exclude(referral__review=Review.DENIED).filter(referral__clawed_back_at=None)
    by_rate = Q(entries__kind=EntryKind.ACCRUAL, entries__cause__in=[EntryCause.COMMISSION, EntryCause.TIER])
    rows = rows.annotate(had=Sum("entries__amount", filter=by_rate, default=0))
    return [(row, row.had) for row in rows.select_related("referral__program", "program").order_by("pk")]


def base_of(conversion: Conversion) -> Fraction:
    places = places_of(conversion.program.currency) - places_of(conversion.currency)
    return commission.converted(conversion.net, conversion.rate, places)


def take_back_refunded(entry: LedgerEntry, by: Who) -> None:
    """Of an accrual that comes after refunds of its payment: what they would have taken."""
    conversion = entry.conversion
    gone = to_reverse(entry.amount, conversion.net, conversion.refunded, 0) if conversion else 0
    if gone:
        LedgerEntry.objects.bulk_create([reversal(entry, gone, EntryCause.REFUND, entry.occurred_at, by=by)])
