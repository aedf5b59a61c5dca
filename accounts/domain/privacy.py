"""What is known about a person: handed out as it is, or taken away so that every sum stays what it was.

Each app says in its hooks what it keeps about people (registry.PersonalData). Erasing leaves the rows that are counted
(answers, intents, seats, sent mails) and takes out of them who it was and what they said.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Who, record
from accounts.exceptions import Conflict
from accounts.models import Contact
from accounts.registry import personal_data

NOBODY = "Erased person"
DOMAIN = "erased.invalid"  # no mail ever goes there (RFC 2606)
SHORTEST = 3  # of a name that is looked for within texts


class Eraser:
    """Takes one person out of texts."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact
        self.email = f"erased-{contact.pk}@{DOMAIN}"
        names = {contact.email, contact.name} if len(contact.name) >= SHORTEST else {contact.email}
        self.words = sorted(names, key=len, reverse=True)
        pattern = "|".join(re.escape(word) for word in self.words)
        self._pattern = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)

    def is_theirs(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in {word.casefold() for word in self.words}

    def cleaned(self, value: Any) -> Any:
        """The same without their name and address, however deep these stand."""
        if isinstance(value, str):
            return self._pattern.sub(lambda found: self.email if "@" in found[0] else NOBODY, value)
        if isinstance(value, Mapping):
            return {key: self.cleaned(one) for key, one in value.items()}
        return [self.cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def is_erased(contact: Contact) -> bool:
    return contact.email.endswith(f"@{DOMAIN}")


def export_contact(contact: Contact) -> dict[str, Any]:
    """All of it, ready for JSON."""
    parts = {part.name: part.export(contact) for part in personal_data.sorted()}
    return {"exported_at": timezone.now().isoformat(), "account": contact.account.name, **parts}


@transaction.atomic
def erase_contact(contact: Contact, *, by: Who) -> Contact:
    """There is no way back. Twice is refused: there is nobody left."""
    row = Contact.objects.select_for_update(of=("self",)).select_related("account").get(pk=contact.pk)
    if is_erased(row):
        raise Conflict(_("This person has been erased already."), code="erased")
    eraser = Eraser(row)
    for part in reversed(personal_data.sorted()):
        part.erase(row, eraser)
    record(row.account_id, "contact.erased", by=by)
    return Contact.objects.get(pk=row.pk)
