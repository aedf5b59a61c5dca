"""Partners: invited or applied, approved or refused, paused and back; what they agreed to and how they are paid."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import language as clean_language
from accounts.domain.activity import Actor, Who, record
from accounts.domain.contacts import clean_email
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from accounts.models import Contact
from referrals.domain.codes import add_code
from referrals.domain.fraud import normalise
from referrals.domain.terms import current_terms
from referrals.enums import PartnerStatus, PayoutMethod, ProgramKind, ProgramStatus
from referrals.models import Acceptance, Partner, Pause, Program, ProgramTerms
from referrals.models.partner import new_key

LONGEST_DETAIL, MOST_DETAILS = 400, 20


# Coming in ----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(contact: Contact, program: Program, *, by: Who = None) -> Partner:
    """A customer's contact may join: the row is there, and waits for their yes to the terms. Again: the same row."""
    if program.kind != ProgramKind.CUSTOMER or program.status != ProgramStatus.RUNNING:
        raise Conflict(_("Only a program for customers that is running invites people."), code="not_running")
    if contact.left_on:
        raise Conflict(_("%(contact)s has left the company.") % {"contact": contact}, code="contact_left")
    partner, made = _partner_of(contact, program)
    if made:
        record(contact.account_id, "partner.invited", by=by, **_told(partner))
    return partner


def _partner_of(contact: Contact, program: Program) -> tuple[Partner, bool]:
    email = clean_email(contact.email)
    known = Partner.objects.filter(program=program).filter(Q(contact=contact) | Q(email_key=normalise(email)))
    if partner := known.first():
        if partner.contact_id is None:
            partner.contact, partner.account_id = contact, contact.account_id
            partner.save(update_fields=["contact", "account"])
        return partner, False
    fields = {"name": str(contact)[:160], "email": email, "email_key": normalise(email), "language": contact.language}
    try:
        with transaction.atomic():
            partner = Partner.objects.create(
                program=program, contact=contact, account_id=contact.account_id,
                status=PartnerStatus.INVITED, invited_at=timezone.now(), **fields,
            )  # fmt: skip
    except IntegrityError:  # somebody else invites them in this very moment
        return known.get(), False
    return partner, True


@transaction.atomic
def apply(
    program: Program,
    *,
    name: str,
    email: str,
    company: str = "",
    website: str = "",
    language: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Partner:
    """An affiliate asks to be taken. An address applies once; who was refused is told so again."""
    if program.status != ProgramStatus.RUNNING or not program.open_to_apply:
        raise Conflict(_("This program takes no applications at the moment."), code="closed")
    address = clean_email(email)
    name = one_line(name, 160, field="name")
    if not name:
        raise DomainError(_("Say what you are called."), code="invalid", errors={"name": [_("This cannot be empty.")]})
    try:
        with transaction.atomic():
            partner = Partner.objects.create(
                program=program, name=name, email=address, email_key=normalise(address),
                company=one_line(company, 160, field="company"), website=one_line(website, 400, field="website"),
                language=clean_language(language), answers=dict(answers or {}), applied_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_("This address has applied already."), code="applied_before") from None
    if program.approves_itself:
        approve(partner)
    return partner


# Deciding -----------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(partner: Partner, *, by: Who = None) -> None:
    """From now on they refer. They have a link from the first moment."""
    _decide(partner, {PartnerStatus.APPLIED, PartnerStatus.INVITED, PartnerStatus.REFUSED}, by)
    partner.status, partner.approved_at, partner.refused_at, partner.refusal = (
        PartnerStatus.APPROVED, timezone.now(), None, "",
    )  # fmt: skip
    partner.save(update_fields=["status", "approved_at", "refused_at", "refusal", "decided_by"])
    if not partner.codes.exists():
        add_code(partner, by=by)
    _tell(partner, "partner.approved", by)


@transaction.atomic
def refuse(partner: Partner, reason: str, *, by: Who = None) -> None:
    _decide(partner, {PartnerStatus.APPLIED, PartnerStatus.INVITED}, by)
    partner.refusal = _reason(reason)
    partner.status, partner.refused_at = PartnerStatus.REFUSED, timezone.now()
    partner.save(update_fields=["status", "refused_at", "refusal", "decided_by"])
    _tell(partner, "partner.refused", by, reason=partner.refusal)


def _decide(partner: Partner, sources: set[PartnerStatus], by: Who) -> None:
    status = Partner.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=partner.pk)
    if status not in sources:
        raise Conflict(_("Somebody has decided about %(partner)s meanwhile.") % {"partner": partner})
    partner.decided_by = Actor.of(by).user


@transaction.atomic
def pause(partner: Partner, reason: str, *, by: Who = None, since: datetime | None = None) -> None:
    """Binds nobody and earns nothing from then on (R8); what was earned before stays, and waits."""
    _decide(partner, {PartnerStatus.APPROVED}, by)
    why = _reason(reason)
    Pause.objects.create(partner=partner, since=since or timezone.now(), reason=why)
    partner.status = PartnerStatus.PAUSED
    partner.save(update_fields=["status", "decided_by"])
    _tell(partner, "partner.paused", by, reason=why)


@transaction.atomic
def resume(partner: Partner, *, by: Who = None) -> None:
    _decide(partner, {PartnerStatus.PAUSED}, by)
    now = timezone.now()
    for row in partner.pauses.filter(until=None):
        row.until = max(now, row.since)
        row.save(update_fields=["until"])
    partner.status = PartnerStatus.APPROVED
    partner.save(update_fields=["status", "decided_by"])
    _tell(partner, "partner.resumed", by)


def _reason(given: str) -> str:
    if reason := one_line(given, 400, field="reason"):
        return reason
    raise DomainError(_("Say why."), code="invalid", errors={"reason": [_("This cannot be empty.")]})


def referring_at(partner_ids: Iterable[int], at: datetime) -> set[int]:
    """Those of them that were partners in good standing then: approved, and in no pause."""
    return set(_referring(at).filter(pk__in=list(partner_ids)).values_list("pk", flat=True))


def _referring(at: datetime) -> QuerySet[Partner]:
    pauses = Pause.objects.filter(partner=OuterRef("pk"), since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    standing = Partner.objects.filter(status__in=[PartnerStatus.APPROVED, PartnerStatus.PAUSED])
    return standing.filter(~Exists(pauses))


# What they agree to, and how they are paid -----------------------------------------------------------------------


@transaction.atomic
def accept_terms(partner: Partner, *, terms: ProgramTerms | None = None, language: str = "") -> Acceptance:
    """The partner's yes to a version of the terms (the one in force). Who was invited is in with it."""
    terms = terms or current_terms(partner.program)
    if terms is None or terms.program_id != partner.program_id or terms.published_at is None:
        raise Conflict(_("There are no terms to accept yet."), code="no_terms")
    acceptance, _made = Acceptance.objects.get_or_create(
        partner=partner, terms=terms, defaults={"language": clean_language(language)}
    )
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    partner.refresh_from_db(fields=["status"])
    if partner.status == PartnerStatus.INVITED:
        approve(partner, by=partner.name)
    return acceptance


def accepted(partner: Partner) -> bool:
    """Whether they have ever said yes to terms. Who has not sees them first; of new ones there is a notice."""
    return partner.acceptances.exists() or current_terms(partner.program) is None


def agrees(partner: Partner) -> bool:
    """Whether they have said yes to the terms in force: before, they pass nothing on and change no payout."""
    version = current_terms(partner.program)
    return version is None or partner.acceptances.filter(terms=version).exists()


@transaction.atomic
def set_payout(partner: Partner, method: str, details: Mapping[str, Any], *, by: Who = None) -> None:
    """How they want their money. Payouts on their way go as they were set before."""
    if method and method not in PayoutMethod.values:
        raise DomainError(_("There is no such way to be paid."), code="invalid")
    kept = {str(key)[:40]: one_line(value, LONGEST_DETAIL) for key, value in list(details.items())[:MOST_DETAILS]}
    partner.payout_method, partner.payout_details = method, kept if method else {}
    partner.save(update_fields=["payout_method", "payout_details"])


def new_address(partner: Partner, *, by: Who = None) -> None:
    """Their personal link stops working, and another takes its place."""
    partner.key = new_key()
    partner.save(update_fields=["key"])


# Telling ------------------------------------------------------------------------------------------------------


def _told(partner: Partner) -> dict[str, Any]:
    return {"partner": partner.name, "program": partner.program.name, "partner_id": partner.pk}


def _tell(partner: Partner, kind: str, by: Who, **facts: Any) -> None:
    """On the timeline of their account. An affiliate of no account has none."""
    if partner.account_id:
        record(partner.account_id, kind, by=by, **_told(partner), **facts)
