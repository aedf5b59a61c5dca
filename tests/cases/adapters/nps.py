"""The voice of the customer. What happens in time is played to the product as it would come: clicks, posts, sends."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import count
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.test import Client

from accounts.domain import dispatch
from accounts.domain.business_time import add_business_hours
from accounts.domain.links import address_of
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, Contact, FollowUp, OptOut
from health.domain.surveys import answering, audience, figures
from health.enums import InviteStatus, SurveyStatus
from health.models import Answer, FirstReading, Invite, ScoreMark, Survey

_number = count(1)


# Arithmetic -------------------------------------------------------------------------------------------------


def score(given: dict) -> dict:
    figure = figures.nps(**given["counts"])
    return {name: getattr(figure, name) for name in ("n", "nps", "display", "se", "moe95", "too_few")}


def raw(given: dict) -> dict:
    figure = figures.of_scores(given["scores"])
    return {name: getattr(figure, name) for name in ("promoters", "passives", "detractors", "n", "nps", "display")}


def validate(given: dict) -> dict:
    accepted = []
    for value in given["values"]:
        try:
            accepted.append(figures.parse_score(value))
        except DomainError:
            continue
    return {"accepted": accepted, "rejected": len(given["values"]) - len(accepted)}


def rounded(given: dict) -> dict:
    told = [figures.nps(*sample) for sample in given["samples"]]
    return {"raw": [figure.nps for figure in told], "display": [figure.display for figure in told]}


def rate(given: dict) -> dict:
    rates = figures.Rates(given["sent"], given["bounced"], given["answered_invites"], given.get("with_comment", 0))
    return {name: getattr(rates, name) for name in ("delivered", "response_rate", "comment_rate")}


def diff(given: dict) -> dict:
    told = figures.change(figures.nps(**given["a"]), figures.nps(**given["b"]))
    return {name: getattr(told, name) for name in ("delta", "se_delta", "z", "p_two_sided", "significant")}


def samplesize(given: dict) -> dict:
    return {"n": figures.answers_needed(given["p"], given["d"], given["moe"])}


def b2b(given: dict) -> dict:
    told = figures.views([(account["arr"], account["scores"]) for account in given["accounts"]])
    return {"respondent_nps": told.respondent, "account_nps": told.account, "revenue_weighted_nps": told.revenue}


# Time -------------------------------------------------------------------------------------------------------


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def sla(given: dict) -> dict:
    answered, (opens, closes) = moment(given["answered"]), map(time.fromisoformat, given["open"])
    zone, hours = ZoneInfo(given["tz"]), float(given["business_hours"])
    return {
        "due_elapsed": written(answered + timedelta(hours=float(given["elapsed_hours"]))),
        "due_business": written(add_business_hours(answered, hours, zone, opens=opens, closes=closes)),
    }


# One invite -------------------------------------------------------------------------------------------------


def contact_of(address: str = "") -> Contact:
    number = next(_number)
    account = Account.objects.create(external_id=f"case-{number}", name="Acme")
    return Contact.objects.create(account=account, email=address or f"ann{number}@acme.example", name="Ann")


def survey_of(**fields: Any) -> Survey:
    defaults = {"slug": f"case-{next(_number)}", "name": "Case", "status": SurveyStatus.RUNNING, "min_account_days": 0}
    return Survey.objects.create(**{**defaults, **fields})


def invite_of(contact: Contact, survey: Survey, **fields: Any) -> Invite:
    rest = {"address": contact.email.lower(), "status": InviteStatus.SENT} | fields
    return Invite.objects.create(survey=survey, account=contact.account, contact=contact, **rest)


def scanner(given: dict) -> dict:
    invite = invite_of(contact_of(), survey_of())
    for clock, method, link, number in given["requests"]:
        at = datetime.combine(datetime(2026, 5, 4, tzinfo=UTC), time.fromisoformat(clock), UTC)
        answering.firm_provisional(at)
        _requested(invite, method, link, number, at)
    dispatch.dispatch_waiting()
    invite.refresh_from_db()
    answer = Answer.objects.filter(invite=invite).first()
    return {
        "answers": Answer.objects.filter(invite=invite).count(),
        "score": answer.score if answer else None,
        "provisional": bool(answer and answer.provisional_until),
        "scanner_flag": invite.scanned_at is not None,
        "detractor_alerts": FollowUp.objects.filter(account=invite.account, kind="detractor").count(),
    }


def _requested(invite: Invite, method: str, link: str, number: int | None, at: datetime) -> None:
    if link == "honeypot":
        answering.honeypot(invite, at=at)
    elif method == "POST":
        answering.submit(invite, number, at=at)
    elif method == "BEACON":
        answering.beacon(invite, number, at=at)
    else:
        answering.opened(invite, score=number, method=method, at=at)


def edit(given: dict) -> dict:
    invite, statuses = invite_of(contact_of(), survey_of()), []
    for post in given["posts"]:
        try:
            statuses.append(
                answering.submit(invite, post["score"], post.get("comment") or "", at=moment(post["at"]))[1]
            )
        except DomainError as refusal:
            statuses.append(refusal.status)
    answers = list(Answer.objects.filter(invite=invite))
    last = answers[-1] if answers else None
    return {
        "statuses": statuses,
        "rows": len(answers),
        "score": last.score if last else None,
        "comment": (last.comment or None) if last else None,
        # As it was before each change, and as it is.
        "revisions": last.revisions.count() + 1 if last else 0,
        "nps": figures.of_scores(answer.score for answer in answers if answer.score is not None).nps,
    }


def edit_race(given: dict) -> dict:
    """Really at once: in connections of their own, so on rows that are really there."""
    barrier = Barrier(given["parallel"])

    def post(invite: Invite, number: int) -> bool:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=100)
            return answering.submit(invite, number % 11)[1] in {200, 201}
        finally:
            connection.close()

    with _committed() as invite, ThreadPoolExecutor(given["parallel"]) as pool:
        posted = list(pool.map(lambda number: _quiet(post, invite, number), range(given["parallel"])))
        rows = Answer.objects.filter(invite=invite).count()
    return {"rows": rows, "server_errors": posted.count(None)}


def _quiet(post: Callable[..., bool], *args: Any) -> bool | None:
    """None where something other than a rule of ours said no."""
    try:
        return post(*args)
    except DomainError:
        return False
    except Exception:
        return None


@contextmanager
def _committed() -> Iterator[Invite]:
    with ThreadPoolExecutor(1) as elsewhere:
        invite = elsewhere.submit(_alone, lambda: invite_of(contact_of(), survey_of())).result()
        try:
            yield invite
        finally:
            elsewhere.submit(_alone, lambda: _forget(invite)).result()


def _alone(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def _forget(invite: Invite) -> None:
    ScoreMark.objects.filter(accounts__contains=[invite.account_id]).delete()
    FirstReading.objects.filter(kind="answer").delete()
    Survey.objects.filter(pk=invite.survey_id).delete()
    Account.objects.filter(pk=invite.account_id).delete()


# Many people ------------------------------------------------------------------------------------------------


def throttle(given: dict) -> dict:
    people: dict[str, Contact] = {}
    campaigns: dict[str, Survey] = {}

    def person(address: str) -> Contact:
        if address.lower() not in people:
            people[address.lower()] = contact_of(address)
        return people[address.lower()]

    def campaign(name: str) -> Survey:
        if name not in campaigns:
            campaigns[name] = survey_of(recontact_days=given["period_days"])
        return campaigns[name]

    for send in given["sends"]:
        _sent(person(send["to"]), campaign(send["campaign"]), moment(send["at"]), send.get("result", "delivered"))
    decided = [_decided(person(one["to"]), campaign(one["campaign"]), one) for one in given["candidates"]]
    return {
        "decisions": ["send" if queued else "skip" for queued, _waiting in decided],
        "queued_for_later": sum(waiting for _queued, waiting in decided),
    }


def _sent(contact: Contact, survey: Survey, at: datetime, result: str) -> None:
    fate: dict[str, dict[str, Any]] = {
        "delivered": {"sent_at": at},
        "bounced": {"sent_at": at, "bounced_at": at, "status": InviteStatus.BOUNCED},
    }
    failed = {"bounced_at": at, "status": InviteStatus.BOUNCED}  # it never went out
    invite_of(contact, survey, subject=f"send {next(_number)}", **fate.get(result, failed))


def _decided(contact: Contact, survey: Survey, candidate: dict) -> tuple[int, int]:
    """Whether it would be sent, and what would be left for later. Nothing stays: each is decided by itself."""
    if candidate.get("reminder"):
        return 1, 0
    with transaction.atomic():
        subject = f"try {next(_number)}"
        queued = audience.queue_people(survey, [(contact.pk, subject)], now=moment(candidate["at"]))
        waiting = Invite.objects.filter(survey=survey, subject=subject, status=InviteStatus.QUEUED).count()
        transaction.set_rollback(True)
    return queued, waiting - queued


def sample(given: dict) -> dict:
    """N8: who of these is in the sample."""
    campaign, percent = given["campaign"], given.get("rate", given.get("percent"))
    chosen = [one for one in given["contacts"] if audience.in_sample(campaign, one, percent)]
    return {"in_sample": chosen}


def unsubscribe(given: dict) -> dict:
    contact = contact_of()
    browser, path = Client(), urlsplit(address_of(contact, "unsubscribe")).path
    statuses, subscribed = [], []
    for method, body in given["requests"]:
        form = "application/x-www-form-urlencoded"
        statuses.append(browser.generic(method, path, body or "", content_type=form).status_code)
        subscribed.append(not OptOut.objects.filter(address=contact.email).exists())
    return {
        "subscribed_after": subscribed,
        "statuses": statuses,
        "unsubscribe_events": Activity.objects.filter(account=contact.account, kind="contact.opted_out").count(),
    }


ADAPTERS: dict[str, Callable[[dict], Any]] = {
    "b2b": b2b,
    "diff": diff,
    "edit": edit,
    "edit_race": edit_race,
    "rate": rate,
    "raw": raw,
    "round": rounded,
    "samplesize": samplesize,
    "sample": sample,
    "scanner": scanner,
    "score": score,
    "sla": sla,
    "throttle": throttle,
    "unsubscribe": unsubscribe,
    "validate": validate,
}
