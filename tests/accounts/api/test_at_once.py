"""Many programs at once: one creates, none crashes."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from accounts.domain.tokens import create_token, find_token
from accounts.models import Account, Activity, Contact, IdempotentReply, Movement, Subscription, SubscriptionChange
from tests.accounts.revenue import adds_up, make_account

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def token() -> str:
    return create_token(name="billing", scopes=["admin"])[1]


def at_once(token: str, call: Callable[[APIClient, int], object]) -> list:
    """`call(client, n)` from many threads, all starting at the same moment."""
    barrier, answers = Barrier(MANY), [None] * MANY

    def run(number: int) -> None:
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}", raise_request_exception=False)
        barrier.wait()
        try:
            answers[number] = call(client, number)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(n,)) for n in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def codes(answers: list) -> Counter:
    return Counter(response.status_code for response in answers)


def test_one_new_account_is_created_once(token) -> None:
    answers = at_once(token, lambda client, n: client.put("/api/v1/accounts/a", {"name": "A"}))
    assert codes(answers) == {201: 1, 200: MANY - 1}
    assert Account.objects.count() == Activity.objects.filter(kind="account.created").count() == 1


def test_one_new_contact_is_created_once(token) -> None:
    make_account("Acme", external_id="a")
    answers = at_once(token, lambda client, n: client.put("/api/v1/accounts/a/contacts/ann@a.co", {"name": "Ann"}))
    assert codes(answers) == {201: 1, 200: MANY - 1}
    assert Contact.objects.count() == Activity.objects.filter(kind="contact.added").count() == 1


def test_one_new_subscription_moves_once(token) -> None:
    make_account("Acme", external_id="a")
    body = {"currency": "USD", "unit_amount": 100}
    answers = at_once(token, lambda client, n: client.put("/api/v1/accounts/a/subscriptions/S", body))
    assert codes(answers) == {201: 1, 200: MANY - 1}
    assert [m.kind for m in Movement.objects.all()] == ["new"]
    assert adds_up()


def test_different_changes_at_once_add_up(token) -> None:
    make_account("Acme", external_id="a")
    answers = at_once(
        token,
        lambda client, n: client.put(
            f"/api/v1/accounts/a/subscriptions/S{n % 3}", {"currency": "USD", "unit_amount": 10 * n + 1}
        ),
    )
    assert set(codes(answers)) == {200, 201}
    assert Subscription.objects.count() == 3
    assert SubscriptionChange.objects.count() == MANY
    assert adds_up()


def test_one_subscription_for_two_accounts_is_a_conflict_for_one(token) -> None:
    for name in "ab":
        make_account(name, external_id=name)
    answers = at_once(
        token,
        lambda client, n: client.put(f"/api/v1/accounts/{'ab'[n % 2]}/subscriptions/S", {"currency": "USD"}),
    )
    assert codes(answers) == {201: 1, 200: MANY // 2 - 1, 409: MANY // 2}
    assert Subscription.objects.count() == 1


def test_one_key_from_many_does_the_work_once(token) -> None:
    answers = at_once(
        token, lambda client, n: client.put("/api/v1/accounts/a", {"name": "A"}, HTTP_IDEMPOTENCY_KEY="k")
    )
    assert set(codes(answers)) <= {201, 409}
    assert codes(answers)[201] >= 1
    assert Account.objects.count() == IdempotentReply.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute(  # of this database alone: others are tested beside it
            "select count(*) from pg_locks where locktype = 'advisory'"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        assert cursor.fetchone()[0] == 0


def test_a_connection_that_died_between_calls_is_replaced_by_the_first_question(token) -> None:
    row = find_token(token)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()
    connection.health_check_done = False  # as the end of a call leaves it
    assert find_token(token) == row
