"""Sign-ups by the thousand: whose customers they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.activity import Who, record_many
from accounts.exceptions import DomainError
from referrals.domain.bulk.known import Known
from referrals.domain.holding import note_finished_before, refresh_held
from referrals.domain.incentives import news_of as news_of_incentive, promised
from referrals.domain.signing_up import (
    SignUp,
    attach,
    clean,
    credit_of,
    flags_of,
    hold_the_others,
    news_of,
    news_of_flags,
    refer,
    referred,
)
from referrals.enums import FlagReason, Review, Side
from referrals.models import Code, Incentive, Referral

# Of each row: whether it is new, or why it was refused.
Outcome = bool | DomainError


# A row as it stands in the file, and what it says once it is known what it is about.
Row = Mapping[str, Any]
Ask = Callable[[Sequence[Row]], Known]
Read = Callable[[Row, Known], SignUp]


def refer_many(rows: Sequence[Row], ask: Ask, read: Read, *, by: Who = None) -> list[Outcome]:
    """As refer(), row after row: what one of them binds, the next one finds. They say codes and coupons, not clicks.
    `ask` gives what is known about them."""
    try:
        with transaction.atomic():
            batch = _Batch(ask(rows))
            outcomes = [batch.take(row, read) for row in rows]
            batch.write(by)
            return outcomes
    except IntegrityError:  # somebody else binds one of them in this very moment
        return [_one_by_one(row, ask, read, by) for row in rows]


def _one_by_one(row: Row, ask: Ask, read: Read, by: Who) -> Outcome:
    try:
        return refer(read(row, ask([row])), by=by)[1]
    except DomainError as error:
        return error


class _Batch:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.new: list[Referral] = []
        self.completed: dict[int, Referral] = {}
        self.leaked: dict[int, Code] = {}
        self.flagged: list[Referral] = []
        # Referrals that were somebody without an account, and which it turns out to be.
        self.attached: list[tuple[Referral, int]] = []

    def take(self, row: Row, read: Read) -> Outcome:
        try:
            return self._take(clean(read(row, self.known), self.known))
        except DomainError as error:
            return error

    def _take(self, sign_up: SignUp) -> bool:
        if bound := self.known.bound(sign_up.program, sign_up.customer, sign_up.account):
            self._complete(bound, sign_up)
            return False
        credit = credit_of(sign_up, self.known)
        flags = flags_of(sign_up, credit, self.known)
        if FlagReason.COUPON_LEAK in flags:
            self._hold_the_others(credit.code)
        referral = referred(sign_up, credit, flags)
        self.new.append(referral)
        if flags:
            self.flagged.append(referral)
        self.known.add(referral)
        if credit.coupon:
            self.known.sold(credit.code, clicked_before=credit.clicked_before)
        return True

    def _complete(self, referral: Referral, sign_up: SignUp) -> None:
        changed = [name for name in ("name", "email") if getattr(sign_up, name) and not getattr(referral, name)]
        for name in changed:
            setattr(referral, name, getattr(sign_up, name))
        if changed and referral.pk:
            self.completed[referral.pk] = referral
        mine = all(known is not referral for known, _account in self.attached)
        if sign_up.account and referral.account_id is None and mine:
            self.attached.append((referral, sign_up.account.pk))
            self.known.by_account.setdefault((referral.program_id, sign_up.account.pk), referral)

    def _hold_the_others(self, code: Code) -> None:
        self.leaked[code.pk] = code
        for referral in self.new:
            by_it = referral.code_id == code.pk and referral.coupon and not referral.clicked_before
            if by_it and referral.review == Review.CLEAR:
                referral.review, referral.flags = Review.HELD, [FlagReason.COUPON_LEAK.value]

    def write(self, by: Who) -> None:
        if self.leaked:
            hold_the_others(self.leaked.values())
        Referral.objects.bulk_create(self.new)
        Referral.objects.bulk_update(self.completed.values(), ["name", "email"])
        ids = [referral.pk for referral in self.new]
        note_finished_before(ids)
        refresh_held(ids, by=by)
        record_many([fact for referral in self.new for fact in news_of(referral)], by=by)
        record_many([fact for referral in self.flagged for fact in news_of_flags(referral)], by=by)
        self._grant(by)
        if self.attached:
            attach({referral.pk: account for referral, account in self.attached}, by=by)

    def _grant(self, by: Who) -> None:
        """What counts from the sign-up on."""
        rows = [
            (row, referral)
            for referral in self.new
            if referral.review != Review.DENIED and (row := promised(referral, Side.FRIEND, first_payment=None))
        ]
        Incentive.objects.bulk_create([row for row, _referral in rows])
        record_many([fact for row, referral in rows for fact in news_of_incentive(row, referral)], by=by)
