"""Where no mail server is set, what Django and its apps send (a new password …) stays in the outbox page too."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.domain.mails import Letter, write_mails


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        letters = [letter for message in email_messages for letter in _letters(message)]
        return len(write_mails(letters))


def _letters(message: EmailMessage) -> list[Letter]:
    html = next((str(part) for part, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
    words: dict[str, Any] = {"subject": str(message.subject), "text": str(message.body), "html": html}
    return [Letter("system", f"system {uuid4()}", to=parseaddr(to)[1], **words) for to in message.recipients()]
