"""Surveys, people to ask and what they were asked, with as few words as the test needs."""

import itertools
from datetime import UTC, datetime
from typing import Any

from accounts.models import Account, Contact
from health.models import Answer, Invite, Survey
from tests.health.factories import make_account

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday

_number = itertools.count(1)


def make_survey(**fields: Any) -> Survey:
    defaults = {"slug": f"survey-{next(_number)}", "name": "Spring", "status": "running", "min_account_days": 0}
    return Survey.objects.create(**{**defaults, **fields})


def make_contact(account: Account | None = None, **fields: Any) -> Contact:
    account = account or make_account()
    name = fields.setdefault("name", f"Ann {next(_number)}")
    defaults = {"email": f"{name.replace(' ', '.').lower()}@{account.external_id}.example"}
    return Contact.objects.create(account=account, **{**defaults, **fields})


def make_invite(contact: Contact | None = None, survey: Survey | None = None, **fields: Any) -> Invite:
    contact = contact or make_contact()
    defaults = {"status": "sent", "sent_at": NOON, "address": contact.email.lower()}
    return Invite.objects.create(
        survey=survey or make_survey(), contact=contact, account=contact.account, **{**defaults, **fields}
    )


def make_answer(contact: Contact | None = None, score: int | None = 9, **fields: Any) -> Answer:
    contact = contact or make_contact()
    defaults = {"answered_at": NOON, "external_id": f"x-{next(_number)}", "told_at": NOON}
    return Answer.objects.create(account=contact.account, contact=contact, score=score, **{**defaults, **fields})
