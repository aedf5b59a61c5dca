"""Surveys that wait for something: who leaves is asked why."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.domain.activity import record
from accounts.models import Mail
from health.models import Invite, Survey
from tests.accounts.spine import make_follow_up
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_contact

pytestmark = pytest.mark.django_db
LOST = {"subscription": "S-1", "before": "100", "after": "0", "amount": "-100", "currency": "USD", "reason": "other"}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def leave(account, **fields):
    with transaction.atomic():
        return record(account, "account.churned", **LOST, **fields)


def asked() -> list[tuple[str, str]]:
    return list(Invite.objects.order_by("pk").values_list("contact__name", "subject"))


def test_who_decides_is_asked_why_they_left_once(queue):
    account = make_account(stage="churned", band="red")
    make_follow_up(account, kind="detractor")
    make_contact(account, name="Decides", decides=True)
    make_contact(account, name="Uses it")
    activity = leave(account)
    for message in queue.drain():
        queue.run(message)

    assert asked() == [("Decides", f"account.churned:{activity.pk}")]
    mail = Mail.objects.get(kind="survey.invite")
    assert (mail.contact.name, mail.status) == ("Decides", "sent")
    # Who comes back and leaves again is asked again.
    again = leave(account)
    queue.drain()
    assert asked()[1:] == [("Decides", f"account.churned:{again.pk}")]


def test_where_nobody_decides_whom_we_talk_to_is_asked(queue):
    account = make_account(stage="churned")
    make_contact(account, name="First")
    make_contact(account, name="Champion", champion=True)
    make_contact(account, name="Gone", decides=True, left_on=NOON.date())
    leave(account)
    leave(make_account(stage="churned"))
    queue.drain()

    assert [name for name, _subject in asked()] == ["Champion"]


def test_history_and_surveys_that_do_not_run_ask_nobody(queue):
    contact = make_contact(make_account(stage="churned"), decides=True)
    leave(contact.account, occurred_at=NOON - timedelta(days=15))
    queue.drain()
    Survey.objects.update(status="paused")
    leave(contact.account)
    queue.drain()

    assert asked() == []
