"""A survey's life: written, started, paused, ended; how far it has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pghistory
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who
from accounts.exceptions import Conflict, DomainError
from accounts.models import Segment
from health.domain.surveys.audience import queue_audience
from health.domain.surveys.calling_back import call_back
from health.domain.surveys.checks import check, what_may_change
from health.domain.surveys.figures.arithmetic import Rates
from health.domain.surveys.hinting import announce
from health.enums import InviteStatus, SkipReason, SurveyStatus
from health.models import Invite, Survey

# From where to where a survey goes by which verb.
STARTED = {SurveyStatus.DRAFT}
PAUSED = {SurveyStatus.RUNNING}
RESUMED = {SurveyStatus.PAUSED}
ENDED = {SurveyStatus.RUNNING, SurveyStatus.PAUSED}


# Writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_survey(survey: Survey, *, by: Who, segments: Iterable[Segment] | None = None) -> Survey:
    """New or changed. Of one that has started only the words and the pace may change: who was asked stays true."""
    check(survey)
    if survey.pk:
        what_may_change(survey, locked(survey), segments)
    else:
        survey.created_by = Actor.of(by).user
        survey.slug = survey.slug or _free_slug(survey.name)
    with _audited(by, "saved"):
        try:
            with transaction.atomic():
                survey.save()
        except IntegrityError:
            sentence = _("There is a survey with this key already.")
            raise DomainError(sentence, code="slug_taken", errors={"slug": [sentence]}) from None
    if segments is not None:
        survey.segments.set(segments)
    return survey


def _free_slug(name: str) -> str:
    slug, number = slugify(name)[:50] or "survey", 1
    taken = set(Survey.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free


@transaction.atomic
def copy_survey(survey: Survey, *, by: Who) -> Survey:
    """The same once more, as a draft: next quarter's."""
    copied = Survey(
        name=_("%(name)s, again") % {"name": survey.name[:110]},
        **{name: getattr(survey, name) for name in COPIED},
    )
    return save_survey(copied, by=by, segments=survey.segments.all())


COPIED = (
    "kind", "texts", "trigger", "stages", "roles", "min_account_days", "recontact_days", "sample_percent", "per_day",
    "remind_after_days",
)  # fmt: skip


@transaction.atomic
def delete_draft(survey: Survey, *, by: Who) -> None:
    row = locked(survey)
    if row.status != SurveyStatus.DRAFT:
        raise Conflict(_("“%(name)s” has been started: it can be ended, not deleted.") % {"name": row.name})
    with _audited(by, "deleted"):
        row.delete()


# Running ------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(survey: Survey, *, by: Who, now: datetime | None = None) -> Survey:
    """Everybody is queued, in one statement; a worker sends. One with a trigger waits for what it is about."""
    now = now or timezone.now()
    row = _move(survey, STARTED, SurveyStatus.RUNNING, by, started_at=now)
    check(row)
    if not row.trigger:
        queue_audience(row, now=now)
        announce()
    return row


@transaction.atomic
def pause(survey: Survey, *, by: Who) -> Survey:
    """Who is queued stays so, and what lies in the outbox goes back to the queue: who may be asked then is judged again
    when it goes on. Answers still count."""
    row = _move(survey, PAUSED, SurveyStatus.PAUSED, by)
    call_back(row)
    return row


@transaction.atomic
def resume(survey: Survey, *, by: Who) -> Survey:
    row = _move(survey, RESUMED, SurveyStatus.RUNNING, by)
    announce()
    return row


@transaction.atomic
def end(survey: Survey, *, by: Who) -> Survey:
    """Nobody more is asked: whoever is still queued was not. Answers to what was sent still count."""
    row = _move(survey, ENDED, SurveyStatus.ENDED, by, ended_at=timezone.now())
    call_back(row)
    waiting = Invite.objects.filter(survey=row, status=InviteStatus.QUEUED, mail=None)
    waiting.update(status=InviteStatus.SKIPPED, skip_reason=SkipReason.ENDED)
    return row


def locked(survey: Survey) -> Survey:
    return Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)


def _move(survey: Survey, come_from: set[SurveyStatus], to: SurveyStatus, by: Who, **fields: Any) -> Survey:
    """The row itself is moved, under its lock: of two who click at once, the second is told."""
    row = locked(survey)
    if row.status not in come_from:
        status = SurveyStatus(row.status).label
        raise Conflict(_("“%(name)s” is already: %(status)s.") % {"name": row.name, "status": status})
    for name, value in {"status": to, **fields}.items():
        setattr(row, name, value)
    with _audited(by, to.value):
        row.save(update_fields=["status", *fields])
    return row


def _audited(by: Who, what: str) -> Any:
    actor = Actor.of(by)
    return pghistory.context(user=actor.user.pk if actor.user else None, actor=actor.label, what=what)


# How far it has come --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """Of invites. `rates` has those that were sent, bounced, answered."""

    queued: int = 0
    outbox: int = 0  # written, not gone yet
    rates: Rates = field(default_factory=Rates)
    opened: int = 0
    reminded: int = 0
    scanned: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # by reason, most frequent first

    @property
    def to_ask(self) -> int:
        """All that are or will be asked."""
        return self.queued + self.outbox + self.gone

    @property
    def gone(self) -> int:
        return self.rates.sent

    @property
    def not_asked(self) -> int:
        return sum(self.skipped.values())


PROGRESS = """
select i.survey_id, i.skip_reason,
    count(*) filter (where i.status = 'queued' and i.mail_id is null),
    count(*) filter (where i.status = 'queued' and i.mail_id is not null),
    count(i.sent_at), count(i.sent_at) filter (where i.bounced_at is not null),
    count(x.id), count(x.id) filter (where x.comment <> ''),
    count(i.opened_at), count(i.reminded_at), count(i.scanned_at),
    count(*) filter (where i.status = 'skipped')
from health_invite i left join health_answer x on x.invite_id = i.id
where i.survey_id = any(%s) group by 1, 2 order by 12 desc, 2
"""


def progress_of(surveys: Sequence[Survey]) -> dict[int, Progress]:
    """By id, of many in one query."""
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, [[survey.pk for survey in surveys]])
        rows = cursor.fetchall()
    return {survey.pk: _progress([row[1:] for row in rows if row[0] == survey.pk]) for survey in surveys}


def progress(survey: Survey) -> Progress:
    return progress_of([survey])[survey.pk]


def _progress(rows: Sequence[tuple]) -> Progress:
    counts = [sum(column) for column in zip(*(row[1:-1] for row in rows), strict=True)] if rows else [0] * 9
    queued, outbox, sent, bounced, answered, with_comment, opened, reminded, scanned = counts
    skipped = {reason: row[-1] for reason, *row in rows if reason and row[-1]}
    return Progress(queued, outbox, Rates(sent, bounced, answered, with_comment), opened, reminded, scanned, skipped)
