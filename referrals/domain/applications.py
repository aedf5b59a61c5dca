"""Affiliates apply, are taken or turned down, and hear of it by mail; customers' contacts are asked to join."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain import pressure
from accounts.domain.activity import Who
from accounts.domain.contacts import clean_email
from accounts.enums import AskKind
from accounts.exceptions import Conflict
from accounts.models import Ask, Contact
from referrals.domain import letters, partners
from referrals.domain.fraud import normalise
from referrals.domain.questions import clean_answers, questions_of
from referrals.enums import PartnerStatus
from referrals.models import Partner, Program


@transaction.atomic
def receive(program: Program, *, answers: Mapping[str, Any], **given: Any) -> None:
    """The answer is a mail, and nothing but a mail: who types somebody else's address learns nothing of them."""
    answered = clean_answers(questions_of(program), answers)
    try:
        with transaction.atomic():
            partner = partners.apply(program, answers=answered, **given)
    except Conflict as refusal:
        if refusal.code != "applied_before":
            raise
        known = Partner.objects.select_related("program", "contact__account").filter(program=program)
        for partner in known.filter(email_key=normalise(clean_email(given["email"]))):
            letters.write_page(partner)
        return
    if partner.status == PartnerStatus.APPROVED:
        letters.write_approved(partner)
    else:
        letters.write_applied(partner)


@transaction.atomic
def take(partner: Partner, *, by: Who = None) -> None:
    partners.approve(partner, by=by)
    letters.write_approved(partner)


@transaction.atomic
def turn_down(partner: Partner, reason: str, *, by: Who = None) -> None:
    partners.refuse(partner, reason, by=by)
    letters.write_refused(partner)


@transaction.atomic
def ask(contact: Contact, program: Program, *, by: Who = None) -> Partner:
    """A mail that asks them to refer, and begins the cool-down of all our asks; Conflict where they are left in peace
    just now. The follow-up that tells somebody to ask them does not stand in its own way."""
    held = pressure.held_back([contact.pk], answered=AskKind.REFERRAL).get(contact.pk)
    if held:
        told = {"contact": contact, "why": held}
        raise Conflict(_("%(contact)s is not asked now: %(why)s.") % told, code="held_back")
    partner = partners.invite(contact, program, by=by)
    if partner.status != PartnerStatus.INVITED:
        raise Conflict(_("%(contact)s takes part already, or has been refused.") % {"contact": contact})
    if (last := _asked(contact, program)) is not None:
        told = {"contact": contact, "day": formats.day(last)}
        raise Conflict(_("%(contact)s was invited on %(day)s, and is left in peace for now.") % told, code="held_back")
    letters.write_invited(partner)
    pressure.note_asks([contact], AskKind.REFERRAL, program.slug)
    return partner


def _asked(contact: Contact, program: Program) -> datetime | None:
    """When we last asked them for this, not long ago."""
    since = timezone.now() - pressure.cool_down()
    asks = Ask.objects.filter(contact=contact, kind=AskKind.REFERRAL, subject=program.slug, at__gt=since)
    return asks.order_by("-at").values_list("at", flat=True).first()
