"""People at an account: how they come in, and when they leave."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.domain.account_values import day, language, line, refuse, time_zone
from accounts.domain.activity import Fact, Who, record, record_many
from accounts.domain.bulk import Counts, chunks
from accounts.domain.mailboxes import check_mailbox
from accounts.exceptions import DomainError
from accounts.models import Account, Contact


def clean_email(given: Any) -> str:
    email = str(given or "").strip().lower()
    try:
        check_mailbox(email)
    except ValidationError:
        raise refuse("email", _("“%(email)s” is no e-mail address.") % {"email": email[:254]}) from None
    if len(email) > 254:
        raise refuse("email", _("An e-mail address has at most 254 characters."))
    return email


def truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise DomainError(_("Either true or false."))
    return given


FIELDS = {
    "name": line(160),
    "title": line(160),
    "phone": line(60),
    "decides": truth,
    "champion": truth,
    "language": language,
    "time_zone": lambda given: time_zone(given) if given else None,
    "left_on": day,
}


def clean_contact(fields: Mapping[str, Any]) -> dict[str, Any]:
    values, errors = {}, {}
    for name, given in fields.items():
        try:
            values[name] = FIELDS[name](given)
        except KeyError:
            errors[name] = [_("There is no such field.")]
        except DomainError as error:
            errors[name] = [error.message]
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return values


@transaction.atomic
def upsert_contact(account: Account, email: str, *, by: Who, **fields: Any) -> tuple[Contact, str]:
    """The contact, and whether it was "created", "updated" or "unchanged". What is left out stays as it is."""
    email, values = clean_email(email), clean_contact(fields)
    # The account's row is the lock: two calls for one new address come one after the other.
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    contact = account.contacts.filter(email__iexact=email).first()
    if contact is None:
        contact = Contact.objects.create(account=account, email=email, **values)
        record(account, "contact.added", by=by, name=str(contact), email=email)
        return contact, "created"
    left_before = contact.left_on
    changed = [name for name, value in values.items() if getattr(contact, name) != value]
    for name in changed:
        setattr(contact, name, values[name])
    contact.save(update_fields=changed)
    if contact.left_on and not left_before:
        _tell_left(contact, by)
    return contact, "updated" if changed else "unchanged"


@transaction.atomic
def add_contact(account: Account, email: str, *, by: Who, **fields: Any) -> Contact:
    """For who means a new one: what is known of somebody stays, also that they are a champion."""
    contact, result = upsert_contact(account, email, by=by, **fields)
    if result != "created":
        raise refuse("email", _("There is a contact with this address already."))
    return contact


def _tell_left(contact: Contact, by: Who) -> None:
    record(contact.account_id, "contact.left", by=by, name=str(contact), email=contact.email, champion=contact.champion)


def upsert_contacts(rows: Iterable[Mapping[str, Any]], *, by: Who) -> Counts:
    """Rows are fields by name, with `account` (external id) and `email`; None stays as it is."""
    counts, position = Counts(), 0
    for chunk in chunks(rows, 5000):
        with transaction.atomic():
            counts.add(_upsert_chunk(chunk, position, by))
        position += len(chunk)
    return counts


def _upsert_chunk(chunk: list[Mapping[str, Any]], offset: int, by: Who) -> Counts:
    counts, good = Counts(), {}
    ids = {str(row.get("account")) for row in chunk}
    accounts = dict(
        Account.objects.filter(external_id__in=ids)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("external_id", "pk")
    )
    for position, row in enumerate(chunk, offset):
        try:
            account_id, email, values = _clean_row(row, accounts)
            if (account_id, email) in good:
                raise refuse("email", _("This address stands twice; the first row is taken."))
            good[account_id, email] = values
        except DomainError as error:
            counts.refused.append((position, error))
    known = {
        (contact.account_id, contact.email.lower()): contact
        for contact in Contact.objects.annotate(key=Lower("email")).filter(
            account_id__in=accounts.values(), key__in={email for _id, email in good}
        )
    }
    _write(good, known, counts, by)
    return counts


def _clean_row(row: Mapping[str, Any], accounts: Mapping[str, int]) -> tuple[int, str, dict[str, Any]]:
    if (external_id := str(row.get("account"))) not in accounts:
        raise refuse("account", _("There is no account “%(id)s”.") % {"id": external_id[:80]})
    fields = {name: v for name, v in row.items() if name not in ("account", "email") and v is not None}
    return accounts[external_id], clean_email(row.get("email")), clean_contact(fields)


def _write(good: dict, known: dict, counts: Counts, by: Who) -> None:
    new = [Contact(account_id=key[0], email=key[1], **values) for key, values in good.items() if key not in known]
    left, changed = [], []
    for key, contact in known.items():
        before = contact.left_on
        differs = [name for name, value in good.get(key, {}).items() if getattr(contact, name) != value]
        for name in differs:
            setattr(contact, name, good[key][name])
        if differs:
            changed.append(contact)
        if contact.left_on and not before:
            left.append(contact)
    Contact.objects.bulk_create(new)
    if changed:
        Contact.objects.bulk_update(changed, [*FIELDS], batch_size=1000)
    facts = [Fact(c.account_id, "contact.added", {"name": str(c), "email": c.email}) for c in new]
    facts += [
        Fact(c.account_id, "contact.left", {"name": str(c), "email": c.email, "champion": c.champion}) for c in left
    ]
    record_many(facts, by=by)
    counts.created, counts.updated = len(new), len(changed)
    counts.unchanged = len(good) - len(new) - len(changed)
