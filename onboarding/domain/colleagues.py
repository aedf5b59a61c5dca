"""Colleagues asked along in one click: each becomes a contact with a link of their own. Asking and coming are told, and
feed the k-factor."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.domain.activity import Fact, record_facts
from accounts.domain.contacts import clean_email, upsert_contact
from accounts.domain.links import addresses_of
from accounts.domain.mails import Letter, write_mails
from accounts.domain.plans.changing import customer
from accounts.exceptions import DomainError
from accounts.models import Account, Contact
from onboarding.domain.checklists.mails import WHY, checklist_address
from onboarding.models import Invitation

KIND = "colleague.invited"
AT_ONCE, A_DAY = 10, 20
DAY = timedelta(days=1)
# As mail programs copy people: "Name <address>", the name in quotes where it has a comma.
NAMED = re.compile(r'(?:^|[,;\n])(?:"[^"]*"|[^,;\n"<>@])*<([^<>\s]+)>(?=\s*(?:[,;\n]|$))')
SEPARATORS = re.compile(r"[\s,;]+")


@dataclass
class Invited:
    """What became of each address."""

    new: list[Contact] = field(default_factory=list)
    again: list[Contact] = field(default_factory=list)  # asked before, or there already: nothing is lost by it


@transaction.atomic
def invite(inviter: Contact, given: str) -> Invited:
    """One address or several. Whoever is there already is told so, and not bothered again; a bad address stops all."""
    emails = _emails(given, inviter)
    account = Account.objects.select_for_update(no_key=True).get(pk=inviter.account_id)  # counted one after the other
    _not_too_many(account, len(emails))
    result = Invited()
    for email in emails:
        contact = _person(account, email, inviter)
        _row, is_new = Invitation.objects.get_or_create(inviter=inviter, contact=contact, defaults={"account": account})
        (result.new if is_new else result.again).append(contact)
    _write(inviter, result.new)
    _tell("colleague.invited", inviter.account_id, [(contact, inviter) for contact in result.new], by=inviter)
    return result


@transaction.atomic
def join(contact: Contact) -> bool:
    """They are here, by an act of their own: a mail program that only looks at the link has not come. Told once."""
    waiting = Invitation.objects.filter(contact=contact, accepted_at=None).order_by("invited_at", "pk")
    rows = list(waiting.select_related("inviter").select_for_update(of=("self",)))
    if not rows:
        return False
    had_come = Invitation.objects.filter(contact=contact).exclude(accepted_at=None).exists()
    Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(accepted_at=timezone.now())
    if not had_come:
        _tell("colleague.joined", contact.account_id, [(contact, rows[0].inviter)], by=contact)
    return True


def waits_to_join(contact: Contact) -> Invitation | None:
    waiting = Invitation.objects.filter(contact=contact).select_related("inviter").order_by("invited_at")
    rows = list(waiting)
    return None if any(row.accepted_at for row in rows) else next(iter(rows), None)


def _emails(given: str, inviter: Contact) -> list[str]:
    parts = SEPARATORS.split(NAMED.sub(r",\1", given))
    found = list(dict.fromkeys(clean_email(part) for part in parts if part))
    if not found:
        raise _refusal(_("Give the e-mail address of a colleague."))
    if len(found) > AT_ONCE:
        raise _refusal(
            ngettext("At most %(n)s colleague at once.", "At most %(n)s colleagues at once.", AT_ONCE) % {"n": AT_ONCE}
        )
    if found == [inviter.email.lower()]:
        raise _refusal(_("This is your own address: you are here already."))
    return [email for email in found if email != inviter.email.lower()]


def _not_too_many(account: Account, count: int) -> None:
    """Nobody writes to the world by our hand."""
    since = timezone.now() - DAY
    if Invitation.objects.filter(account=account, invited_at__gt=since).count() + count > A_DAY:
        raise _refusal(
            _("That is enough for one day: at most %(n)s colleagues. Tell us if you need more.") % {"n": A_DAY},
            status=429,
        )


def _refusal(sentence: str, *, status: int = 422) -> DomainError:
    return DomainError(sentence, code="invite_refused", status=status, errors={"emails": [sentence]})


def _person(account: Account, email: str, inviter: Contact) -> Contact:
    known = account.contacts.filter(email__iexact=email).first()
    if known and known.left_on:
        raise _refusal(
            _("As far as we know %(email)s is no longer with you. Tell us if that is wrong.") % {"email": email}
        )
    if known:
        return known
    return upsert_contact(account, email, by=customer(inviter), language=inviter.language)[0]


def _write(inviter: Contact, people: Sequence[Contact]) -> None:
    """One mail a week to one person, however many invite them."""
    links = addresses_of([(contact, "") for contact in people], "portal") if people else []
    year, week, _day = timezone.now().isocalendar()
    write_mails(
        Letter(
            kind=KIND,
            key=f"{KIND} {contact.pk} {year}-{week}",
            contact=contact,
            language=contact.language or inviter.language,
            template="colleague_invited",
            context={
                "contact": contact,
                "inviter": inviter,
                "account": contact.account,
                "url": checklist_address(link),
                "why": WHY,
            },
        )
        for contact, link in zip(people, links, strict=True)
    )


def _tell(kind: str, account_id: int, pairs: Iterable[tuple[Contact, Contact | None]], *, by: Contact) -> None:
    record_facts(
        (
            Fact(account_id, kind, {"contact": str(one), "email": one.email, "inviter": str(asked_by or "")})
            for one, asked_by in pairs
        ),
        by=customer(by),
    )
