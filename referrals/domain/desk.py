"""What a partner sees of a program: what it gives, how far they have come, whom they brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language, gettext as _, ngettext

from accounts import formats
from accounts.domain.links import token_of
from accounts.enums import Band
from accounts.models import Contact, ContactLink
from referrals.domain.amounts import in_percent, major
from referrals.domain.balances import Balances, balance_of
from referrals.domain.programs import is_open
from referrals.enums import CommissionKind, IncentiveKind, ProgramKind, ProgramStatus, ReferralStatus, Review
from referrals.models import Partner, Program, Referral

ORDER = [Band.RED, Band.YELLOW, Band.GREEN, Band.THRIVING]
MOST_REFERRALS = 50


# Whose programs -------------------------------------------------------------------------------------------------


def programs_for(contact: Contact) -> list[Program]:
    """Those they take part in or were invited to; and those that anybody whose account is well may join."""
    own = Program.objects.filter(partners__contact=contact).exclude(status=ProgramStatus.DRAFT)
    open_ = Program.objects.filter(kind=ProgramKind.CUSTOMER, status=ProgramStatus.RUNNING, invites_promoters=False)
    today = timezone.localdate()
    joinable = [program for program in open_ if is_open(program, today) and well_enough(contact.account.band, program)]
    return sorted({*own, *joinable}, key=lambda program: program.name)


def well_enough(band: str, program: Program) -> bool:
    return band in ORDER and ORDER.index(Band(band)) >= ORDER.index(Band(program.min_band))


def portal_part(link: ContactLink) -> dict[str, Any] | None:
    """For the customer's portal: None where there is nothing for them."""
    programs = programs_for(link.contact)
    if not programs:
        return None
    joined = {partner.program_id: partner for partner in Partner.objects.filter(contact=link.contact)}
    rows = [(program, joined.get(program.pk), offer_of(program)) for program in programs]
    return {"rows": rows, "token": token_of(link.key, link.purpose)}


# What it gives --------------------------------------------------------------------------------------------------


def words_of(program: Program, language: str = "") -> dict[str, str]:
    """Headline and a few lines in the reader's language, else in the house's, else in the one there is."""
    texts = program.texts
    for code in (language or get_language() or "", settings.LANGUAGE_CODE, *texts):
        if texts.get(code):
            return texts[code]
    return {}


def offer_of(program: Program) -> list[str]:
    """What both sides get, a sentence each."""
    sentences = (_commission(program), _incentive(program, "referrer"), _incentive(program, "friend"))
    return [text for text in sentences if text]


def _commission(program: Program) -> str:
    amount = formats.money(major(program.amount, program.currency), program.currency, exact=True)
    match program.commission:
        case CommissionKind.PERCENT:
            return _share(program)
        case CommissionKind.FLAT:
            return _("You get %(amount)s for each of their payments.") % {"amount": amount}
        case CommissionKind.BOUNTY:
            return _("You get %(amount)s for each customer.") % {"amount": amount}
    return ""


def _share(program: Program) -> str:
    rates = [in_percent(tier["rate"]) for tier in program.tiers] or [in_percent(program.rate)]
    told = {"share": " · ".join(rates), "n": program.months}
    if program.months is None:
        return _("You get %(share)s of what they pay, for as long as they do.") % told
    if program.months == 0:
        return _("You get %(share)s of their first payment.") % told
    sentence = ngettext(
        "You get %(share)s of what they pay in %(n)s month.",
        "You get %(share)s of what they pay in %(n)s months.",
        program.months,
    )
    return sentence % told


def _incentive(program: Program, side: str) -> str:
    kind, amount = getattr(program, f"{side}_gets"), getattr(program, f"{side}_amount")
    own = side == "referrer"
    told = {"amount": formats.money(major(amount, program.currency), program.currency, exact=True)}
    match kind:
        case IncentiveKind.CREDIT:
            return (_("You get a credit of %(amount)s.") if own else _("They get a credit of %(amount)s.")) % told
        case IncentiveKind.CASH:
            return _("You get %(amount)s besides.") % told if own else ""
        case IncentiveKind.PERCENT:
            return _discount(program, side)
    return ""


def _discount(program: Program, side: str) -> str:
    months = getattr(program, f"{side}_months")
    mine = ngettext("You pay %(share)s less for %(n)s month.", "You pay %(share)s less for %(n)s months.", months)
    theirs = ngettext("They pay %(share)s less for %(n)s month.", "They pay %(share)s less for %(n)s months.", months)
    told = {"share": in_percent(getattr(program, f"{side}_percent")), "n": months}
    return (mine if side == "referrer" else theirs) % told


# How far they have come -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    clicks: int
    leads: int  # everybody who signed up
    customers: int  # those who have paid
    balances: Balances

    @property
    def waiting(self) -> int:
        """Earned, and not available yet."""
        return self.balances.pending + self.balances.held


def figures_of(partner: Partner) -> Figures:
    referred = partner.referrals.aggregate(
        all=Count("pk"), paid=Count("pk", filter=Q(paid_at__isnull=False) & ~Q(review=Review.DENIED))
    )
    clicks = partner.clicks.filter(counted=True).count()
    return Figures(clicks, referred["all"], referred["paid"], balance_of(partner.pk))


@dataclass(frozen=True)
class Brought:
    """One whom they brought, as far as it is theirs to know."""

    who: str
    since: datetime
    state: str
    tone: str
    earned: int


def brought_by(partner: Partner) -> list[Brought]:
    rows = partner.referrals.annotate(earned=Coalesce(Sum("entries__amount"), 0)).order_by("-signed_up_at", "-pk")
    return [_brought(row, row.earned) for row in rows[:MOST_REFERRALS]]


def _brought(row: Referral, earned: int) -> Brought:
    state, tone = _state(row)
    return Brought(veiled(row.name or row.email), row.signed_up_at, state, tone, earned)


def _state(row: Referral) -> tuple[str, str]:
    """Never what made us look twice: who tries to cheat learns nothing."""
    if row.review == Review.DENIED:
        return _("not counted"), "grey"
    if row.review in Review.open():
        return _("being checked"), "yellow"
    if row.status == ReferralStatus.CHURNED:
        return _("has left"), "grey"
    if row.paid_at is None:
        return _("signed up"), "accent"
    return (_("customer, being onboarded"), "accent") if row.held else (_("customer"), "green")


def veiled(name: str) -> str:
    """Enough to know whom it is about: "Kim P.", "k…@…"."""
    if "@" in name:
        return f"{name[:1]}…@…"
    first, *others = name.split() or [_("Somebody")]
    return " ".join([first[:40], *(f"{one[:1]}." for one in others[-1:])])


def statement(partner: Partner, most: int = 30) -> Sequence[Any]:
    """The latest entries of their ledger."""
    return list(partner.entries.select_related("referral").order_by("-pk")[:most])
