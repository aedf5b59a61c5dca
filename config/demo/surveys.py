"""What the demo's customers were asked and said: two surveys of the past, one that runs, and why some left."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from accounts.models import Activity, Contact, FollowUp, Playbook, User
from config.demo import words
from config.demo.story import MOODS, Customer
from health.domain.surveys import campaign, sending
from health.domain.surveys.telling import tell
from health.models import Answer, Invite, Survey

PAST = (("spring", "Spring survey", 190), ("summer", "Summer survey", 75))  # key, name, days ago
RUNNING_SINCE, A_DAY = 5, 40
ANSWER = 0.45  # of those who were asked
BOUNCED, SAMPLE = 0.02, 0.9
FRENCH: dict[str, tuple[str, ...]] = {
    "promoter": (
        "Un gain de temps considérable.",
        "Toute l'équipe s'en sert, et le support répond vite.",
        "Rien à redire !",
        "",
    ),
    "passive": ("Bien, mais les rapports sont lents.", "On n'en utilise qu'une partie.", ""),
    "detractor": (
        "L'intégration tombe en panne chaque mois.",
        "Trop cher pour ce qu'on en fait.",
        "Personne ne nous a rappelés.",
    ),
}
ROMANIAN: dict[str, tuple[str, ...]] = {
    "promoter": ("Ne economisește ore în fiecare săptămână.", "Echipa e încântată, suportul răspunde repede.", ""),
    "passive": ("Bun, dar aplicația de mobil e lentă.", "Folosim doar o parte din el.", ""),
    "detractor": (
        "Integrarea se strică în fiecare lună.",
        "Prea scump pentru cât îl folosim.",
        "Nu ne-a sunat nimeni înapoi.",
    ),
}
ENGLISH: dict[str, tuple[str, ...]] = {
    "promoter": words.PRAISE,
    "passive": words.LUKEWARM,
    "detractor": words.COMPLAINTS,
}
SAID = {"fr": FRENCH, "ro": ROMANIAN, "en": ENGLISH}
LEFT = {
    "price": "The yearly increase was one too many.",
    "competitor": "The new tool came with our office suite.",
    "missing_feature": "We needed approvals, and they never came.",
    "no_value": "Only two people still used it.",
}


def ask(customers: Sequence[Customer], admin: User, rng: np.random.Generator, now: datetime, days: int) -> None:
    """Before the nights are replayed: what was said lately opens follow-ups as it would have."""
    by_account = {customer.pk: customer for customer in customers}
    contacts = [row for row in Contact.objects.filter(left_on=None).order_by("pk") if row.account_id in by_account]
    for slug, name, age in PAST:
        if age < days:
            _past(slug, name, now - timedelta(days=age), by_account, contacts, admin, rng)
    _running(by_account, admin, rng, now)
    _leaving(by_account, contacts, rng)


def _past(
    slug: str, name: str, day: datetime, customers: dict[int, Customer], contacts: Sequence[Contact], admin: User,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    start = datetime.combine(day.date(), time(9), UTC)
    dates: dict[str, Any] = {
        "created_at": start - timedelta(days=3),
        "started_at": start,
        "ended_at": start + timedelta(days=21),
    }
    survey = Survey.objects.create(
        slug=slug, name=name, status="ended", created_by=admin, sample_percent=100 * SAMPLE, **dates
    )
    invites = [
        _invite(survey, contact, start, rng) for contact in contacts if _was_there(customers[contact.account_id], day)
    ]
    Invite.objects.bulk_create(invites, batch_size=5000)
    _answer([invite for invite in invites if invite.status == "sent"], customers, rng, start + timedelta(days=20))
    _called_back(survey, rng)


def _was_there(customer: Customer, day: datetime) -> bool:
    ended = customer.ended_on
    return (
        (day.date() - customer.started_on).days > 30
        and (ended is None or ended > day.date())
        and customer.mood != "trial"
    )


def _invite(survey: Survey, contact: Contact, start: datetime, rng: np.random.Generator) -> Invite:
    fate: dict[str, Any] = {"status": "skipped", "skip_reason": "not_sampled"}
    if rng.random() < SAMPLE:
        sent = start + timedelta(minutes=float(rng.uniform(1, 90)))
        fate = {"status": "sent", "sent_at": sent}
        if rng.random() < BOUNCED:
            fate = {"status": "bounced", "sent_at": sent, "bounced_at": sent + timedelta(seconds=20)}
    address = contact.email.lower()
    return Invite(
        survey=survey, account_id=contact.account_id, contact=contact, address=address, queued_at=start, **fate
    )


def _answer(
    invites: Sequence[Invite], customers: dict[int, Customer], rng: np.random.Generator, until: datetime
) -> None:
    answers, opened = [], []
    for invite in invites:
        at = _sent(invite) + timedelta(hours=float(rng.gamma(1.2, 22)))
        if rng.random() < ANSWER and at < until:
            mean = MOODS[customers[invite.account_id].mood][4]
            answers.append(_said(invite, int(np.clip(round(float(rng.normal(mean, 1.5))), 0, 10)), at, rng))
            invite.opened_at = at - timedelta(minutes=1)
            opened.append(invite)
    Invite.objects.bulk_update(opened, ["opened_at"], batch_size=2000)
    Answer.objects.bulk_create(answers, batch_size=5000)
    tell([answer.pk for answer in answers])


def _sent(invite: Invite) -> datetime:
    return invite.sent_at or invite.queued_at


def _said(invite: Invite, score: int, at: datetime, rng: np.random.Generator) -> Answer:
    group = "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"
    comments = SAID.get(invite.contact.language, ENGLISH)[group]
    return Answer(
        survey=invite.survey,
        invite=invite,
        account_id=invite.account_id,
        contact=invite.contact,
        external_id=f"invite:{invite.pk}",
        source=invite.survey.slug,
        score=score,
        comment=str(rng.choice(comments)),
        answered_at=at,
    )


def _called_back(survey: Survey, rng: np.random.Generator) -> None:
    """Who was unhappy then was called, most of them in time."""
    told = Activity.objects.filter(kind="nps.answered", data__group="detractor", data__survey_id=survey.pk)
    playbook = Playbook.objects.get(key="detractor")
    rows: dict[int, FollowUp] = {}
    for activity in told.select_related("account__csm").order_by("occurred_at", "pk"):
        if activity.account_id not in rows:
            rows[activity.account_id] = _follow_up(activity, playbook, rng)
    FollowUp.objects.bulk_create(rows.values(), batch_size=2000)


def _follow_up(activity: Activity, playbook: Playbook, rng: np.random.Generator) -> FollowUp:
    at, data = activity.occurred_at, activity.data
    hours = float(rng.gamma(2.2, 6.5))
    closed = at + timedelta(hours=hours + 0.5)
    spoke = rng.random() < 0.92
    return FollowUp(
        account=activity.account,
        playbook=playbook,
        kind=playbook.key,
        title=f"Call {data['contact']} of {activity.account}: {data['score']} of 10",
        reason=f"{data['contact']} gives {data['score']} of 10: {data['comment']}"[:400],
        activity=activity,
        priority=playbook.priority,
        promise=True,
        assignee=activity.account.csm,
        opened_at=at,
        due_at=at + timedelta(hours=24),
        contacted_at=at + timedelta(hours=hours) if spoke else None,
        status="done",
        closed_at=closed,
        closed_by=activity.account.csm,
        outcome="helped" if spoke else "no_answer",
        holds=(at, closed),
    )


# The one that runs --------------------------------------------------------------------------------------------


def _running(customers: dict[int, Customer], admin: User, rng: np.random.Generator, now: datetime) -> None:
    """Some were asked on each of the past days; the worker goes on with the others, so many a day."""
    survey = Survey(
        slug="autumn", name="Autumn survey", recontact_days=60, per_day=A_DAY * RUNNING_SINCE, remind_after_days=7
    )
    campaign.save_survey(survey, by=admin)
    campaign.start(survey, by=admin, now=now - timedelta(days=RUNNING_SINCE))
    sending.send_queued(portion=A_DAY * RUNNING_SINCE)
    survey.refresh_from_db()
    survey.per_day = A_DAY
    campaign.save_survey(survey, by=admin)
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, {"survey": survey.pk, "a_day": A_DAY, "days": RUNNING_SINCE, "now": now})
    asked = Invite.objects.filter(survey=survey, status="sent").select_related("contact", "survey").order_by("pk")
    _answer(list(asked), customers, rng, now - timedelta(minutes=20))


# The mails went out over the days at nine, as the pace allowed, and their invites with them.
_SPREAD = """
    with spread as (
        select i.id, i.mail_id, date_trunc('day', %(now)s::timestamptz) + interval '9 hours' - interval '1 day'
            * (%(days)s - (row_number() over (order by i.id) - 1) / %(a_day)s) + (i.id %% 50) * interval '7 seconds' as at
        from health_invite i where i.survey_id = %(survey)s and i.mail_id is not null
    ), mails as (
        update accounts_mail m set status = 'sent', created_at = s.at, send_at = s.at, sent_at = s.at, attempts = 1
        from spread s where m.id = s.mail_id
    ), asks as (
        insert into accounts_ask (account_id, contact_id, address, kind, subject, at)
        select i.account_id, i.contact_id, i.address, 'survey', 'autumn', s.at
        from spread s join health_invite i on i.id = s.id
    )
    update health_invite i set status = 'sent', sent_at = s.at from spread s where i.id = s.id
"""


# Those who left -----------------------------------------------------------------------------------------------


def _leaving(customers: dict[int, Customer], contacts: Sequence[Contact], rng: np.random.Generator) -> None:
    survey = Survey.objects.filter(slug="leaving").first()
    gone = [c for c in contacts if c.decides and customers[c.account_id].ended_on]
    if survey is None or not gone:
        return
    invites = [_asked_why(survey, contact, customers[contact.account_id]) for contact in gone]
    Invite.objects.bulk_create(invites)
    answers = [_why(invite, rng) for invite in invites if rng.random() < 0.5]
    Answer.objects.bulk_create(answers)
    tell([answer.pk for answer in answers])


def _asked_why(survey: Survey, contact: Contact, customer: Customer) -> Invite:
    at = datetime.combine(customer.ended_on or timezone.now().date(), time(10), UTC)
    return Invite(
        survey=survey,
        account_id=contact.account_id,
        contact=contact,
        address=contact.email.lower(),
        subject="account.churned:0",
        status="sent",
        queued_at=at,
        sent_at=at,
    )


def _why(invite: Invite, rng: np.random.Generator) -> Answer:
    reason = str(rng.choice(list(LEFT)))
    return Answer(
        kind="churn",
        survey=invite.survey,
        invite=invite,
        account_id=invite.account_id,
        contact=invite.contact,
        external_id=f"invite:{invite.pk}",
        source=invite.survey.slug,
        reason=reason,
        comment=LEFT[reason],
        answered_at=_sent(invite) + timedelta(hours=float(rng.gamma(1.5, 16))),
    )
