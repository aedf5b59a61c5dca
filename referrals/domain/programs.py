"""A program's life: written, opened, paused, ended. What it promises is checked before it is kept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.account_values import currency as clean_currency
from accounts.domain.activity import Who
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from referrals.domain import addresses
from referrals.domain.terms import current_terms
from referrals.enums import CommissionKind, IncentiveKind, ProgramKind, ProgramStatus
from referrals.models import LedgerEntry, Program

MOST_TIERS = 20
MOST_MONEY = 10**12  # minor units: nobody pays more for a customer
LONGEST_WINDOW, LONGEST_HOLD, MOST_MONTHS = 400, 400, 240


# Writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_program(program: Program, *, by: Who = None) -> Program:
    """New or changed. What was earned stays as it was earned; from now on the new rules hold."""
    _clean(program)
    if errors := _errors(program):
        sentence = next(iter(errors.values()))[0] if len(errors) == 1 else _("Some of this cannot be taken as it is.")
        raise DomainError(sentence, code="invalid", errors=errors)
    if program.pk:
        _what_may_change(program, Program.objects.select_for_update().get(pk=program.pk))
    program.slug = program.slug or _free_slug(program.name)
    try:
        with transaction.atomic():
            program.save()
    except IntegrityError:
        raise _wrong("slug", _("There is a program at this address already.")) from None
    return program


def _clean(program: Program) -> None:
    program.name = one_line(program.name, 120, field="name")
    program.slug = slugify(one_line(program.slug, 60, field="slug"))
    program.currency = _currency(program.currency)
    program.landing_urls = addresses.checked(program.landing_urls)
    if program.kind == ProgramKind.CUSTOMER:
        program.open_to_apply = program.approves_itself = False
    if program.commission != CommissionKind.PERCENT:
        program.tiers = []


def _currency(given: str) -> str:
    try:
        return clean_currency(given)
    except DomainError as error:
        raise _wrong("currency", str(error)) from None


def _errors(program: Program) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, sentence in _problems(program):
        found.setdefault(name, []).append(sentence)
    return found


def _problems(program: Program) -> Iterator[tuple[str, str]]:
    if not program.name:
        yield "name", _("This cannot be empty.")
    if program.starts_on and program.ends_on and program.ends_on <= program.starts_on:
        yield "ends_on", _("It ends before it begins.")
    yield from _money_problems(program)
    yield from _tier_problems(program)
    for side in ("referrer", "friend"):
        yield from _incentive_problems(program, side)
    for name, most in (("window_days", LONGEST_WINDOW), ("hold_days", LONGEST_HOLD), ("clawback_days", LONGEST_HOLD)):
        if not 0 <= getattr(program, name) <= most:
            yield name, _("Between 0 and %(most)s days.") % {"most": most}
    if program.status == ProgramStatus.RUNNING and not program.landing_urls:
        yield "landing_urls", _("A program that runs leads somewhere: name at least one address.")


def _money_problems(program: Program) -> Iterator[tuple[str, str]]:
    fixed = program.commission in {CommissionKind.FLAT, CommissionKind.BOUNTY}
    if fixed and not program.amount:
        yield "amount", _("Say how much.")
    if not 0 <= program.rate <= 100:
        yield "rate", _("A share is between 0 and 100 per cent.")
    for name in ("amount", "cap_customer", "cap_month", "min_payout", "referrer_amount", "friend_amount"):
        if not 0 <= (getattr(program, name) or 0) <= MOST_MONEY:
            yield name, _("No sum anybody would pay.")
    if program.months is not None and program.months > MOST_MONTHS:
        yield "months", _("At most %(most)s months; leave it empty for as long as they pay.") % {"most": MOST_MONTHS}


def _tier_problems(program: Program) -> Iterator[tuple[str, str]]:
    tiers: list[dict[str, Any]] = program.tiers
    if not tiers:
        return
    limits = [tier["up_to"] for tier in tiers]
    if len(tiers) > MOST_TIERS or limits[-1] is not None or None in limits[:-1]:
        yield "tiers", _("Write it like this: 10: 10; 50: 15; 20. The last tier has no end.")
    elif any(later <= earlier for earlier, later in pairwise(limits[:-1])) or any(one < 1 for one in limits[:-1]):
        yield "tiers", _("Each tier begins where the one before it ends.")
    if not all(_is_percent(tier["rate"]) for tier in tiers):
        yield "tiers", _("A share is between 0 and 100 per cent.")


def _is_percent(text: Any) -> bool:
    try:
        return 0 <= Decimal(str(text)) <= 100
    except InvalidOperation:
        return False


def _incentive_problems(program: Program, side: str) -> Iterator[tuple[str, str]]:
    kind, percent, months = (getattr(program, f"{side}_{what}") for what in ("gets", "percent", "months"))
    if kind in {IncentiveKind.CREDIT, IncentiveKind.CASH} and not getattr(program, f"{side}_amount"):
        yield f"{side}_amount", _("Say how much.")
    if kind == IncentiveKind.PERCENT and not 0 < percent <= 100:
        yield f"{side}_percent", _("Say how much: more than 0 and at most 100 per cent.")
    if kind == IncentiveKind.PERCENT and not 0 < months <= MOST_MONTHS:
        yield f"{side}_months", _("Say for how many months.")
    if side == "friend" and kind == IncentiveKind.CASH:
        yield "friend_gets", _("Money goes to partners alone: give a credit or a discount.")


def _what_may_change(program: Program, kept: Program) -> None:
    if program.kind != kept.kind and kept.partners.exists():
        raise _wrong("kind", _("It has partners: it stays the kind of program that they joined."))
    if program.currency != kept.currency and LedgerEntry.objects.filter(partner__program=kept).exists():
        raise _wrong("currency", _("Money was earned in %(currency)s: it stays.") % {"currency": kept.currency})


def _free_slug(name: str) -> str:
    slug, number = slugify(name)[:50] or "program", 1
    taken = set(Program.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})


# From one state to the next -----------------------------------------------------------------------------------

OPENED = {ProgramStatus.DRAFT, ProgramStatus.PAUSED}
PAUSED = {ProgramStatus.RUNNING}
ENDED = {ProgramStatus.RUNNING, ProgramStatus.PAUSED}


@transaction.atomic
def open_program(program: Program, *, by: Who = None) -> None:
    """It takes partners and customers from now on. Nobody joins without terms, and no link leads nowhere."""
    if not program.landing_urls:
        raise DomainError(_("First say where its links lead: it has no address yet."), code="no_landing")
    if current_terms(program) is None:
        raise DomainError(_("First publish its terms: nobody joins without."), code="no_terms")
    _go(program, OPENED, ProgramStatus.RUNNING)


def pause_program(program: Program, *, by: Who = None) -> None:
    """Its links tell visitors that it rests, and nobody new is bound. Who is bound goes on earning."""
    _go(program, PAUSED, ProgramStatus.PAUSED)


def end_program(program: Program, *, by: Who = None) -> None:
    """For good. What was earned is paid out as promised."""
    _go(program, ENDED, ProgramStatus.ENDED)


@transaction.atomic
def delete_draft(program: Program, *, by: Who = None) -> None:
    kept = Program.objects.select_for_update().get(pk=program.pk)
    if kept.status != ProgramStatus.DRAFT or kept.partners.exists():
        raise Conflict(_("Only a draft that nobody has joined can be deleted."))
    if kept.terms.filter(published_at__isnull=False).exists():
        raise Conflict(_("Its terms have been published, and what is published stays: end the program instead."))
    kept.delete()


def _go(program: Program, sources: set[ProgramStatus], status: ProgramStatus) -> None:
    if not Program.objects.filter(pk=program.pk, status__in=sources).update(status=status):
        raise Conflict(_("It is in another state by now. Look at it again."))
    program.status = status


def is_open(program: Program, today: date) -> bool:
    """Whether customers are bound through it today."""
    began = program.starts_on is None or program.starts_on <= today
    return program.status == ProgramStatus.RUNNING and began and (program.ends_on is None or today < program.ends_on)
