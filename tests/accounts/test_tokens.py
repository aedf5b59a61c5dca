"""API tokens: shown once, kept as a digest, refused when they should be."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.domain.tokens import create_token, find_token, revoke_token
from accounts.exceptions import DomainError
from accounts.models import ApiToken

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_only_the_digest_is_kept(alice) -> None:
    row, token = create_token(name="billing", scopes=["ingest", "read", "read"], by=alice)
    assert token.startswith("tnr_")
    assert len(token) > 40
    assert (row.prefix, row.scopes, row.created_by) == (token[:10], ["read", "ingest"], alice)
    assert token not in str(ApiToken.objects.values().get())
    assert find_token(token) == row


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scopes": []}, "scope_missing"),
        ({"scopes": ["root"]}, "unknown_scope"),
        ({"name": "  "}, "name_missing"),
        ({"name": "x" * 81}, "too_long"),
        ({"expires_at": NOW}, "expired"),
    ],
)
def test_what_a_token_needs(fields, code) -> None:
    with pytest.raises(DomainError) as refused, time_machine.travel(NOW):
        create_token(**{"name": "billing", "scopes": ["read"], **fields})
    assert refused.value.code == code


def test_two_tokens_of_one_name_would_be_one_too_many() -> None:
    create_token(name="billing", scopes=["read"])
    with pytest.raises(DomainError) as refused:
        create_token(name="billing", scopes=["read"])
    assert (refused.value.code, refused.value.status) == ("name_taken", 409)


def test_its_last_use_is_kept_to_the_minute(django_assert_num_queries) -> None:
    _row, token = create_token(name="billing", scopes=["read"])
    with time_machine.travel(NOW, tick=False) as clock:
        find_token(token)
        assert ApiToken.objects.get().last_used_at == NOW
        clock.shift(30)
        with django_assert_num_queries(1):
            find_token(token)
        clock.shift(31)
        find_token(token)
        assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=61)


def answer(header: str | None) -> tuple[int, str, str]:
    client = APIClient() if header is None else APIClient(HTTP_AUTHORIZATION=header)
    response = client.get("/api/v1/accounts")
    return response.status_code, response.json().get("code", ""), response.headers.get("WWW-Authenticate", "")


def test_a_token_opens_the_door_until_it_is_expired_or_revoked() -> None:
    row, token = create_token(name="billing", scopes=["read"], expires_at=timezone.now() + timedelta(days=1))
    assert answer(f"Bearer {token}")[0] == 200
    assert answer(f"bearer  {token} ")[0] == 200
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert answer(f"Bearer {token}") == (401, "authentication_failed", "Bearer")
    revoke_token(row)
    revoke_token(row)
    assert answer(f"Bearer {token}") == (401, "authentication_failed", "Bearer")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "not_authenticated"),
        ("", "not_authenticated"),
        ("Basic dXNlcjpwYXNz", "not_authenticated"),
        ("Bearer", "authentication_failed"),
        ("Bearer ", "authentication_failed"),
        ("Bearer tnr_unknown", "authentication_failed"),
        ("Bearer tnr_é\udcff".encode("latin-1", "replace").decode("latin-1"), "authentication_failed"),
        ("Bearer " + "x" * 5000, "authentication_failed"),
        ("Bearer \x00", "authentication_failed"),
    ],
)
def test_a_malformed_header_is_a_401(header, code) -> None:
    assert answer(header) == (401, code, "Bearer")


def test_a_good_token_and_a_bad_one_cost_one_look_up(django_assert_num_queries) -> None:
    _row, token = create_token(name="billing", scopes=["read"])
    find_token(token)
    for given in (token, "tnr_unknown", "tnr_" + "x" * 43):
        with django_assert_num_queries(1):
            find_token(given)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["read"], {"GET"}),
        (["ingest"], {"PUT"}),
        (["read", "ingest"], {"GET", "PUT"}),
        (["write"], {"GET", "PUT", "PATCH"}),
        (["admin"], {"GET", "PUT", "PATCH"}),
    ],
)
def test_scopes(scopes, allowed) -> None:
    _row, token = create_token(name="x", scopes=scopes)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    answers = {
        "GET": client.get("/api/v1/accounts"),
        "PUT": client.put("/api/v1/accounts/a", {"name": "A"}),
        "PATCH": client.patch("/api/v1/follow-ups/1", {"status": "open"}),
    }
    assert {method for method, response in answers.items() if response.status_code != 403} == allowed
    needed = {"GET": "read", "PUT": "ingest", "PATCH": "write"}
    assert {method: response.json() for method, response in answers.items() if method not in allowed} == {
        method: {
            "detail": f"This token does not have the scope for that: it needs {needed[method]}.",
            "code": "permission_denied",
        }
        for method in needed.keys() - allowed
    }


# The command ------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_the_command_prints_the_token_once() -> None:
    token = run("billing", "--scope", "read", "--scope", "ingest", "--expires", "2999-01-01")
    row = find_token(token)
    assert (row.name, row.scopes, row.expires_at) == ("billing", ["read", "ingest"], datetime(2999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["billing", "--scope", "root"], "There is no scope root."),
        (["billing", "--scope", "read", "--expires", "soon"], "is no day"),
        (["billing", "--scope", "read", "--expires", "2020-01-01"], "has passed"),
        (["billing"], "scope"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, sentence) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
    assert not ApiToken.objects.exists()
