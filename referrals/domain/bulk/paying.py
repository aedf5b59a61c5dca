"""Payments by the thousand, and what they earn."""

from collections.abc import Sequence
from datetime import UTC

from django.db import IntegrityError, transaction

from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.rates import Rates
from accounts.exceptions import DomainError
from referrals.domain.bulk.known import Known
from referrals.domain.bulk.referring import Outcome
from referrals.domain.conversions import Payment, clean, not_referred, paid, record_conversion
from referrals.domain.entries import accrual, lock_partners
from referrals.domain.holding import refresh_held
from referrals.domain.incentives import bonus, news_of, promised
from referrals.domain.telling import facts_of
from referrals.enums import EntryCause, ReferralStatus, RefundStatus, Review, Side, TierMode, WhyNothing
from referrals.models import Conversion, Incentive, LedgerEntry, Referral, Refund

Key = tuple[int, str, str]  # program, source, external id


def record_conversions(payments: Sequence[Payment], *, by: Who = None) -> list[Outcome]:
    """As record_conversion(), row after row. What changes earlier payments, too (a tier that counts for all of them,
    refunds that have waited), is done by itself, in its turn."""
    outcomes: list[Outcome] = []
    waiting, plain = _waiting(payments), list[Payment]()
    for payment in payments:
        if _is_plain(payment) and _key(payment) not in waiting:
            plain.append(payment)
            continue
        outcomes += _record_plain(plain, by)
        plain = []
        outcomes.append(_one_by_one(payment, by))
    return outcomes + _record_plain(plain, by)


def _key(payment: Payment) -> Key:
    return payment.program.pk, payment.source, payment.external_id


def _is_plain(payment: Payment) -> bool:
    program = payment.program
    return not (program.tiers and program.tier_mode == TierMode.RETROACTIVE)


def _waiting(payments: Sequence[Payment]) -> set[Key]:
    ids = {payment.external_id for payment in payments}
    rows = Refund.objects.filter(status=RefundStatus.WAITING, conversion_external_id__in=ids)
    return set(rows.values_list("program", "source", "conversion_external_id"))


def _one_by_one(payment: Payment, by: Who) -> Outcome:
    try:
        return record_conversion(payment, by=by)[1]
    except DomainError as error:
        return error


def _record_plain(payments: Sequence[Payment], by: Who) -> list[Outcome]:
    if not payments:
        return []
    try:
        with transaction.atomic():
            batch = _Batch(payments, by)
            outcomes = [batch.take(payment) for payment in payments]
            batch.write()
            return outcomes
    except IntegrityError:  # somebody else has taken one of them in this very moment
        return [_one_by_one(payment, by) for payment in payments]


class _Batch:
    def __init__(self, payments: Sequence[Payment], by: Who) -> None:
        self.by, self.known = by, _known(payments)
        rows = Conversion.objects.filter(external_id__in={payment.external_id for payment in payments})
        self.taken: set[Key] = set(rows.values_list("program", "source", "external_id"))
        theirs = Incentive.objects.filter(referral__in=[row.pk for row in self.known.referrals])
        self.granted: set[tuple[int, str]] = set(theirs.values_list("referral", "side"))
        self.new: list[Conversion] = []
        self.entries: list[LedgerEntry] = []
        self.first: dict[int, Referral] = {}
        self.earning: dict[int, Referral] = {}
        self.incentives: list[Incentive] = []
        self.news: list[Fact] = []

    def take(self, payment: Payment) -> Outcome:
        try:
            return self._take(clean(payment))
        except DomainError as error:
            return error

    def _take(self, payment: Payment) -> bool:
        if _key(payment) in self.taken:
            return False
        referral = self.known.bound(payment.program, payment.customer)
        if referral is None:
            raise not_referred(payment.customer)
        conversion = paid(payment, referral, self.known)
        self.taken.add(_key(payment))
        self.new.append(conversion)
        if conversion.commission:
            self._book(accrual(conversion, conversion.commission, EntryCause.COMMISSION, by=self.by), conversion)
        if conversion.net and referral.paid_at is None and conversion.why != WhyNothing.BEFORE:
            self._first_payment(referral, conversion)
        self._remember_commission(referral, conversion)
        return True

    def _book(self, entry: LedgerEntry, conversion: Conversion) -> None:
        self.entries.append(entry)
        self.known.has_earned(entry, conversion.occurred_at)

    def _first_payment(self, referral: Referral, conversion: Conversion) -> None:
        referral.paid_at, referral.status = conversion.occurred_at, ReferralStatus.CUSTOMER
        self.first[referral.pk] = referral
        self.known.has_paid(referral, conversion.occurred_at)
        if referral.review == Review.DENIED:
            return
        sides = [Side.FRIEND]
        if self.known.refers(referral.partner_id, conversion.occurred_at):
            sides.append(Side.REFERRER)
        for side in sides:
            self._grant(referral, side, conversion)
        self.news += facts_of("referral.converted", [referral])

    def _grant(self, referral: Referral, side: Side, conversion: Conversion) -> None:
        row = promised(referral, side, first_payment=conversion)
        if row is None or (referral.pk, side) in self.granted:
            return
        self.granted.add((referral.pk, side))
        self.incentives.append(row)
        for entry in bonus(row, conversion, self.by):
            self._book(entry, conversion)
        self.news += news_of(row, referral)

    def _remember_commission(self, referral: Referral, conversion: Conversion) -> None:
        day = conversion.occurred_at.astimezone(UTC).date()
        if conversion.commission and (referral.first_commission_on is None or day < referral.first_commission_on):
            referral.first_commission_on = day
            self.earning[referral.pk] = referral

    def write(self) -> None:
        Conversion.objects.bulk_create(self.new)
        LedgerEntry.objects.bulk_create(self.entries)
        changed = {**self.first, **self.earning}.values()
        Referral.objects.bulk_update(changed, ["paid_at", "status", "first_commission_on"])
        Incentive.objects.bulk_create(self.incentives)
        record_many(self.news, by=self.by)
        refresh_held(list(self.first), by=self.by)


def _known(payments: Sequence[Payment]) -> Known:
    """Read when nobody else writes about their partners any more."""
    known, customers = Known(), {payment.customer for payment in payments}
    known.ask_accounts(customers)
    known.ask_referrals(customers)
    lock_partners(row.partner_id for row in known.referrals)
    _fresh(known)
    known.ask_pauses(known.partners)
    known.ask_earnings()
    ours = {program.currency for program in known.programs.values()}
    known.currencies = Rates(ours | {payment.currency for payment in payments if payment.currency})
    return known


def _fresh(known: Known) -> None:
    """As they are now."""
    rows = Referral.objects.filter(pk__in=[row.pk for row in known.referrals]).order_by("pk")
    found = list(rows.select_related("partner__account", "account").select_for_update(no_key=True, of=("self",)))
    known.referrals.clear()
    known.by_customer.clear()
    known.by_account.clear()
    for referral in found:
        known.add(referral)
        known.partners[referral.partner_id] = referral.partner
