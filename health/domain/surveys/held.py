"""Who is held back by the contact pressure, in the words of surveys."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from accounts.enums import AskKind
from accounts.models import Ask, Contact

COOL_DOWN = timedelta(days=14)
HELD = """
select c.id, case when a.band = 'red' then 'red'
    when exists (select from accounts_followup f where f.account_id = a.id and f.kind = 'detractor'
        and f.status in ('open', 'snoozed')) then 'detractor_open'
    else 'pressure' end
from accounts_contact c join accounts_account a on a.id = c.account_id
where c.id = any(%(ids)s) and (a.band = 'red'
    or exists (select from accounts_followup f where f.account_id = a.id and f.kind = 'detractor'
        and f.status in ('open', 'snoozed'))
    or exists (select from accounts_ask k where k.address = lower(c.email) and k.at > %(since)s))
"""


def held_back(ids: Sequence[int], now: datetime) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"ids": list(ids), "since": now - COOL_DOWN})
        return dict(cursor.fetchall())


def note_asked(contacts: Sequence[Contact], subject: str, at: datetime) -> None:
    Ask.objects.bulk_create(
        Ask(account_id=c.account_id, contact=c, address=c.email.lower(), kind=AskKind.SURVEY, subject=subject, at=at)
        for c in contacts
    )
