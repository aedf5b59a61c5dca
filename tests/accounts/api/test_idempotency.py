"""Idempotency-Key: a write that is sent again answers what it answered first, and does nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.api import idempotency
from accounts.domain.replies import forget_replies
from accounts.models import Account, Activity, IdempotentReply
from accounts.tasks import forget_replies as forget_replies_task

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/accounts/a"


def put(program, body, key="k-1", address=ADDRESS):
    return program.put(address, body, HTTP_IDEMPOTENCY_KEY=key)


def test_a_replay_gets_the_first_answer_again(ingester) -> None:
    first = put(ingester, {"name": "A"})
    Account.objects.update(name="Renamed meanwhile")
    again = put(ingester, {"name": "A"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert Account.objects.get().name == "Renamed meanwhile"
    assert Activity.objects.count() == 1


def test_the_same_key_with_another_request_is_a_conflict(ingester) -> None:
    put(ingester, {"name": "A"})
    for answer in (put(ingester, {"name": "B"}), put(ingester, {"name": "A"}, address="/api/v1/accounts/b")):
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert list(Account.objects.values_list("external_id", "name")) == [("a", "A")]


def test_keys_are_each_programs_own(ingester, writer) -> None:
    put(ingester, {"name": "A"})
    assert put(writer, {"name": "B"}).json()["result"] == "updated"


def test_a_refusal_is_an_answer_too(ingester) -> None:
    first, again = put(ingester, {}), put(ingester, {})
    assert (first.status_code, again.status_code, first.json()) == (422, 422, again.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert put(ingester, {"name": "A"}).status_code == 409


def test_without_a_key_every_call_counts(ingester) -> None:
    assert [ingester.put(ADDRESS, {"name": n}).json()["result"] for n in "AAB"] == ["created", "unchanged", "updated"]
    assert not IdempotentReply.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201, "é", "a\tb"])
def test_a_key_that_is_none_is_a_400(ingester, key) -> None:
    response = put(ingester, {"name": "A"}, key)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_wrong")


def test_what_is_no_refusal_is_kept_by_nobody(ingester, monkeypatch) -> None:
    def broken(*args, **kwargs):
        Account.objects.create(external_id="half", name="Half")
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.api.views.upsert_account", broken)
    ingester.raise_request_exception = False
    assert put(ingester, {"name": "A"}).status_code == 500
    assert not Account.objects.exists()
    assert not IdempotentReply.objects.exists()
    monkeypatch.undo()
    assert put(ingester, {"name": "A"}).status_code == 201


def test_a_refusal_takes_back_what_was_half_written(ingester, monkeypatch) -> None:
    from accounts.exceptions import DomainError

    def refusing(*args, **kwargs):
        Account.objects.create(external_id="half", name="Half")
        raise DomainError("No.")

    monkeypatch.setattr("accounts.api.views.upsert_account", refusing)
    assert put(ingester, {"name": "A"}).status_code == 422
    assert not Account.objects.exists()
    assert IdempotentReply.objects.get().status == 422


def test_while_the_first_is_at_work_the_second_is_asked_to_come_back(ingester, monkeypatch) -> None:
    monkeypatch.setattr(idempotency, "_mine", lambda token_id, key: False)
    response = put(ingester, {"name": "A"})
    assert (response.status_code, response.json()["code"], response.headers["Retry-After"]) == (
        409,
        "idempotency_key_at_work",
        "1",
    )
    assert not Account.objects.exists()


def test_old_answers_are_forgotten(ingester) -> None:
    put(ingester, {"name": "A"}, "old")
    IdempotentReply.objects.update(created_at=timezone.now() - timedelta(days=3))
    put(ingester, {"name": "A"}, "new")
    forget_replies_task()
    assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["new"]
    assert forget_replies() == 0


def test_the_lock_is_the_databases() -> None:
    assert idempotency._mine(1, "k")
    assert idempotency._mine(1, "k")  # ours already
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")
        assert cursor.fetchone()[0] == 1
