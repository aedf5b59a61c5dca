"""What a batch of rows has to be compared with: asked once, and kept up to date by the rows themselves."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.db.models import Count, Q, Sum
from django.db.models.functions import Trunc

from accounts.domain.rates import Rates
from accounts.models import Account
from referrals.domain.asking import Asking
from referrals.domain.codes import LONGEST, code_key
from referrals.domain.fraud import normalise
from referrals.domain.traces import Traces
from referrals.enums import EntryKind, PartnerStatus, ProgramStatus, Review, TierMode
from referrals.models import Code, LedgerEntry, Partner, Pause, Program, Referral

NOWHERE = Traces(frozenset(), frozenset())  # files tell neither devices nor network addresses
STANDING = {PartnerStatus.APPROVED, PartnerStatus.PAUSED}


class Known(Asking):
    def __init__(self) -> None:
        self.programs: dict[int, Program] = {program.pk: program for program in Program.objects.all()}
        self.accounts: dict[str, Account] = {}
        self.referrals: list[Referral] = []
        self.by_customer: dict[tuple[int, str], Referral] = {}
        self.by_account: dict[tuple[int, int], Referral] = {}
        self.codes: dict[str, Code] = {}
        self.partners: dict[int, Partner] = {}
        self.programs_of: dict[str, set[int]] = defaultdict(set)  # by the partner's address
        self.pauses: dict[int, list[Pause]] = defaultdict(list)
        self.sales: dict[int, list[int]] = {}
        self.payers: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self.of_customer: dict[int, int] = defaultdict(int)
        self.of_month: dict[tuple[int, str], int] = defaultdict(int)
        self.currencies: Rates | None = None

    # Asked once -----------------------------------------------------------------------------------

    def ask_accounts(self, external_ids: Collection[str]) -> None:
        self.accounts = {row.external_id: row for row in Account.objects.filter(external_id__in=external_ids)}

    def ask_referrals(self, customers: Collection[str]) -> None:
        """All that may be theirs, the account's with them. Call ask_accounts() before."""
        accounts = [account.pk for account in self.accounts.values()]
        rows = Referral.objects.filter(Q(customer__in=customers) | Q(account__in=accounts))
        for referral in rows.select_related("partner__account", "account").order_by("pk"):
            self.add(referral)

    def add(self, referral: Referral) -> None:
        """The oldest one counts."""
        referral.program = self.programs[referral.program_id]
        self.referrals.append(referral)
        self.by_customer.setdefault((referral.program_id, referral.customer), referral)
        if referral.account_id:
            self.by_account.setdefault((referral.program_id, referral.account_id), referral)

    def ask_codes(self, texts: Iterable[str], emails: Iterable[str] = ()) -> None:
        """The codes that the rows say, and those of the partners whom they say."""
        keys, people = {_key(text) for text in texts}, {normalise(email) for email in emails}
        rows = Code.objects.filter(Q(key__in=keys) | Q(partner__email_key__in=people, active=True))
        for code in rows.select_related("partner__account").order_by("pk"):
            code.partner.program = self.programs[code.partner.program_id]
            self.codes[code.key] = code
            self.partners[code.partner_id] = code.partner
        sold = Referral.objects.filter(code__in=[code.pk for code in self.codes.values()], coupon=True)
        counted = sold.order_by().values("code").annotate(n=Count("pk"), u=Count("pk", filter=Q(clicked_before=False)))
        self.sales = {row["code"]: [row["n"], row["u"]] for row in counted}

    def ask_programs_of(self, emails: Iterable[str]) -> None:
        people = {normalise(email) for email in emails}
        for email, program in Partner.objects.filter(email_key__in=people).values_list("email_key", "program"):
            self.programs_of[email].add(program)

    def ask_pauses(self, partner_ids: Iterable[int]) -> None:
        for pause in Pause.objects.filter(partner__in=set(partner_ids)):
            self.pauses[pause.partner_id].append(pause)

    def ask_earnings(self) -> None:
        """What caps and tiers count, of the partners of the referrals that are known."""
        referrals, partners = [row.pk for row in self.referrals], list(self.partners)
        tiered = [program.pk for program in self.programs.values() if program.tiers]
        paying = Referral.objects.filter(partner__in=partners, program__in=tiered, paid_at__isnull=False)
        for partner, at, pk in paying.exclude(review=Review.DENIED).values_list("partner", "paid_at", "pk"):
            self.payers[partner].append((at, pk))  # type: ignore[arg-type]  # those who have paid
        kinds = [EntryKind.ACCRUAL, EntryKind.REVERSAL]
        entries = LedgerEntry.objects.filter(kind__in=kinds, conversion__isnull=False).order_by()
        earned = entries.filter(referral__in=referrals, referral__program__cap_customer__isnull=False)
        self.of_customer.update(earned.values_list("referral").annotate(total=Sum("amount")))
        monthly = entries.filter(partner__in=partners, partner__program__cap_month__isnull=False)
        monthly = monthly.annotate(month=Trunc("conversion__occurred_at", "month", tzinfo=UTC))
        for partner, month, total in monthly.values_list("partner", "month").annotate(total=Sum("amount")):
            self.of_month[partner, _month(month)] = total

    # Asked by the rules ---------------------------------------------------------------------------

    def account(self, external_id: str) -> Account | None:
        return self.accounts.get(external_id)

    def bound(self, program: Program, customer: str, account: Account | None = None) -> Referral | None:
        account = account or self.accounts.get(customer)
        found = [self.by_customer.get((program.pk, customer))]
        if account:
            found.append(self.by_account.get((program.pk, account.pk)))
        # Those of this batch have no number yet: they came after all that have one.
        return min((row for row in found if row), key=lambda row: (row.pk is None, row.pk or 0), default=None)

    def code(self, text: str) -> Code | None:
        return self.codes.get(_key(text))

    def code_of(self, program: Program, email: str) -> Code | None:
        """The first of that partner's codes that works."""
        mine = (code for code in self.codes.values() if code.partner.email_key == normalise(email) and code.active)
        return min((c for c in mine if c.partner.program_id == program.pk), key=lambda code: code.pk, default=None)

    def refers(self, partner_id: int, at: datetime) -> bool:
        paused = any(p.since <= at and (p.until is None or p.until > at) for p in self.pauses.get(partner_id, ()))
        return self.partners[partner_id].status in STANDING and not paused

    def traces(self, partner: Partner) -> Traces:
        return NOWHERE

    def coupon_sales(self, code: Code) -> tuple[int, int]:
        sales, without = self.sales.get(code.pk, (0, 0))
        return sales, without

    def rates(self, currencies: Iterable[str]) -> Rates:
        return self.currencies or super().rates(currencies)

    def paying(self, referral: Referral) -> int:
        payers = self.payers.get(referral.partner_id, ())
        if referral.program.tier_mode == TierMode.MARGINAL and referral.paid_at:
            return sum(payer <= (referral.paid_at, referral.pk) for payer in payers)
        return len(payers)

    def earned_from(self, referral: Referral) -> int:
        return self.of_customer.get(referral.pk, 0)

    def earned_in_month(self, partner_id: int, at: datetime) -> int:
        return self.of_month.get((partner_id, _month(at)), 0)

    # Changed by the rows --------------------------------------------------------------------------

    def sold(self, code: Code, *, clicked_before: bool) -> None:
        counts = self.sales.setdefault(code.pk, [0, 0])
        counts[0] += 1
        counts[1] += not clicked_before

    def has_paid(self, referral: Referral, at: datetime) -> None:
        if referral.review != Review.DENIED:
            self.payers[referral.partner_id].append((at, referral.pk))

    def has_earned(self, entry: LedgerEntry, paid_at: datetime) -> None:
        if entry.referral_id:
            self.of_customer[entry.referral_id] += entry.amount
        self.of_month[entry.partner_id, _month(paid_at)] += entry.amount


def running(programs: Iterable[Program]) -> list[Program]:
    return [program for program in programs if program.status == ProgramStatus.RUNNING]


def _key(text: str) -> str:
    return code_key(text[: 4 * LONGEST])


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")
