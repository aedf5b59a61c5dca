"""The outbox as staff see it: which mails, in which order, and what of a mail is shown."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import pgettext_lazy

from accounts.domain import keyset
from accounts.domain.text import one_line
from accounts.enums import MailStatus
from accounts.hiding import hidden
from accounts.models import Account, Mail, OptOut, User

NEWEST = keyset.Order("created_at", descending=True)
BODIES = ("text", "html", "headers", "attachments")
SYSTEM = "system"
STATES: dict[str, tuple[Any, tuple[MailStatus, ...]]] = {
    "waiting": (pgettext_lazy("mails", "Waiting"), (MailStatus.QUEUED, MailStatus.SENDING, MailStatus.FAILED)),
    "sent": (pgettext_lazy("mails", "Sent"), (MailStatus.SENT,)),
    "bounced": (pgettext_lazy("mails", "Bounced"), (MailStatus.BOUNCED,)),
    "parked": (pgettext_lazy("mails", "Given up"), (MailStatus.PARKED,)),
    "canceled": (pgettext_lazy("mails", "Canceled"), (MailStatus.CANCELED,)),
}
TONES = {
    MailStatus.QUEUED: "accent",
    MailStatus.SENDING: "accent",
    MailStatus.SENT: "green",
    MailStatus.FAILED: "yellow",
    MailStatus.PARKED: "red",
    MailStatus.BOUNCED: "red",
    MailStatus.CANCELED: "grey",
}


def visible_to(user: User) -> QuerySet[Mail]:
    """A link to a new password is nobody's business but an admin's, who can make one anyway."""
    rows = Mail.objects.all()
    return rows if user.may("mail.manage") else rows.exclude(kind=SYSTEM)


@dataclass(frozen=True)
class Asked:
    """What a reader looks for; anything unknown looks for nothing in particular."""

    q: str = ""
    state: str = ""
    kind: str = ""

    @classmethod
    def of(cls, given: Any) -> "Asked":
        words = (one_line(given.get(name, "")[:200], 200) for name in ("q", "state", "kind"))
        return cls(*words)

    def among(self, rows: QuerySet[Mail]) -> QuerySet[Mail]:
        if self.state in STATES:
            rows = rows.filter(status__in=STATES[self.state][1])
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if "@" in self.q:
            return rows.filter(to__startswith=self.q.lower())
        if self.q:
            words = Q(subject__icontains=self.q) | Q(to__icontains=self.q) | Q(account__name__icontains=self.q)
            return rows.filter(words)
        return rows

    def __bool__(self) -> bool:
        return bool(self.q or self.kind or self.state)


def page(rows: QuerySet[Mail], *, after: str = "", before: str = "", size: int = 50) -> keyset.Page:
    """The newest first. BadPositionError for a place that is none."""
    column = Mail._meta.get_field("created_at")
    places = {name: keyset.read_position(text, column) for name, text in (("after", after), ("before", before)) if text}
    return keyset.page(
        rows.select_related("account", "contact").defer(*BODIES),
        NEWEST,
        size=size,
        at=lambda mail: (mail.created_at, mail.pk),
        **places,  # type: ignore[arg-type]
    )


def of_account(account: Account) -> QuerySet[Mail]:
    return Mail.objects.filter(account=account)


def opt_outs(q: str = "", *, after: str = "", before: str = "") -> keyset.Page:
    rows = OptOut.objects.select_related("contact__account")
    if q:
        rows = rows.filter(address__startswith=q.lower())
    read = partial(keyset.read_position, column=OptOut._meta.get_field("at"))
    places = {name: read(text) for name, text in (("after", after), ("before", before)) if text}
    return keyset.page(rows, keyset.Order("at", descending=True), at=lambda row: (row.at, row.pk), **places)  # type: ignore[arg-type]


# What of a mail is shown ------------------------------------------------------------------------------


def is_kept() -> bool:
    """Whether mails stay here: no server is set. Then whoever reads one may play the customer."""
    return not settings.MAIL_BACKEND


def shown(text: str) -> str:
    """Where mails really go out, the personal addresses in them are the customer's, and not shown."""
    return text if is_kept() else hidden(text)


def for_frame(mail: Mail) -> str:
    """The HTML as it went out; its links open in a tab of their own."""
    return shown(mail.html).replace("<head>", '<head><base target="_blank">', 1)


def headers_of(mail: Mail) -> list[tuple[str, str]]:
    return [(name, shown(value)) for name, value in {"Message-ID": mail.message_id, **mail.headers}.items()]
