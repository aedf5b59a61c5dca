"""Refunds by the thousand: what their payments earned is taken back in proportion."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from accounts.domain.activity import Who
from accounts.exceptions import DomainError
from referrals.domain.arithmetic import to_reverse
from referrals.domain.bulk.referring import Outcome
from referrals.domain.entries import accruals, lock_partners, reversal
from referrals.domain.refunds import GivenBack, clean, record_refund, within
from referrals.enums import EntryCause, RefundStatus
from referrals.models import Conversion, LedgerEntry, Refund

Key = tuple[int, str, str]  # program, source, external id


def record_refunds(given: Sequence[GivenBack], *, by: Who = None) -> list[Outcome]:
    """As record_refund(), row after row."""
    try:
        with transaction.atomic():
            batch = _Batch(given, by)
            outcomes = [batch.take(row) for row in given]
            batch.write()
            return outcomes
    except IntegrityError:  # the same id has come for another payment in this very moment
        return [_one_by_one(row, by) for row in given]


def _one_by_one(given: GivenBack, by: Who) -> Outcome:
    try:
        return record_refund(given, by=by)[1]
    except DomainError as error:
        return error


class _Batch:
    def __init__(self, given: Sequence[GivenBack], by: Who) -> None:
        self.by = by
        self.payments = _payments({row.conversion for row in given})
        known = Refund.objects.filter(external_id__in={row.external_id for row in given})
        self.taken: set[Key] = set(known.values_list("program", "source", "external_id"))
        self.earned: dict[int, list[list]] = defaultdict(list)
        for entry, before in accruals(conversion__in=[row.pk for row in self.payments.values()]):
            if entry.conversion_id:
                self.earned[entry.conversion_id].append([entry, before])
        self.new: list[Refund] = []
        self.entries: list[LedgerEntry] = []
        self.changed: dict[int, Conversion] = {}

    def take(self, given: GivenBack) -> Outcome:
        try:
            return self._take(clean(given))
        except DomainError as error:
            return error

    def _take(self, given: GivenBack) -> bool:
        key = given.program.pk, given.source, given.external_id
        if key in self.taken:
            return False
        conversion = self.payments.get((given.program.pk, given.source, given.conversion))
        refund = Refund(
            program=given.program, source=given.source, external_id=given.external_id,
            conversion_external_id=given.conversion, occurred_at=given.occurred_at, amount=given.amount,
            status=RefundStatus.WAITING,
        )  # fmt: skip
        if conversion:
            self._apply(refund, conversion)
        self.taken.add(key)
        self.new.append(refund)
        return True

    def _apply(self, refund: Refund, conversion: Conversion) -> None:
        amount = within(refund.amount, conversion)
        refund.amount, refund.conversion, refund.status = amount, conversion, RefundStatus.APPLIED
        conversion.refunded += amount
        self.changed[conversion.pk] = conversion
        for earned in self.earned[conversion.pk]:
            entry, before = earned
            back = to_reverse(entry.amount, conversion.net, conversion.refunded, before)
            if back:
                earned[1] += back
                self.entries.append(
                    reversal(entry, back, EntryCause.REFUND, refund.occurred_at, refund=refund, by=self.by)
                )

    def write(self) -> None:
        Refund.objects.bulk_create(self.new)
        Conversion.objects.bulk_update(self.changed.values(), ["refunded"])
        LedgerEntry.objects.bulk_create(self.entries)


def _payments(external_ids: set[str]) -> dict[Key, Conversion]:
    """Read when nobody else writes about their partners any more."""
    rows = Conversion.objects.filter(external_id__in=external_ids)
    lock_partners(rows.values_list("partner", flat=True))
    return {(row.program_id, row.source, row.external_id): row for row in rows.select_related("program", "referral")}
