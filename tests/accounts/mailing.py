"""Letters to write and a server to send them to."""

from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from model_bakery import baker

from accounts.domain.mails import Letter
from accounts.models import Account, Contact
from accounts.registry import MailKind, mail_kinds

told: list[tuple[str, list[str]]] = []
NEWS = MailKind(
    "news",
    "News",
    sent=lambda mails: told.append(("sent", sorted(mail.key for mail in mails))),
    bounced=lambda mails: told.append(("bounced", sorted(mail.key for mail in mails))),
)
QUESTION = MailKind("question", "A question", asks=True)
mail_kinds.add(NEWS, QUESTION)


def contact(email: str = "kim@acme.example", **fields: Any) -> Contact:
    account = Account.objects.filter(external_id="acme").first() or baker.make(
        Account, name="Acme", external_id="acme", time_zone="Europe/Bucharest"
    )
    return baker.make(Contact, account=account, email=email, **{"name": "Kim", "language": "en"} | fields)


def letter(key: str = "news 1", kind: str = "news", **fields: Any) -> Letter:
    words = {"subject": "News", "text": "All is well.\n", "html": "<p>All is well.</p>"}
    return Letter(kind, key, **({"to": "kim@acme.example"} | words | fields))


class Server(BaseEmailBackend):
    """Does what the test says: an exception for an address, or for the whole server (key "")."""

    outbox: list[Any] = []
    answers: dict[str, Exception] = {}

    @classmethod
    def reset(cls) -> None:
        cls.outbox.clear()
        cls.answers.clear()

    def open(self) -> bool:
        if "" in self.answers:
            raise self.answers[""]
        return True

    def send_messages(self, messages: list[Any]) -> int:
        for message in messages:
            if error := self.answers.get(message.to[0]):
                raise error
            self.outbox.append(message)
        return len(messages)
