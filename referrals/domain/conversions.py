"""Payments of referred customers, and what they earn (RULES 6, R1, R6, R7 and R9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import clean_external_id, currency as clean_currency
from accounts.domain.activity import Who
from accounts.domain.rates import Rates
from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from referrals.domain import commission
from referrals.domain.amounts import places_of
from referrals.domain.arithmetic import to_reverse
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
    payment = _clean(payment)
    if known := _first(payment):
        return known, False
    referral = _referral_of(payment, by)
    lock_partners([referral.partner_id])
    referral = _fresh(referral)
    try:
        with transaction.atomic():
            conversion = _create(payment, referral)
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
    sentence = _("Nobody referred the customer “%(customer)s” in this program.") % {"customer": payment.customer}
    raise DomainError(sentence, code="not_referred", errors={"customer": [sentence]})


def _fresh(referral: Referral) -> Referral:
    """As it is now that nobody else writes about its partner."""
    rows = Referral.objects.select_related("partner__account", "program", "account")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=referral.pk)


def _clean(payment: Payment) -> Payment:
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


def _create(payment: Payment, referral: Referral) -> Conversion:
    net = commission.base(payment.gross, payment.tax, payment.discount)
    rate = rate_between(payment.currency, payment.program.currency, payment.occurred_at) if net else Decimal(1)
    places = places_of(payment.program.currency) - places_of(payment.currency)
    base = commission.converted(net, rate, places)
    if base > MOST:
        raise _wrong("gross", _("An amount is not below zero, and less than anybody would pay."))
    earning = earned(referral, base, payment.occurred_at)
    return Conversion.objects.create(
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


def rate_between(currency: str, ours: str, at: datetime) -> Decimal:
    """R9: one unit of `currency` in `ours` on that day. One that nobody entered is an error, never 1."""
    if currency == ours:
        return Decimal(1)
    rates, day = Rates([currency, ours]), at.astimezone(UTC).date()
    with localcontext() as context:
        context.prec = 50
        rate = rates.on(currency, day) / rates.on(ours, day)
        return rate.quantize(RATE, rounding=ROUND_HALF_UP)


# What it earns -------------------------------------------------------------------------------------------------


def earned(referral: Referral, base: Fraction, at: datetime) -> Earning:
    """What a payment of so much earns the partner, and why not more. `base` in the program's minor units, not rounded
    yet."""
    if why := _why_nothing(referral, base, at):
        return Earning(0, why)
    program = referral.program
    if program.commission == CommissionKind.PERCENT:
        amount = commission.rounded(commission.share(base, rate_for(referral)))
    else:
        amount = program.amount
    return _capped(referral, amount, at)


def _why_nothing(referral: Referral, base: Fraction, at: datetime) -> str:
    program, first = referral.program, referral.first_commission_on
    if referral.review == Review.DENIED or _day_of(at) < _day_of(referral.signed_up_at):
        return WhyNothing.DENIED if referral.review == Review.DENIED else WhyNothing.BEFORE
    if base <= 0:
        return WhyNothing.NOTHING_PAID
    if program.commission == CommissionKind.NONE:
        return WhyNothing.NO_COMMISSION
    if not referring_at([referral.partner_id], at):
        return WhyNothing.PAUSED
    once = program.commission == CommissionKind.BOUNTY
    if not commission.still_earns(at.astimezone(UTC).date(), first, 0 if once else program.months):
        return WhyNothing.ONCE if once or program.months == 0 else WhyNothing.PERIOD_OVER
    return ""


def _day_of(at: datetime) -> date:
    """Where the house is: files often say days alone, and whoever paid on the day of the sign-up paid with it."""
    return at.astimezone(timezone.get_default_timezone()).date()


def rate_for(referral: Referral) -> Fraction:
    """The program's, or that of the tier: which customer of the partner's this is, or how many there are by now."""
    program = referral.program
    if not program.tiers:
        return Fraction(program.rate)
    paying = Referral.objects.filter(partner=referral.partner_id, paid_at__isnull=False).exclude(review=Review.DENIED)
    if program.tier_mode == TierMode.MARGINAL and referral.paid_at:
        earlier = Q(paid_at__lt=referral.paid_at) | Q(paid_at=referral.paid_at, pk__lte=referral.pk)
        paying = paying.filter(earlier)
    count = paying.count() + int(referral.paid_at is None)
    return commission.rate_of(commission.Tier.read(program.tiers), count, program.rate)


def _capped(referral: Referral, amount: int, at: datetime) -> Earning:
    """The most for one customer, then the partner's most for the month; what was taken back leaves room again."""
    program, why = referral.program, ""
    earnings = LedgerEntry.objects.filter(kind__in=[EntryKind.ACCRUAL, EntryKind.REVERSAL], conversion__isnull=False)
    if program.cap_customer is not None:
        left = commission.capped(amount, _sum(earnings.filter(referral=referral)), program.cap_customer)
        amount, why = left, WhyNothing.CAP_CUSTOMER if left < amount else why
    if program.cap_month is not None:
        earned_then = earnings.filter(partner=referral.partner_id, conversion__occurred_at__range=_month_of(at))
        left = commission.capped(amount, _sum(earned_then), program.cap_month)
        amount, why = left, WhyNothing.CAP_MONTH if left < amount else why
    return Earning(amount, why)


def _month_of(at: datetime) -> tuple[datetime, datetime]:
    """The calendar month, from its first to its last instant."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(microseconds=1)


def _sum(entries: QuerySet[LedgerEntry]) -> int:
    return entries.aggregate(total=Sum("amount", default=0))["total"]


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
