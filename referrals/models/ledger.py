"""The ledger: append-only and double-entry, both held by the database.

An entry is what happened to a partner's balance; its two lines (books.py of any accountant: expense, payable, cash)
are written by a trigger, so that nobody can write one without the other."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from referrals.enums import BatchStatus, Book, CarryReason, EntryCause, EntryKind, PayoutMethod, PayoutStatus
from referrals.models.partner import Partner
from referrals.models.program import Program
from referrals.models.referral import Conversion, Referral, Refund

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class PayoutBatch(models.Model):
    """What was due to a program's partners at one time."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(_("number"))
    as_of = models.DateTimeField(_("as of"))
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=BatchStatus, default=BatchStatus.OPEN)
    currency = models.CharField(_("currency"), max_length=3)
    minimum = models.BigIntegerField(_("smallest payout"))
    payouts_count = models.PositiveIntegerField(_("payouts"), default=0)
    total = models.BigIntegerField(_("total"), default=0)
    carried_count = models.PositiveIntegerField(_("partners carried over"), default=0)
    carried_total = models.BigIntegerField(_("carried over"), default=0)
    exported_at = models.DateTimeField(_("exported"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="batch_number_once")]

    def __str__(self) -> str:
        return f"{self.program} #{self.number}"


class Payout(models.Model):
    """What one partner gets in one batch: the sum of the entries claimed for it."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="payouts", db_index=False)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    # As they were then.
    name = models.CharField(_("name"), max_length=160)
    method = models.CharField(_("payout method"), max_length=8, choices=PayoutMethod)
    details = models.JSONField(_("payout details"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=6, choices=PayoutStatus, default=PayoutStatus.DUE)
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    failure = models.CharField(_("why it failed"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "partner"], name="payout_once_a_batch"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_positive"),
        ]
        indexes = [models.Index(fields=["partner", "-id"], name="payout_by_partner")]


# Dr and Cr of each kind. A negative amount turns both around.
WRITE_LINES = """
INSERT INTO referrals_ledgerline (entry_id, book, currency, amount)
SELECT e.id, l.book, e.currency, CASE WHEN l.book = 'payable' THEN -e.amount ELSE e.amount END
FROM new_entries e
CROSS JOIN LATERAL (VALUES
    ('payable'), (CASE WHEN e.kind IN ('payout', 'payout_failed') THEN 'cash' ELSE 'expense' END)
) AS l (book)
ORDER BY e.id;
INSERT INTO referrals_balance (partner_id, currency, earned, reversed, paid, adjusted, entries)
SELECT e.partner_id, min(e.currency),
    coalesce(sum(e.amount) FILTER (WHERE e.kind = 'accrual'), 0),
    coalesce(sum(e.amount) FILTER (WHERE e.kind = 'reversal'), 0),
    coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('payout', 'payout_failed')), 0),
    coalesce(sum(e.amount) FILTER (WHERE e.kind = 'adjustment'), 0),
    count(*)
FROM new_entries e
GROUP BY e.partner_id
ORDER BY e.partner_id
ON CONFLICT (partner_id) DO UPDATE SET
    earned = referrals_balance.earned + excluded.earned,
    reversed = referrals_balance.reversed + excluded.reversed,
    paid = referrals_balance.paid + excluded.paid,
    adjusted = referrals_balance.adjusted + excluded.adjusted,
    entries = referrals_balance.entries + excluded.entries;
RETURN NULL;
"""
# Both lines of an entry are written by one statement (above), so its end is when they must balance: one look at all of
# them, however many entries a batch writes.
ENTRIES_BALANCE = """
IF EXISTS (
    SELECT FROM new_lines l JOIN referrals_ledgerentry e ON e.id = l.entry_id
    GROUP BY e.id
    HAVING sum(l.amount) <> 0 OR sum(l.amount) FILTER (WHERE l.book = 'payable') IS DISTINCT FROM -e.amount
) THEN
    RAISE EXCEPTION 'ledger entries do not balance' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
REVERSED_WITHIN = """
IF EXISTS (
    SELECT FROM referrals_ledgerentry a
    WHERE a.id = NEW.reverses_id AND (
        a.kind <> 'accrual' OR a.partner_id <> NEW.partner_id OR a.amount + (
            SELECT sum(r.amount) FROM referrals_ledgerentry r WHERE r.reverses_id = a.id
        ) < 0
    )
) THEN
    RAISE EXCEPTION 'ledger entry % is reversed by more than it accrued', NEW.reverses_id
        USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
# A batch claims and books in one statement, so its end is when they must agree: one look at all its payouts. Asked for
# each, the database would plan ten thousand times.
PAYOUTS_ADD_UP = """
IF EXISTS (SELECT FROM new_entries WHERE kind = 'payout') AND EXISTS (
    SELECT FROM new_entries n
    LEFT JOIN (
        SELECT b.payout_id, sum(e.amount) AS amount
        FROM new_entries b
        JOIN referrals_payoutitem i ON i.payout_id = b.payout_id
        JOIN referrals_ledgerentry e ON e.id = i.entry_id
        WHERE b.kind = 'payout'
        GROUP BY b.payout_id
    ) s ON s.payout_id = n.payout_id
    WHERE n.kind = 'payout' AND n.amount IS DISTINCT FROM -s.amount
) THEN
    RAISE EXCEPTION 'a payout is not the sum of its entries' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
EARNS = Q(kind__in=[EntryKind.ACCRUAL, EntryKind.PAYOUT_FAILED], amount__gt=0)
LOWERS = Q(kind__in=[EntryKind.REVERSAL, EntryKind.PAYOUT], amount__lt=0)


class LedgerEntry(models.Model):
    """What happened to a partner's balance, in minor units of the program's currency. The balance is the sum.

    Only ever added to. Its lines and the partner's Balance follow by trigger."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("kind"), max_length=13, choices=EntryKind)
    cause = models.CharField(_("for"), max_length=10, choices=EntryCause)
    amount = models.BigIntegerField(_("amount"))  # signed
    currency = models.CharField(_("currency"), max_length=3)
    occurred_at = models.DateTimeField(_("when"))
    # R4: from then on (inclusive) it may be paid out.
    available_at = models.DateTimeField(_("available"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False
    )
    conversion = models.ForeignKey(
        Conversion, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False
    )
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", db_index=False
    )
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    note = models.CharField(_("note"), max_length=400, blank=True)
    # No foreign key: who is gone stays who it was.
    by = models.ForeignKey(
        "accounts.User", models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )
    actor = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["partner", "id"]
        constraints = [
            models.CheckConstraint(
                condition=EARNS | LOWERS | Q(kind=EntryKind.ADJUSTMENT) & ~Q(amount=0), name="entry_sign_of_its_kind"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind=EntryKind.ACCRUAL, conversion__isnull=False, reverses__isnull=True, payout__isnull=True)
                    | Q(kind=EntryKind.REVERSAL, reverses__isnull=False, payout__isnull=True)
                    | Q(kind__in=[EntryKind.PAYOUT, EntryKind.PAYOUT_FAILED], payout__isnull=False)
                    & Q(conversion__isnull=True, reverses__isnull=True)
                    | Q(kind=EntryKind.ADJUSTMENT, reverses__isnull=True, payout__isnull=True) & ~Q(note="")
                ),
                name="entry_says_what_for",
            ),
            models.CheckConstraint(condition=Q(available_at__gte=F("occurred_at")), name="entry_available_after"),
            # A payment earns once (and again with each higher tier, and what a refusal took that did not last); a
            # refund takes back once; a payout is paid once, and fails once.
            models.UniqueConstraint(
                fields=["conversion", "cause"],
                condition=Q(kind=EntryKind.ACCRUAL) & ~Q(cause__in=[EntryCause.TIER, EntryCause.RESTORED]),
                name="entry_accrues_once",
            ),
            models.UniqueConstraint(
                fields=["refund", "reverses"], condition=Q(refund__isnull=False), name="entry_refunds_once"
            ),
            models.UniqueConstraint(
                fields=["payout", "kind"], condition=Q(payout__isnull=False), name="entry_pays_once"
            ),
        ]
        indexes = [
            # A partner's ledger, and what of it is available.
            models.Index(fields=["partner", "id"], include=["amount", "available_at", "kind"], name="entry_by_partner"),
            models.Index(
                fields=["reverses"], include=["amount"], name="entry_reversals", condition=Q(reverses__isnull=False)
            ),
            # What is held: read off the index alone.
            models.Index(
                fields=["referral"],
                include=["id", "partner", "amount", "reverses"],
                name="entry_by_referral",
                condition=Q(referral__isnull=False),
            ),
            models.Index(fields=["occurred_at", "id"], name="entry_by_day"),
            # What is not available yet.
            models.Index(fields=["available_at"], name="entry_by_availability"),
        ]
        triggers = [
            APPEND_ONLY,
            pgtrigger.Trigger(
                name="write_lines",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_entries"),
                func=WRITE_LINES,
            ),
            pgtrigger.Trigger(
                name="reversed_within",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__kind="reversal"),
                func=REVERSED_WITHIN,
            ),
            pgtrigger.Trigger(
                name="payouts_add_up",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_entries"),
                func=PAYOUTS_ADD_UP,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class LedgerLine(models.Model):
    """One side of an entry in the books: debit positive, credit negative. Lines of an entry add up to zero."""

    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="lines", db_index=False)
    book = models.CharField(_("book"), max_length=8, choices=Book)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        constraints = [models.UniqueConstraint(fields=["entry", "book"], name="line_once_a_book")]
        triggers = [
            APPEND_ONLY,
            pgtrigger.Trigger(
                name="entries_balance",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_lines"),
                func=ENTRIES_BALANCE,
            ),
        ]


class PayoutItem(models.Model):
    """An entry that is in a payout: in one, and never in another."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="items")
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="item")

    class Meta:
        verbose_name = _("entry of a payout")
        verbose_name_plural = _("entries of a payout")
        triggers = [APPEND_ONLY]


class Balance(models.Model):
    """A partner's sums, kept with every entry by the database itself; check_ledger compares them with the entries."""

    partner = models.OneToOneField(Partner, models.PROTECT, primary_key=True, related_name="balance")
    currency = models.CharField(max_length=3)
    earned = models.BigIntegerField(_("earned"), default=0)
    reversed = models.BigIntegerField(_("reversed"), default=0)  # not above zero
    paid = models.BigIntegerField(_("paid out"), default=0)  # not above zero: payouts less those that failed
    adjusted = models.BigIntegerField(_("adjusted"), default=0)
    entries = models.PositiveIntegerField(default=0)
    total = models.GeneratedField(
        expression=F("earned") + F("reversed") + F("paid") + F("adjusted"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        indexes = [models.Index(fields=["total", "partner"], name="balance_by_total")]


class CarriedOver(models.Model):
    """What a batch left for the next one, and why."""

    batch = models.ForeignKey(PayoutBatch, models.CASCADE, related_name="carried", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("why"), max_length=13, choices=CarryReason)

    class Meta:
        verbose_name = _("carried over")
        verbose_name_plural = _("carried over")
        constraints = [models.UniqueConstraint(fields=["batch", "partner"], name="carried_once")]
