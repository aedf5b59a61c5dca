"""The queue over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Activity, FollowUp
from tests.accounts.spine import make_account, make_follow_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(chloe):
    return make_account("Acme", external_id="acme", csm=chloe, band="red")


@pytest.fixture
def call(acme, chloe) -> FollowUp:
    now = timezone.now()
    return make_follow_up(acme, assignee=chloe, opened_at=now, due_at=now + timedelta(hours=5), title="Call Acme")


def stamp(moment) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_one_follow_up_as_a_whole(reader, call) -> None:
    assert reader.get(f"/api/v1/follow-ups/{call.pk}").json() == {
        "id": call.pk, "account": "acme", "account_name": "Acme", "band": "red", "kind": "manual", "subject": "",
        "title": "Call Acme", "reason": "Because", "instructions": "", "steps": [], "priority": 3, "promise": False,
        "assignee": "chloe@tenure.example", "status": "open", "opened_at": stamp(call.opened_at),
        "due_at": stamp(call.due_at), "occurrences": 1, "snoozed_until": None, "snooze_reason": "",
        "escalated_at": None, "closed_at": None, "outcome": "", "outcome_note": "",
    }  # fmt: skip


def test_done_with_its_outcome(writer, call) -> None:
    response = writer.patch(f"/api/v1/follow-ups/{call.pk}", {"status": "done", "outcome": "helped", "note": "fine"})
    body = response.json()
    assert (response.status_code, body["status"], body["outcome"], body["outcome_note"]) == (
        200,
        "done",
        "helped",
        "fine",
    )
    assert Activity.objects.get(kind="followup.done").actor_label == "API: write"
    again = writer.patch(f"/api/v1/follow-ups/{call.pk}", {"status": "done", "outcome": "helped"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_snoozed_woken_handed_over_and_canceled(writer, call, cyril) -> None:
    address, until = f"/api/v1/follow-ups/{call.pk}", timezone.now() + timedelta(days=3)
    snoozed = writer.patch(address, {"status": "snoozed", "snoozed_until": until, "reason": "on holiday"}).json()
    assert (snoozed["status"], snoozed["snoozed_until"], snoozed["snooze_reason"]) == (
        "snoozed",
        stamp(until),
        "on holiday",
    )
    assert writer.patch(address, {"status": "open"}).json()["status"] == "open"
    assert writer.patch(address, {"assignee": "cyril@tenure.example"}).json()["assignee"] == "cyril@tenure.example"
    assert writer.patch(address, {"status": "canceled", "reason": "a mistake"}).json()["status"] == "canceled"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "lost"}, "status"),
        ({"status": "done"}, "outcome"),
        ({"status": "done", "outcome": "meh"}, "outcome"),
        ({"status": "snoozed"}, "snoozed_until"),
        ({"status": "snoozed", "snoozed_until": "tomorrow"}, "snoozed_until"),
        ({"status": "snoozed", "snoozed_until": "2020-01-01T00:00:00Z", "reason": "x"}, "snoozed_until"),
        ({"status": "snoozed", "snoozed_until": "9999-12-31T23:59:59-12:00", "reason": "x"}, "snoozed_until"),
        ({"status": "snoozed", "snoozed_until": "0001-01-01T00:00:00+14:00", "reason": "x"}, "snoozed_until"),
        ({"status": "canceled"}, "reason"),
        ({"assignee": "nobody@example.com"}, "assignee"),
        ({"assignee": "vera@tenure.example"}, "assignee"),
        ({"title": "Mine"}, "title"),
    ],
)
def test_bad_changes_are_refused_and_change_nothing(writer, call, vera, body, field) -> None:
    response = writer.patch(f"/api/v1/follow-ups/{call.pk}", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
    call.refresh_from_db()
    assert (call.status, call.assignee.name) == ("open", "Chloe")


def test_half_a_change_is_none(writer, call, cyril) -> None:
    response = writer.patch(f"/api/v1/follow-ups/{call.pk}", {"assignee": cyril.email, "status": "done"})
    assert response.status_code == 422
    call.refresh_from_db()
    assert call.assignee.name == "Chloe"
    assert not Activity.objects.exists()


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40, "abc", "-1", "1.5"])
def test_one_that_is_none_is_a_404(writer, pk) -> None:
    assert writer.get(f"/api/v1/follow-ups/{pk}").status_code == 404
    assert writer.patch(f"/api/v1/follow-ups/{pk}", {"status": "open"}).status_code == 404


def test_the_list_and_its_filters(reader, acme, call, cyril) -> None:
    now = timezone.now()
    other = make_follow_up(make_account("Bolt"), assignee=cyril, due_at=now + timedelta(days=3), title="Later")
    done = make_follow_up(acme, status="done", closed_at=now, title="Done")

    def titles(query: str = "") -> list[str]:
        return [row["title"] for row in reader.get(f"/api/v1/follow-ups?{query}").json()["results"]]

    assert titles() == [call.title, other.title]
    assert titles("status=done") == [done.title]
    assert titles("status=done&status=open") == [call.title, other.title, done.title]
    assert titles("assignee=cyril@tenure.example") == [other.title]
    assert titles("account=acme") == [call.title]
    assert titles("kind=manual&account=acme&fields=title") == [call.title]
    assert titles(f"due_before={(now + timedelta(days=1)):%Y-%m-%dT%H:%M:%SZ}") == [call.title]
    assert titles(f"due_from={(now + timedelta(days=1)):%Y-%m-%dT%H:%M:%SZ}") == [other.title]
    for query, field in (
        ("status=lost", "status"),
        ("mine=1", "mine"),
        ("due_from=x", "due_from"),
        ("due_before=9999-12-31T23:59:59-12:00", "due_before"),
    ):
        assert list(reader.get(f"/api/v1/follow-ups?{query}").json()["errors"]) == [field]


def test_the_list_costs_the_same_for_one_and_for_fifty(reader, call, acme, django_assert_num_queries) -> None:
    reader.get("/api/v1/follow-ups")
    with django_assert_num_queries(2):
        reader.get("/api/v1/follow-ups")
    for _n in range(49):
        make_follow_up(acme)
    with django_assert_num_queries(2):
        assert len(reader.get("/api/v1/follow-ups").json()["results"]) == 50


def test_who_comes_too_late_is_told_which_program_was_first(writer, call) -> None:
    address, body = f"/api/v1/follow-ups/{call.pk}", {"status": "done", "outcome": "helped"}
    writer.patch(address, body)
    answer = writer.patch(address, body)
    assert (answer.status_code, answer.json()) == (
        409,
        {"detail": "“Call Acme” was already done by API: write.", "code": "conflict"},
    )
