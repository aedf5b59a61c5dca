"""What somebody wants written, before it is rendered."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.timezone import get_current_timezone

from accounts.domain.languages import first_supported
from accounts.models import Contact

SUBJECT_LENGTH = 400
ADDRESS_LENGTH = 254


@dataclass(frozen=True)
class Letter:
    """One message to one person.

    `key` makes it one message: written twice, it is the same mail. `template="survey_invite"` renders
    templates/emails/survey_invite.subject.txt, .txt and .html with `context`; who has the words already gives
    `subject`, `text` and `html`. `to`, `language` and `zone` come from the contact where they are not given.
    """

    kind: str
    key: str
    contact: Contact | None = None
    to: str = ""
    account_id: int | None = None
    language: str = ""
    zone: tzinfo | None = None
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Mapping[str, str]] = ()  # {"name", "type", "content"}
    send_at: datetime | None = None

    def address(self) -> str:
        return (self.to or (self.contact.email if self.contact else "")).strip().lower()

    def read_in(self) -> str:
        return first_supported(self.language, self.contact.language if self.contact else "")

    def read_at(self) -> tzinfo:
        their = (self.contact.time_zone or self.contact.account.time_zone) if self.contact else None
        return self.zone or their or get_current_timezone()


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= ADDRESS_LENGTH


def one_header_line(text: object) -> str:
    """No line break or other control character in any of their disguises: nobody slips in a header of their own."""
    line = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in str(text))
    return " ".join(line.split())


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name in headers:
        if not (name.isascii() and name.replace("-", "").isalnum()):
            raise ValueError(f"{name!r} is no name of a mail header")
    return {name: one_header_line(value) for name, value in headers.items()}


def storable(text: str) -> str:
    """PostgreSQL holds no zero and no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
