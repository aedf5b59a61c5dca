"""Overdue follow-ups go to the manager, once."""

from datetime import timedelta

import pytest
import time_machine

from accounts.domain import dispatch
from accounts.domain.escalation import escalate_overdue, mail_managers
from accounts.models import Activity, Delivery, FollowUp, Mail
from accounts.tasks import escalate_overdue as escalate_task
from tests.accounts.spine import NOON, make_account, make_follow_up, told

pytestmark = pytest.mark.django_db
H, D = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def test_overdue_is_escalated_once(chloe, marc, clock):
    acme = make_account(csm=chloe)
    late = make_follow_up(acme, due_at=NOON - H)
    make_follow_up(acme, due_at=NOON)
    make_follow_up(acme, due_at=NOON - H, status="done", closed_at=NOON)

    assert (escalate_overdue(), escalate_overdue()) == (1, 0)

    late.refresh_from_db()
    assert late.escalated_at == NOON
    assert told(acme) == [
        ("followup.escalated", {"follow_up": late.pk, "title": "Call them", "to": "Marc", "manager": marc.pk})
    ]


def test_what_sleeps_is_late_only_if_it_was_promised(chloe):
    acme = make_account(csm=chloe)
    asleep = {"status": "snoozed", "snoozed_until": NOON + D, "due_at": NOON - H}
    make_follow_up(acme, **asleep)
    promised = make_follow_up(acme, promise=True, **asleep)

    assert escalate_overdue() == 1

    assert list(FollowUp.objects.exclude(escalated_at=None)) == [promised]


def test_a_snooze_that_ends_is_woken_first_and_escalated_in_the_same_sweep(chloe):
    row = make_follow_up(make_account(csm=chloe), status="snoozed", snoozed_until=NOON - H, due_at=NOON - H)

    escalate_task()

    row.refresh_from_db()
    assert (row.status, row.escalated_at) == ("open", NOON)


def test_each_manager_gets_one_mail_in_their_language_and_zone(chloe, cyril, marc, alice):
    marc.time_zone = "Europe/Bucharest"
    marc.save()
    acme = make_account("Acme", csm=chloe)
    make_follow_up(acme, title="Call <them>", due_at=NOON - 2 * D, promise=True)
    make_follow_up(make_account("Globex", csm=cyril), title="Write & send", due_at=NOON - D)
    make_follow_up(make_account("Nobody's"), title="Look", due_at=NOON - H)
    escalate_overdue()

    dispatch.dispatch_waiting()
    dispatch.dispatch_waiting()

    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == ("marc@tenure.example", "3 follow-ups are overdue")
    assert "Call &lt;them&gt;" in mail.html
    assert mail.text.replace("\u202f", " ") == (
        "Hello Marc,\n\nthese follow-ups of your team are overdue:\n\n"
        "- Acme: Call <them>\n  promised for Mar 2, 2026, 2:00 PM EET, Chloe\n"
        "- Globex: Write & send\n  due Mar 3, 2026, 2:00 PM EET, Cyril\n"
        "- Nobody's: Look\n  due Mar 4, 2026, 1:00 PM EET, nobody's\n\n"
        "http://127.0.0.1:8000/?who=team\n"
    )
    assert set(Delivery.objects.values_list("subscriber", "status")) == {("reaction:escalation mail", "done")}


def test_what_was_done_meanwhile_is_not_told_on(chloe, marc):
    row = make_follow_up(make_account(csm=chloe), due_at=NOON - H)
    escalate_overdue()
    FollowUp.objects.filter(pk=row.pk).update(status="done", closed_at=NOON)

    dispatch.dispatch_waiting()

    assert not Mail.objects.exists()


def test_a_second_try_of_the_same_escalation_writes_no_second_mail(chloe, marc):
    make_follow_up(make_account(csm=chloe), due_at=NOON - H)
    escalate_overdue()
    escalated = list(Activity.objects.filter(kind="followup.escalated"))

    mail_managers(escalated)
    mail_managers(escalated)

    assert list(Mail.objects.values_list("to", "kind", "status")) == [("marc@tenure.example", "escalation", "queued")]


def test_without_a_manager_it_goes_to_an_admin(alice):
    acme = make_account()
    make_follow_up(acme, due_at=NOON - H)

    escalate_overdue()

    assert told(acme)[0][1]["to"] == "Alice"


@pytest.mark.parametrize("count", [1, 50])
def test_as_many_queries_for_fifty_as_for_one(count, chloe, django_assert_num_queries):
    acme = make_account(csm=chloe)
    for _ in range(count):
        make_follow_up(acme, due_at=NOON - H)

    with django_assert_num_queries(9):
        assert escalate_overdue() == count
    assert Activity.objects.count() == count
