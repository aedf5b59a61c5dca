"""Addresses that want no more questions from us: asked by themselves, or noted by staff on their word."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.mails.letters import is_address
from accounts.exceptions import DomainError
from accounts.models import Contact, OptOut


@transaction.atomic
def opt_out(address: str, *, how: str, contact: Contact | None = None, by: Who = None) -> bool:
    """False where they had before: once is once, whoever clicks how often."""
    address = address.strip().lower()
    if not is_address(address):
        sentence = _("This is not an e-mail address.")
        raise DomainError(sentence, code="invalid_address", errors={"address": [sentence]})
    _row, new = OptOut.objects.get_or_create(address=address, defaults={"how": how, "contact": contact})
    if new:
        _tell("contact.opted_out", address, contact, by)
    return new


@transaction.atomic
def opt_in(address: str, *, contact: Contact | None = None, by: Who = None) -> bool:
    """They may be asked again; False where nothing kept us from it."""
    address = address.strip().lower()
    deleted, _rows = OptOut.objects.filter(address=address).delete()
    if deleted:
        _tell("contact.opted_in", address, contact, by)
    return bool(deleted)


def _tell(kind: str, address: str, contact: Contact | None, by: Who) -> None:
    who: Sequence[Contact] = [contact] if contact else list(Contact.objects.filter(email__iexact=address))
    facts = [Fact(person.account_id, kind, {"contact": str(person), "email": address}) for person in who]
    record_many(facts, by=by or (str(contact) if contact else None))
