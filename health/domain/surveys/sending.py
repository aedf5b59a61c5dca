"""Queued invites become mails, a portion at a time, at most so many a day; mails tell what became of them.

A portion is one transaction: its mails are written and its invites say so, or neither. A worker that is killed in the
middle leaves the portion as it was, and the next one takes it. From there on the outbox sees to it that each mail goes
out once (accounts/domain/mails).
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, time as clock, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.domain import pressure
from accounts.domain.links import addresses_of
from accounts.domain.mails import Letter, write_mails
from accounts.enums import AskKind
from accounts.models import Mail
from health.domain.surveys.audience import reasons_now
from health.domain.surveys.hinting import announce
from health.domain.surveys.holding import tell_held_back
from health.domain.surveys.wording import letter_context, words_of
from health.enums import InviteStatus, SurveyStatus
from health.models import Invite, Survey

INVITE, REMINDER = "survey.invite", "survey.reminder"  # kinds of mails
PURPOSE = "survey"  # of the personal link
PORTION = 500
PATIENCE = 60.0  # seconds; another message goes on
# One sender at a time: of two surveys for one person, the second finds the first's mail on its way (N7).
LOCK = 0x5E4D


def send_queued(*, portion: int = PORTION) -> int:
    """Everything that may go out today. Returns how many mails were written."""
    total, until = 0, time.monotonic() + PATIENCE
    _settle_lost()
    for survey_id in _waiting():
        while (written := _portion(survey_id, portion)) is not None:
            total += written
            if time.monotonic() > until:
                announce()
                return total
    return total


def _waiting() -> list[int]:
    queued = Invite.objects.filter(survey=OuterRef("pk"), status=InviteStatus.QUEUED, mail=None)
    running = Survey.objects.filter(Exists(queued), status=SurveyStatus.RUNNING)
    return list(running.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _portion(survey_id: int, size: int) -> int | None:
    """The next ones, as many as the day allows. None when there is nothing (more) to do, or somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if survey.status != SurveyStatus.RUNNING or not (size := min(size, _left_today(survey))):
        return None
    rows = Invite.objects.filter(survey=survey, status=InviteStatus.QUEUED, mail=None).order_by("pk")
    invites = list(rows.select_for_update(of=("self",), skip_locked=True).select_related("contact__account")[:size])
    if not invites:
        return None
    refused = reasons_now(survey, [invite.pk for invite in invites])
    _skip(refused)
    return _write(survey, [invite for invite in invites if invite.pk not in refused])


def _left_today(survey: Survey) -> int:
    """Of the day's invites, in the installation's days."""
    if survey.per_day is None:
        return PORTION
    zone = timezone.get_default_timezone()
    midnight = datetime.combine(timezone.localdate(timezone=zone), clock.min, zone)
    return max(0, survey.per_day - Invite.objects.filter(survey=survey, mail__created_at__gte=midnight).count())


def _skip(reasons: dict[int, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update health_invite i set status = 'skipped', skip_reason = r.reason"
            " from unnest(%s::bigint[], %s::text[]) as r (invite_id, reason) where i.id = r.invite_id",
            [list(reasons), list(reasons.values())],
        )
    tell_held_back(list(reasons))


def _write(survey: Survey, invites: Sequence[Invite]) -> int:
    mails = write_mails(_letters(survey, invites, INVITE, "survey_invite"))
    with connection.cursor() as cursor:
        cursor.execute(
            "update health_invite i set mail_id = m.mail_id"
            " from unnest(%s::bigint[], %s::bigint[]) as m (invite_id, mail_id) where i.id = m.invite_id",
            [[invite.pk for invite in invites], [mail.pk for mail in mails]],
        )
    return len(invites)


def _letters(survey: Survey, invites: Sequence[Invite], kind: str, template: str) -> Iterable[Letter]:
    links = addresses_of([(invite.contact, str(invite.pk)) for invite in invites], PURPOSE)
    for invite, url in zip(invites, links, strict=True):
        contact = invite.contact
        words = words_of(survey, contact.language, contact=contact.name, account=contact.account.name)
        yield Letter(
            kind=kind,
            key=f"{kind} {invite.pk}",
            contact=contact,
            to=invite.address,
            template=template,
            context=letter_context(survey, words, url),
        )


# What the outbox tells ----------------------------------------------------------------------------------------


def note_sent(mails: Sequence[Mail]) -> None:
    """The clocks start: of the recontact gate, of the contact pressure."""
    invites = list(Invite.objects.filter(mail__in=[mail.pk for mail in mails]).select_related("survey"))
    now = timezone.now()
    Invite.objects.filter(pk__in=[invite.pk for invite in invites]).update(
        status=InviteStatus.SENT, sent_at=now, bounced_at=None
    )
    by_survey: dict[str, list[Invite]] = {}
    for invite in invites:
        by_survey.setdefault(invite.survey.slug, []).append(invite)
    for slug, asked in by_survey.items():
        pressure.note_asks([invite.contact_id for invite in asked], AskKind.SURVEY, slug, at=now)


def note_bounced(mails: Sequence[Mail]) -> None:
    """It came back: nobody was asked, and it starts no clock."""
    invites = Invite.objects.filter(mail__in=[mail.pk for mail in mails])
    invites.update(status=InviteStatus.BOUNCED, bounced_at=timezone.now())


def _settle_lost() -> None:
    """Mails that will not go: their person has opted out meanwhile, or the mail was given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update health_invite i set
                status = case m.status when 'canceled' then 'skipped' else 'bounced' end,
                skip_reason = case m.status when 'canceled' then 'opted_out' else '' end,
                bounced_at = case m.status when 'parked' then %(now)s::timestamptz end
            from accounts_mail m
            where m.id = i.mail_id and i.status = 'queued' and m.status in ('canceled', 'parked')
            """,
            {"now": timezone.now()},
        )


# Reminders ----------------------------------------------------------------------------------------------------

# One, of the same invite: no new question, so the recontact gate does not hold it (N7). An account that is red, or has
# a detractor to be called, is left alone all the same.
UNREMINDED = """
    select i.id from health_invite i
    join accounts_contact c on c.id = i.contact_id
    join accounts_account a on a.id = i.account_id
    where i.survey_id = %(survey)s and i.status = 'sent' and i.reminded_at is null and i.sent_at <= %(before)s
        and c.left_on is null and a.band <> 'red'
        and not exists (select from health_answer x where x.invite_id = i.id)
        and not exists (select from accounts_optout o where o.address = i.address)
        and not exists (select from accounts_followup f
            where f.account_id = i.account_id and f.kind = 'detractor' and f.status in ('open', 'snoozed'))
    order by i.sent_at limit %(portion)s for no key update of i skip locked
"""


def send_reminders(*, portion: int = PORTION) -> int:
    total = 0
    for survey in Survey.objects.filter(status=SurveyStatus.RUNNING, remind_after_days__isnull=False):
        while written := _remind(survey, portion):
            total += written
    return total


@transaction.atomic
def _remind(survey: Survey, portion: int) -> int:
    now = timezone.now()
    before = now - timedelta(days=survey.remind_after_days or 0)
    with connection.cursor() as cursor:
        cursor.execute(UNREMINDED, {"survey": survey.pk, "before": before, "portion": portion})
        ids = [pk for (pk,) in cursor.fetchall()]
    invites = list(Invite.objects.filter(pk__in=ids).select_related("contact__account"))
    if invites:
        write_mails(_letters(survey, invites, REMINDER, "survey_reminder"))
        Invite.objects.filter(pk__in=ids).update(reminded_at=now)
    return len(invites)
