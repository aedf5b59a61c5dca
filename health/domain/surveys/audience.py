"""Who is asked, who is not, and why: one rule for the preview, the start of a survey and the moment of sending."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain import pressure
from health.domain.surveys.holding import tell_held_back
from health.domain.surveys.wording import languages_of
from health.enums import SkipReason, SurveyKind
from health.models import Survey

PAGE_SIZE = 50

# Where people come from: of each a contact, an account, an address, what it is about, and the invite if there is one.
OF_SURVEY = """
    select c.id as contact_id, c.account_id, lower(c.email) as address, '' as subject, null::bigint as invite_id
    from accounts_contact c join accounts_account a on a.id = c.account_id
    where case when cardinality(%(stages)s::text[]) = 0 then a.stage <> 'churned' else a.stage = any(%(stages)s) end
        and (cardinality(%(segments)s::bigint[]) = 0 or a.segment_id = any(%(segments)s))
        and (cardinality(%(roles)s::text[]) = 0 or ('decides' = any(%(roles)s) and c.decides)
            or ('champion' = any(%(roles)s) and c.champion)
            or ('other' = any(%(roles)s) and not c.decides and not c.champion))
"""
OF_INVITES = """
    select i.contact_id, i.account_id, i.address, i.subject, i.id as invite_id
    from health_invite i where i.id = any(%(invites)s)
"""
OF_PEOPLE = """
    select c.id as contact_id, c.account_id, lower(c.email) as address, p.subject, null::bigint as invite_id
    from unnest(%(people)s::bigint[], %(subjects)s::text[]) as p (contact_id, subject)
    join accounts_contact c on c.id = p.contact_id
"""

# The first reason that holds. What lies in the outbox counts as sent: it is on its way (N7). Of several contacts with
# one address one is asked: who decides, else the champion, else whom we know longest; of several things that are to be
# asked about at once, one, unless the survey keeps no distance.
JUDGED = """
    with who as materialized ({source}),
    held as (select * from unnest(%(held)s::bigint[], %(held_reasons)s::text[]) as h (contact_id, reason)),
    on_its_way as (
        select distinct i.address from accounts_mail m join health_invite i on i.mail_id = m.id
        where m.status in ('queued', 'sending', 'failed') and i.status = 'queued'
    ),
    first_reasons as (
        select who.*, c.decides, c.champion, c.name, a.name as account_name, case
            when c.left_on <= %(today)s then 'left'
            when exists (select from accounts_optout o where o.address = who.address) then 'opted_out'
            when coalesce(a.started_on, a.created_at::date) > %(old_enough)s::date then 'too_young'
            when held.reason in ('red', 'detractor_open') then held.reason
            when %(recontact)s::interval > interval '0' and (exists (
                select from health_invite i where i.address = who.address and i.sent_at is not null
                    and i.bounced_at is null and i.sent_at > %(now)s - %(recontact)s::interval
            ) or who.address in (select address from on_its_way)) then 'recent'
            when held.reason is not null then held.reason
            when ('x' || left(encode(sha256(convert_to(%(slug)s || ':' || who.address, 'UTF8')), 'hex'), 8))
                ::bit(32)::bigint >= %(percent)s::numeric / 100 * 4294967296 then 'not_sampled'
            else '' end as first_reason
        from who
        join accounts_contact c on c.id = who.contact_id
        join accounts_account a on a.id = who.account_id
        left join held on held.contact_id = who.contact_id
    ),
    judged as (
        select *, case when first_reason = '' and row_number() over (
            partition by address, first_reason, case when %(recontact)s::interval = interval '0' then subject end
            order by decides desc, champion desc, contact_id
        ) > 1 then 'twice' else first_reason end as reason
        from first_reasons
    )
"""


def in_sample(campaign: str, contact: str, percent: Decimal | float) -> bool:
    """N8, in Python what JUDGED says in SQL. The same people every time, and a larger share only adds some."""
    number = int(hashlib.sha256(f"{campaign}:{contact}".encode()).hexdigest()[:8], 16)
    return number < Decimal(str(percent)) / 100 * 2**32


# What the rule asks -------------------------------------------------------------------------------------------


def rule_params(survey: Survey, source: str, now: datetime | None = None, **of_source: Any) -> dict[str, Any]:
    """Everything JUDGED asks for, who is held back among it."""
    now = now or timezone.now()
    if source == OF_SURVEY:
        of_source |= {
            "stages": survey.stages,
            "roles": survey.roles,
            "segments": list(survey.segments.values_list("pk", flat=True)),
        }
    held = _held_back(survey, source, of_source, now)
    return {
        **of_source,
        "held": list(held),
        "held_reasons": list(held.values()),
        "slug": survey.slug,
        "percent": survey.sample_percent,
        "recontact": timedelta(hours=24 * survey.recontact_days),
        "old_enough": now.date() - timedelta(days=survey.min_account_days) if survey.min_account_days else None,
        "languages": languages_of(survey) or None,
        "default_language": settings.LANGUAGE_CODE,
        "today": now.date(),
        "now": now,
        "survey": survey.pk,
    }


def _held_back(survey: Survey, source: str, of_source: dict[str, Any], now: datetime) -> dict[int, str]:
    """By the contact pressure. The question why somebody left is asked once, when nothing is left to be spoiled:
    it waits for no colour and for no other question."""
    if survey.kind == SurveyKind.CHURN:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"select contact_id from ({source}) who", of_source)  # noqa: S608 - one of the above
        ids = [pk for (pk,) in cursor.fetchall()]
    return {pk: HELD_BACK[held.reason].value for pk, held in pressure.held_back(ids, now).items()}


HELD_BACK = {
    "opted_out": SkipReason.OPTED_OUT,
    "asked": SkipReason.PRESSURE,
    "red": SkipReason.RED,
    "detractor": SkipReason.DETRACTOR_OPEN,
}


# Before it starts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    contact_id: int
    account_id: int
    name: str
    address: str
    account: str
    reason: str  # "" who is asked


@dataclass(frozen=True)
class Preview:
    """How many would be asked, how many not for which reason, and some of their names."""

    asked: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # by SkipReason, most frequent first
    people: list[Person] = field(default_factory=list)
    foreign: int = 0  # of those asked: not in their language, for it is not written in that
    previous: int | None = None  # pages of people
    next: int | None = None

    @property
    def total(self) -> int:
        return self.asked + sum(self.skipped.values())


PREVIEW = """
    {judged},
    shown as (
        select * from judged where reason = %(reason)s order by account_name, name, contact_id
        limit %(size)s offset %(skip)s
    )
    select reason, count(*), null::bigint, null::bigint, null, null, null from judged group by reason
    union all
    select 'foreign', count(*), null::bigint, null::bigint, null, null, null
    from judged join accounts_contact c on c.id = contact_id
    where reason = '' and split_part(lower(coalesce(nullif(c.language, ''), %(default_language)s)), '-', 1)
        <> all(%(languages)s::text[])
    union all
    (select reason, null, contact_id, account_id, name, address, account_name from shown
        order by account_name, name, contact_id)
"""


def preview(
    survey: Survey, *, reason: str = "", page: int = 1, size: int = PAGE_SIZE, now: datetime | None = None
) -> Preview:
    """Nothing is written. `reason`: whose names to show, "" for those who would be asked."""
    page = max(1, page)
    params = rule_params(survey, OF_SURVEY, now) | {"reason": reason, "size": size, "skip": (page - 1) * size}
    counts: dict[str, int] = {}
    people: list[Person] = []
    for why, count, contact_id, account_id, name, address, account in _ask(PREVIEW, OF_SURVEY, params):
        if contact_id is None:
            counts[why] = count
        else:
            people.append(Person(contact_id, account_id, name or address, address, account, why))
    asked, foreign = counts.pop("", 0), counts.pop("foreign", 0)
    skipped = dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
    shown = {"": asked, **skipped}.get(reason, 0)
    return Preview(asked, skipped, people, foreign, page - 1 or None, page + 1 if shown > page * size else None)


# Asking -------------------------------------------------------------------------------------------------------

QUEUE = """
    {judged}
    insert into health_invite (survey_id, account_id, contact_id, address, subject, status, skip_reason, queued_at)
    select %(survey)s, account_id, contact_id, address, subject,
        case when reason = '' then 'queued' else 'skipped' end, reason, %(now)s
    from judged order by account_name, contact_id
    on conflict do nothing
    returning id, status
"""
AGAIN = "{judged} select invite_id, reason from judged"


def queue_audience(survey: Survey, *, now: datetime | None = None) -> int:
    """An invite for everybody, in one statement: who is not asked has one too, with the reason. Returns how many
    will be asked."""
    return _queued(OF_SURVEY, rule_params(survey, OF_SURVEY, now))


def queue_people(survey: Survey, people: Sequence[tuple[int, str]], *, now: datetime | None = None) -> int:
    """The same for these contacts, each with what it is about."""
    contacts, subjects = [pk for pk, _subject in people], [subject for _pk, subject in people]
    return _queued(OF_PEOPLE, rule_params(survey, OF_PEOPLE, now, people=contacts, subjects=subjects))


@transaction.atomic
def _queued(source: str, params: dict[str, Any]) -> int:
    rows = _ask(QUEUE, source, params)
    tell_held_back([invite for invite, status in rows if status == "skipped"])
    return sum(status == "queued" for _invite, status in rows)


def reasons_now(survey: Survey, invites: Sequence[int], *, now: datetime | None = None) -> dict[int, str]:
    """Of queued invites, those that must not go out after all: much may have happened since they were queued."""
    rows = _ask(AGAIN, OF_INVITES, rule_params(survey, OF_INVITES, now, invites=list(invites)))
    return {invite: reason for invite, reason in rows if reason}


def _ask(sql: str, source: str, params: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(judged=JUDGED.format(source=source)), params)
        return cursor.fetchall()
