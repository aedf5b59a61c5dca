"""Contact pressure: how often we may ask something of a person that costs goodwill.

One cool-down holds over all kinds of asks, by address. And nothing is asked while the account is red, or while a
detractor of theirs has not been called back; nor, by anybody, of who said that they want no more questions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts import formats
from accounts.domain import rules
from accounts.enums import AskKind, Band
from accounts.models import Contact

DETRACTOR = "detractor"  # the kind of follow-up that goes before every ask
REASONS = {
    "opted_out": gettext_lazy("this person wants no more questions"),
    "red": gettext_lazy("the account is red"),
    "detractor": gettext_lazy("a detractor of theirs has not been called back yet"),
    "asked": gettext_lazy("this person was asked for something not long ago"),
}


@dataclass(frozen=True)
class HeldBack:
    reason: str  # of REASONS
    until: datetime | None = None  # None: nobody knows when it ends
    kind: str = ""  # the AskKind of what was asked last

    def __str__(self) -> str:
        if self.until is None:
            return str(REASONS[self.reason])
        what = AskKind(self.kind).label if self.kind else ""
        told = {"what": what, "until": formats.moment(self.until)}
        return _("this person was asked for something (%(what)s) and is left in peace until %(until)s") % told


def cool_down() -> timedelta:
    return rules.days("pressure.days")


# For each of these contacts at most one row: the first reason that holds.
HELD = """
select c.id,
    case when refused.yes then 'opted_out'
         when a.band = %(red)s then 'red'
         when exists (select from accounts_followup f where f.account_id = c.account_id and f.kind = %(detractor)s
                      and f.status in ('open', 'snoozed')) then 'detractor'
         else 'asked' end as reason,
    last.at, last.kind
from unnest(%(contacts)s::bigint[]) as asked (id)
join accounts_contact c on c.id = asked.id
join accounts_account a on a.id = c.account_id
left join lateral (select true as yes from accounts_optout o where o.address = lower(c.email)) refused on true
left join lateral (
    select k.at, k.kind from accounts_ask k
    where k.address = lower(c.email) and k.at > %(since)s and k.at <= %(now)s and k.kind <> %(answered)s
    order by k.at desc limit 1
) last on true
where refused.yes or a.band = %(red)s or last.at is not null
    or exists (select from accounts_followup f where f.account_id = c.account_id and f.kind = %(detractor)s
               and f.status in ('open', 'snoozed'))
"""


def held_back(contact_ids: Iterable[int], now: datetime | None = None, *, answered: str = "") -> dict[int, HeldBack]:
    """Whom not to ask now, and why. One query, however many. `answered`: what follows from somebody's answer to an ask
    of this kind is not held back by that ask."""
    now = now or timezone.now()
    params: dict[str, Any] = {
        "contacts": list(contact_ids),
        "now": now,
        "since": now - cool_down(),
        "red": Band.RED.value,
        "detractor": DETRACTOR,
        "answered": answered,
    }
    with connection.cursor() as cursor:
        cursor.execute(HELD, params)
        return {pk: _held(reason, at, kind) for pk, reason, at, kind in cursor.fetchall()}


def _held(reason: str, at: datetime | None, kind: str | None) -> HeldBack:
    return HeldBack(reason, at + cool_down(), kind or "") if reason == "asked" and at else HeldBack(reason)


NOTE = """
insert into accounts_ask (account_id, contact_id, address, kind, subject, at)
select account_id, id, lower(email), %(kind)s, %(subject)s, %(at)s
from accounts_contact where id = any(%(contacts)s::bigint[]) order by id
"""


def note_asks(contacts: Iterable[Contact | int], kind: str, subject: str = "", *, at: datetime | None = None) -> int:
    """These people are asked now: the cool-down of each begins. Returns how many."""
    ids = [who if isinstance(who, int) else who.pk for who in contacts]
    params: dict[str, Any] = {
        "kind": AskKind(kind).value,
        "subject": subject[:200],
        "at": at or timezone.now(),
        "contacts": ids,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, params)
        return cursor.rowcount
