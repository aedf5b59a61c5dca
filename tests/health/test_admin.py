"""Readings in Django's admin: what is changed there is scored again."""

import pytest
from django.urls import reverse
from model_bakery import baker

from health.models import Action, ScoreMark, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(alice, signed_in):
    return signed_in(alice)


def marked() -> list[int]:
    return [pk for ids in ScoreMark.objects.values_list("accounts", flat=True) for pk in ids]


@pytest.fixture
def ticket() -> Ticket:
    row = baker.make(Ticket, account__name="Acme", external_id="T-1", subject="Export", theme="export")
    ScoreMark.objects.all().delete()
    return row


def test_a_reading_that_is_corrected_is_scored_again(browser, ticket) -> None:
    address = reverse("admin:health_ticket_change", args=[ticket.pk])
    form = browser.get(address).context["adminform"].form
    given = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    given |= {"theme": "billing", "opened_at_0": "2026-03-01", "opened_at_1": "10:00"}
    assert browser.post(address, given).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.theme, marked()) == ("billing", [ticket.account_id])


def test_a_reading_that_is_deleted_is_scored_no_more(browser, ticket) -> None:
    browser.post(reverse("admin:health_ticket_delete", args=[ticket.pk]), {"post": "yes"})
    assert (Ticket.objects.count(), marked()) == (0, [ticket.account_id])


def test_readings_that_are_deleted_together_too(browser, ticket) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [ticket.pk], "post": "yes"}
    browser.post(reverse("admin:health_ticket_changelist"), chosen)
    assert (Ticket.objects.count(), marked()) == (0, [ticket.account_id])


def test_what_an_action_is_worth_is_not_changed_here(browser) -> None:
    action = Action.objects.create(key="export", name="Export", impact=3)
    answer = browser.post(reverse("admin:health_action_change", args=[action.pk]), {"name": "X", "impact": 9})
    action.refresh_from_db()
    assert (answer.status_code, action.impact) == (403, 3)
