"""One person's answer to one invite (N4 to N6). Opening a page never answers: mail scanners open them all."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.activity import record
from accounts.domain.churn import record_churn_events
from accounts.domain.text import prose
from accounts.enums import ChurnReason
from accounts.exceptions import Conflict, DomainError
from accounts.models import Contact
from health.domain.marks import mark, received
from health.domain.surveys.figures.arithmetic import group_of, parse_score
from health.domain.surveys.telling import tell
from health.enums import ReadingKind, SurveyKind
from health.models import Answer, AnswerRevision, Invite

SCANNING = timedelta(seconds=10)  # people do not open two numbers in so short a time
VISIBLE = timedelta(seconds=5)  # before a page may speak for who looks at it
COMMENT_LIMIT = 10_000
RANGES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5)}


def editable() -> timedelta:
    """From the first answer on."""
    return rules.days("surveys.edit_days")


def provisional() -> timedelta:
    """An answer that nobody sent, but a page that somebody looked at, turns firm after so long."""
    return rules.hours("surveys.provisional_hours")


# What scanners do too: nothing is answered by it ------------------------------------------------------------

OPENED = """
update health_invite set
    opened_at = coalesce(opened_at, %(seen)s::timestamptz),
    scanned_at = coalesce(scanned_at, case
        when last_score <> %(score)s::smallint
            and %(at)s - last_score_at between -%(window)s::interval and %(window)s::interval
        then %(at)s::timestamptz end),
    last_score = coalesce(%(score)s::smallint, last_score),
    last_score_at = case when %(score)s::smallint is null then last_score_at else %(at)s::timestamptz end
where id = %(invite)s
"""


def opened(invite: Invite, *, score: int | None = None, method: str = "GET", at: datetime | None = None) -> None:
    """Somebody, or a machine, fetched the page, by the link of that score or by none."""
    at = at or timezone.now()
    seen = at if method == "GET" else None
    params: dict[str, Any] = {"invite": invite.pk, "score": score, "at": at, "seen": seen, "window": SCANNING}
    with connection.cursor() as cursor:  # one statement: links that are fetched at once are compared all the same
        cursor.execute(OPENED, params)


def honeypot(invite: Invite, *, at: datetime | None = None) -> None:
    """A link that no person sees was followed."""
    Invite.objects.filter(pk=invite.pk, scanned_at=None).update(scanned_at=at or timezone.now())


# Answers ----------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    invite: Invite, score: Any = None, comment: str = "", reason: str = "", *, at: datetime | None = None
) -> tuple[Answer, int]:
    """The person sent it: 201 for the first time, 200 for a change of it. Conflict when it can no longer change."""
    at = at or timezone.now()
    invite, answer = _locked(invite)
    given = _checked(invite.survey.kind, score, comment, reason)
    if answer is None:
        return _give(invite, given, at), 201
    if at - answer.answered_at >= editable():
        raise Conflict(
            _("An answer can be changed for %(days)s days. This one was given before that.")
            % {"days": editable().days},
            code="answer_locked",
        )
    _revise(answer, given, at)
    return answer, 200


@transaction.atomic
def beacon(invite: Invite, score: Any, *, at: datetime | None = None) -> Answer | None:
    """The page with this score has been looked at for a while, and nothing was sent. It counts, provisionally; not
    where a scanner is at work, and never against what the person sent."""
    at = at or timezone.now()
    invite, answer = _locked(invite)
    given = _checked(invite.survey.kind, score)
    if not _looked_at(invite, given["score"], at) or (answer and answer.provisional_until is None):
        return None
    if answer is None:
        return _give(invite, given, at, provisional_until=at + provisional())
    if answer.score != given["score"]:
        _revise(answer, {"score": given["score"]}, at, provisional_until=at + provisional())
    return answer


def _looked_at(invite: Invite, score: int | None, at: datetime) -> bool:
    if invite.scanned_at or not invite.opened_at or not invite.last_score_at or score is None:
        return False
    return invite.last_score == score and at - invite.last_score_at >= VISIBLE


def _locked(invite: Invite) -> tuple[Invite, Answer | None]:
    """Two posts of one link wait for each other here: the second finds the first's answer."""
    row = Invite.objects.select_related("survey", "contact").select_for_update(of=("self",)).get(pk=invite.pk)
    return row, Answer.objects.select_for_update().filter(invite=row).first()


def _checked(kind: str, score: Any, comment: str = "", reason: str = "") -> dict[str, Any]:
    given: dict[str, Any] = {"comment": prose(comment or "", COMMENT_LIMIT, field="comment")}
    if kind != SurveyKind.CHURN:
        return {**given, "score": parse_score(score, *RANGES[SurveyKind(kind)])}
    if reason not in ChurnReason.values:
        sentence = _("Choose a reason.")
        raise DomainError(sentence, code="reason_wrong", errors={"reason": [sentence]})
    return {**given, "reason": reason, "score": None}


def _give(invite: Invite, given: dict[str, Any], at: datetime, provisional_until: datetime | None = None) -> Answer:
    answer = Answer.objects.create(
        kind=invite.survey.kind,
        survey=invite.survey,
        invite=invite,
        account_id=invite.account_id,
        contact=invite.contact,
        external_id=f"invite:{invite.pk}",
        source=invite.survey.slug[:40],
        answered_at=at,
        provisional_until=provisional_until,
        **given,
    )
    if answer.kind == SurveyKind.NPS:
        received(ReadingKind.ANSWER, at.date())
    _settle(answer, invite.contact)
    return answer


def _revise(answer: Answer, given: dict[str, Any], at: datetime, provisional_until: datetime | None = None) -> None:
    """Another answer in its place; how it was is kept."""
    before = AnswerRevision.objects.create(
        answer=answer,
        score=answer.score,
        reason=answer.reason,
        comment=answer.comment,
        provisional=answer.provisional_until is not None,
        given_at=answer.revised_at or answer.answered_at,
        replaced_at=at,
    )
    for name, value in given.items():
        setattr(answer, name, value)
    answer.revised_at, answer.provisional_until = at, provisional_until
    answer.save(update_fields=[*given, "revised_at", "provisional_until"])
    _settle(answer, answer.contact, before)


def _settle(answer: Answer, contact: Contact | None, before: AnswerRevision | None = None) -> None:
    """What follows from it: the score of the account, and whoever is to be told."""
    mark([answer.account_id])
    if answer.provisional_until:
        return
    if answer.kind == SurveyKind.CHURN:
        _give_reason(answer)
    if before is None or answer.told_at is None or _means_another(answer, before):
        tell([answer.pk], by=str(contact or ""))
        answer.refresh_from_db(fields=["told_at"])
    elif (answer.score, answer.reason, answer.comment) != (before.score, before.reason, before.comment):
        _tell_change(answer, contact, before)


def _means_another(answer: Answer, before: AnswerRevision) -> bool:
    """A promoter who turns into a detractor is news; one who corrects a word is not."""
    if answer.kind != SurveyKind.NPS or answer.score is None or before.score is None:
        return False
    return group_of(answer.score) != group_of(before.score)


def _tell_change(answer: Answer, contact: Contact | None, before: AnswerRevision) -> None:
    record(
        answer.account_id,
        "answer.revised",
        by=str(contact or ""),
        occurred_at=answer.revised_at,
        contact=str(contact or ""),
        survey=answer.survey.name if answer.survey else answer.source,
        before=_said(before),
        after=_said(answer),
        comment=answer.comment,
        answer=answer.pk,
    )


def _said(given: Answer | AnswerRevision) -> str:
    return given.reason or str(given.score)


def _give_reason(answer: Answer) -> None:
    """Why they left, where the numbers look for it, unless somebody has said so already."""
    account = answer.account
    left_on = account.churned_on or answer.answered_at.astimezone(account.time_zone).date()
    event = {
        "account_id": account.pk,
        "external_id": answer.external_id,
        "occurred_on": left_on,
        "reason": answer.reason,
        "comment": answer.comment,
    }
    record_churn_events([event])


# Provisional answers turn firm ------------------------------------------------------------------------------

FIRM_AT_ONCE = 1000


def firm_provisional(now: datetime | None = None) -> int:
    """An hour has passed and nobody has changed them: they are answers like any other, and are told. Where a scanner
    has shown itself meanwhile, it was the scanner's, and goes. Returns how many became firm."""
    now, total = now or timezone.now(), 0
    while (done := _firm_some(now)) is not None:
        total += done
    return total


@transaction.atomic
def _firm_some(now: datetime) -> int | None:
    due = (
        Answer.objects.filter(provisional_until__lte=now)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("provisional_until")
        .values_list("pk", "account_id", "invite__scanned_at")[:FIRM_AT_ONCE]
    )
    rows = list(due)
    if not rows:
        return None
    machines = [pk for pk, _account, scanned_at in rows if scanned_at]
    people = [pk for pk, _account, scanned_at in rows if not scanned_at]
    Answer.objects.filter(pk__in=machines).delete()
    mark(account for _pk, account, scanned_at in rows if scanned_at)
    Answer.objects.filter(pk__in=people).update(provisional_until=None)
    tell(people)
    return len(people)
