"""Every address, asked by everybody: what the roles table says is what happens.

A page that is about one row says here which permission it asks for; all others carry it (`@requires`). One that does
neither fails: it has made no decision.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from model_bakery import baker

from accounts.models import (
    Account,
    Activity,
    ApiToken,
    CalendarFeed,
    Contact,
    Cost,
    Delivery,
    FollowUp,
    ImportRun,
    Mail,
    MappingPreset,
    OptOut,
    PlanVersion,
    Playbook,
    Renewal,
    SavedView,
    Segment,
    User,
    Webhook,
    WebhookDelivery,
)
from accounts.registry import panels
from health.models import Action, FrozenIndicator, RecomputeRun, ScoreModel, Survey
from onboarding.models import ChecklistStep, Seat, Session, SessionType
from tests.onboarding import roles as onboarding
from tests.referrals import roles as referrals
from tests.test_architecture import PUBLIC, named_urls

pytestmark = pytest.mark.django_db

# Pages about one row of Chloe's, and what they ask the table. "" is for everybody who is signed in.
ROWS = {
    "follow-up": "followup.view",
    "follow-up-steps": "followup.work",
    "follow-up-wake": "followup.work",
    "follow-up-call": "account.log",
    "follow-up-done": "followup.work",
    "follow-ups-undo": "followup.work",
    "follow-up-snooze": "followup.work",
    "follow-up-hand-over": "followup.reassign",
    "follow-up-cancel": "followup.work",
    "follow-ups-done": "followup.work",
    "follow-ups-snooze": "followup.work",
    "follow-ups-hand-over": "followup.reassign",
    "follow-ups-cancel": "followup.work",
    "accounts:detail": "account.view",
    "accounts:edit": "account.edit",
    "accounts:subscription": "account.view",
    "accounts:contacts": "account.view",
    "accounts:contact_add": "account.edit",
    "accounts:contact": "account.edit",
    "accounts:portal_link": "link.manage",
    "accounts:call_add": "account.log",
    "accounts:note_add": "account.log",
    "accounts:timeline": "account.view",
    "accounts:activity": "account.view",
    "accounts:tab": "account.view",
    "accounts:mails": "account.view",
    "renewals:account": "account.view",
    "renewals:renewal": "renewal.view",
    "renewals:stage": "renewal.work",
    "renewals:decide": "renewal.work",
    "renewals:call": "renewal.work",
    "renewals:take-back": "renewal.work",
    "renewals:settle": "renewal.settle",
    "health:panel": "account.view",
    "health:moves": "account.view",
    "health:pulse": "account.pulse",
    "health:usage": "account.view",
    "health:tickets": "account.view",
    "health:invoices": "account.view",
    "health:voice_panel": "account.view",
    "onboarding:checklist": "account.view",
    "onboarding:checklist_start": "onboarding.work",
    "onboarding:checklist_cancel": "onboarding.work",
    "onboarding:checklist_step": "onboarding.work",
    "onboarding:touch": "account.view",
    "onboarding:touch_choose": "onboarding.work",
    "onboarding:session": "onboarding.view",
    "onboarding:session_mark": "onboarding.work",
    "onboarding:session_write_up": "onboarding.work",
    "onboarding:session_move": "onboarding.work",
    "onboarding:session_cancel": "onboarding.work",
    "onboarding:account_sessions": "account.view",
    "referrals:panel": "account.view",
    "referrals:ask": "account.edit",
    "settings:home": "",
    "settings:profile": "",
    "theme": "",
    "usersessions_list": "",
    "schema": "",
    "api-docs": "",
}
MANY = {"follow-ups-undo", "follow-ups-done", "follow-ups-snooze", "follow-ups-hand-over", "follow-ups-cancel"}
# Not ours: Django's and allauth's own pages guard themselves; programs have tokens (tests/accounts/api).
# A saved view is changed by who made it, a calendar address ended by its owner, here Chloe.
VIEWS = {
    "queue-view",
    "queue-view-delete",
    "accounts:view",
    "accounts:view_delete",
    "renewals:view",
    "renewals:view_delete",
    "onboarding:view",
    "onboarding:view_delete",
    "settings:calendar_revoke",
}
# Ask for more than an address: a column of the file, a refused row, a segment. Their own tests open them.
ASK_FOR_MORE = {"imports:example", "imports:refused", "health:model_add"}
OF_SURVEY = ("edit", "preview", "mail", "copy", "delete", "people", "progress", "start", "pause", "resume", "end")
OF_SESSION_TYPE = [f"onboarding:session_type{verb}" for verb in ("", "_copy", "_offer", "_delete")]
OF_WEBHOOK = [
    f"settings:webhook{verb}" for verb in ("", "_edit", "_off", "_on", "_test", "_rotate", "_delete", "_again")
]
NOT_FOR_THEM = {401, 403, 404}


@pytest.fixture
def row(people: dict[str, User]) -> dict[str, Any]:
    chloe = people["chloe"]
    account = baker.make(Account, name="Acme", external_id="acme", csm=chloe)
    activity = baker.make(
        Activity, account=account, kind="note.written", data={"text": "x"}, dispatched_at=timezone.now()
    )
    return {
        "account": account,
        "activity": activity,
        "contact": baker.make(Contact, account=account, email="kim@acme.example"),
        "follow_up": baker.make(
            FollowUp,
            account=account,
            assignee=chloe,
            title="Call",
            due_at=timezone.now(),
            steps=[{"text": "a", "done": False}],
        ),
        "playbook": baker.make(Playbook, key="p", trigger="note.written", title="Call"),
        "segment": baker.make(Segment, key="s"),
        "version": baker.make(PlanVersion, plan__key="team", plan__name="Team", number=1, features=[]),
        **dict.fromkeys(
            ("settings:cost", "settings:cost_delete"), baker.make(Cost, month="2026-01-01", kind="winning")
        ),
        "token": baker.make(ApiToken, name="t", digest="d", scopes=["read"]),
        "delivery": baker.make(Delivery, activity=activity, subscriber="reaction:x", status="parked"),
        **dict.fromkeys(
            ("outbox-mail", "outbox-html", "outbox-again", "outbox-cancel"),
            baker.make(Mail, key="m", kind="escalation", account=account, to="kim@acme.example", subject="Hello"),
        ),
        "outbox-opt-out-end": baker.make(OptOut, address="kim@acme.example"),
        "run": baker.make(ImportRun, kind="accounts", filename="a.csv", user=people["alice"], status="done"),
        "mapping": baker.make(MappingPreset, kind="accounts", name="m"),
        "health:model": ScoreModel.objects.get(),
        "health:recompute_progress": baker.make(RecomputeRun),
        "health:release": baker.make(FrozenIndicator, indicator="usage", direction="down", moved=1, known=1),
        "health:action": baker.make(Action, key="signed_in", name="Signed in"),
        **dict.fromkeys((f"health:survey_{verb}" for verb in OF_SURVEY), Survey.objects.create(slug="d", name="Draft")),
        **referrals.rows(account),
        **onboarding.rows(),
        "user": people["cyril"],
        "renewal": baker.make(
            Renewal,
            account=account,
            subscription__account=account,
            starts_on="2026-01-01",
            ends_on="2027-01-01",
            decision_date="2027-01-01",
        ),
        "session": session_of(account, chloe),
        "step": baker.make(ChecklistStep, checklist__account=account, state="open"),
        **dict.fromkeys(
            OF_SESSION_TYPE, baker.make(SessionType, slug="kick-off", minutes=30, every=30, horizon_days=30)
        ),
        **dict.fromkeys(
            OF_WEBHOOK, webhook := Webhook.objects.create(name="Hook", url="https://hook.example", events=[])
        ),
        "webhook_delivery": WebhookDelivery.objects.create(webhook=webhook, message=uuid4(), until=timezone.now()),
        "onboarding:hours_of": people["cyril"],
        "feed": baker.make(CalendarFeed, user=chloe, digest="f", sources=["renewals"]),
        "view": {
            page: baker.make(SavedView, user=chloe, page=page, name=page, shared=True)
            for page in ("queue", "accounts", "renewals", "onboarding")
        },
    }


def session_of(account: Account, host: User) -> Session:
    """To come, so that it can be moved and canceled."""
    soon = timezone.now() + timedelta(days=1)
    session = baker.make(Session, account=account, host=host, starts_at=soon, ends_at=soon + timedelta(hours=1))
    Seat.objects.create(session=session, key="k", name="Kim", email="kim@acme.example")
    return session


HEALTH = {
    "health:model": ScoreModel,
    "health:recompute_progress": RecomputeRun,
    "health:release": FrozenIndicator,
    "health:action": Action,
}


def subjects(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row whose number stands in the address."""
    for word in ("follow-up", "token", "segment", "playbook", "delivery", "user"):
        if name.startswith((word, f"settings:{word}")):
            return {"pk": row[word.replace("-", "_")].pk}
    about = _about(name, row)
    if about == "view":
        return {"pk": row["view"][re.split("[-:]", name)[0]].pk}
    if name in {"settings:plan", "settings:plan_version_add"}:
        return {"pk": row["version"].plan_id}
    return {"pk": row[about].pk}


# The first that fits.
ABOUT = {
    "settings:calendar_revoke": "feed",
    "settings:plan": "version",
    "renewals:account": "account",
    "imports:forget": "mapping",
}


def _about(name: str, row: dict[str, Any]) -> str:
    if known := next((about for start, about in ABOUT.items() if name.startswith(start)), ""):
        return known
    if name in VIEWS:
        return "view"
    if name in row:
        return name
    starts = {"renewals:": "renewal", "imports:": "run", "onboarding:session": "session"}
    return next((about for start, about in starts.items() if name.startswith(start)), "account")


# What an address may ask for besides its row.
PARTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "contact": lambda row: row["contact"].pk,
    "seat": lambda row: row["session"].attendees.get().pk,
    "step": lambda row: row["step"].pk,
    "activity": lambda row: row["activity"].pk,
    "tab": lambda _row: next((panel.tab for panel in panels if panel.tab != "overview"), ""),
    "name": lambda _row: "accounts",
    "part": lambda _row: "steps",
    "key": lambda _row: "queue",
    "number": lambda _row: 1,
    "delivery": lambda row: row["webhook_delivery"].pk,
    "code": lambda row: row["code"].pk,
    "day": lambda _row: "2026-01-01",
}


def address(name: str, pattern: Any, row: dict[str, Any]) -> str:
    known = subjects(name, row)
    wanted = pattern.pattern.converters
    return reverse(name, kwargs={key: PARTS[key](row) if key in PARTS else known[key] for key in wanted})


def ours() -> Iterator[tuple[str, Any]]:
    for name, pattern in named_urls(get_resolver().url_patterns):
        if name.endswith("None") or name in PUBLIC or name.startswith(("admin:", "account_", "mfa_", "reauth")):
            continue
        yield name, pattern


def permission_of(name: str, pattern: Any) -> str | None:
    return getattr(pattern.callback, "permission", None) or ROWS.get(name)


def test_every_page_has_decided_who_may() -> None:
    undecided = [name for name, pattern in ours() if permission_of(name, pattern) is None]

    assert undecided == []


def may(user: User, name: str, pattern: Any, row: dict[str, Any]) -> bool:
    permission = permission_of(name, pattern)
    if name in VIEWS:
        return user.name == "Chloe"
    if hasattr(pattern.callback, "permission"):
        return user.may(pattern.callback.permission)
    return not permission or user.may(permission, row["follow_up" if name.startswith("follow-up") else "account"])


# Addresses that answer no GET to those who may: known once somebody tried.
only_posted: set[str] = set()


def ask(browser: Client, name: str, path: str, follow_ups: list[int]) -> HttpResponse:
    """GET, or where only a POST is answered, a POST that is taken back afterwards."""
    if name not in only_posted:
        answer = browser.get(path)
        if answer.status_code != 405:
            return answer
        only_posted.add(name)
    with transaction.atomic():
        answer = browser.post(path, {"ids": follow_ups})
        transaction.set_rollback(True)
    return answer


def surprises(user: User, browser: Client, row: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Where the answer is not what the table says."""
    wrong = []
    for name, pattern in ours():
        allowed = may(user, name, pattern, row)
        answer = ask(browser, name, address(name, pattern, row), [row["follow_up"].pk])
        if (name in MANY and not allowed) or (name in ASK_FOR_MORE and allowed):
            continue  # a selection refuses row by row, below
        opened = answer.status_code not in NOT_FOR_THEM
        if opened != allowed or answer.status_code >= 500:
            wrong.append((name, answer.status_code, "may" if allowed else "may not"))
    return wrong


# An admin and a manager, who may open most, take longest: tests/processes/test_roles_of_leads.py.
@pytest.mark.parametrize("who", ["chloe", "cyril", "vera"])
def test_what_each_may_open_is_what_the_table_says(who, people, row, signed_in):
    assert surprises(people[who], signed_in(people[who]), row) == []


def test_who_is_signed_out_is_asked_to_sign_in_everywhere(people, row, client):
    wrong = []
    for name, pattern in ours():
        answer = client.get(address(name, pattern, row))
        asked = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
        if not asked and (name, answer.status_code) != ("schema", 401):  # that one is for programs too
            wrong.append((name, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("who", ["cyril", "vera"])
@pytest.mark.parametrize("name", sorted(MANY))
def test_a_selection_leaves_alone_what_is_not_theirs(name, who, people, row, signed_in):
    before = FollowUp.objects.values().get()

    signed_in(people[who]).post(
        reverse(name),
        {
            "ids": [row["follow_up"].pk], "outcome": "helped", "reason": "x", "why": "x", "to": people["marc"].pk,
            "until": "2999-01-01",
        },
    )  # fmt: skip

    assert FollowUp.objects.values().get() == before


def test_programs_without_a_token_are_told_so(client, db):
    paths = [
        "/api/v1/accounts",
        "/api/v1/accounts/a-1",
        "/api/v1/follow-ups",
        "/api/v1/follow-ups/1",
        "/api/v1/nothing",
    ]

    answers = [client.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [401] * len(paths)
