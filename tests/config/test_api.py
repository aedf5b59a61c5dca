"""API v1 as a whole: every refusal has one shape, and nothing that is sent to it is a crash."""

import json
import time

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from accounts.api.throttling import TokenThrottle
from accounts.domain.tokens import create_token
from accounts.models import Account

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/accounts/a"


@pytest.fixture
def program() -> APIClient:
    _row, token = create_token(name="billing", scopes=["admin"])
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")


def put(program: APIClient, body: bytes, content_type: str = "application/json") -> tuple[int, str]:
    response = program.generic("PUT", ADDRESS, body, content_type)
    answer = response.json()
    assert set(answer) <= {"detail", "code", "errors"} or response.status_code < 300
    return response.status_code, answer.get("code", "")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b" ",
        b"name=A",
        b'{"name": "A"} trailing',
        b'{"name": NaN}',
        b'{"name": "A", "custom": {"x": Infinity}}',
        b'{"name": "A", "custom": {"x": 1e999}}',
        b'{"name": "A", "custom": {"x": -1e999}}',
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": "\xff\xfe"}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{'name': 'A'}",
        b"\x00",
    ],
)
def test_what_is_no_json_is_a_400(program, body) -> None:
    assert put(program, body) == (400, "parse_error")
    assert not Account.objects.exists()


@pytest.mark.parametrize("body", ["null", "1", "true", '"x"', "[]", '[{"name": "A"}]'])
def test_what_is_no_object_is_a_422(program, body) -> None:
    assert put(program, body.encode()) == (422, "invalid")


@pytest.mark.parametrize("name", ["A\\u0000B", "\\u202eA", "A\\r\\nSet-Cookie: x=1", "\\ufeffA"])
def test_hostile_text_is_stored_or_cleaned_and_never_a_crash(program, name) -> None:
    assert put(program, f'{{"name": "{name}", "industry": "{name}"}}'.encode())[0] == 201
    assert program.get(ADDRESS).status_code == 200
    assert "A" in Account.objects.get().name or "B" in Account.objects.get().name


def test_a_byte_order_mark_does_no_harm(program) -> None:
    assert put(program, b'\xef\xbb\xbf{"name": "A"}')[0] == 201


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "A\\ud800"}',
        b'{"name": "\\udfff\\ud800"}',
        b'{"\\uD800": 1}',
        b'{"name": "A", "custom": {"x": "\\ud800"}}',
        b'{"name": "A", "custom": {"\\udc00": 1}}',
    ],
)
def test_half_a_character_is_refused(program, body) -> None:
    assert put(program, body) == (400, "parse_error")


def test_both_halves_are_one_character(program) -> None:
    assert put(program, b'{"name": "\\ud83d\\ude42"}')[0] == 201
    assert Account.objects.get().name == "\U0001f642"


def test_what_it_does_not_know_comes_back_as_it_was_called(program) -> None:
    for key in ("k1", None):
        headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        for _n in range(2):
            answer = program.generic("PUT", ADDRESS, b'{"\\u0000x": 1}', "application/json", **headers)
            assert (answer.status_code, list(answer.json()["errors"])) == (422, ["\x00x"])


def test_a_body_over_the_limit_is_a_413(program, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"name": "A", "industry": "x" * 2000}).encode()
    assert put(program, body) == (413, "too_large")
    with_key = program.generic("PUT", ADDRESS, body, "application/json", HTTP_IDEMPOTENCY_KEY="k")
    assert (with_key.status_code, with_key.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "nonsense",
        "",
    ],
)
def test_what_is_not_json_is_a_415(program, content_type) -> None:
    assert put(program, b'{"name": "A"}', content_type) == (415, "unsupported_media_type")


def test_methods_that_are_none_are_a_405(program) -> None:
    for method, address in (("POST", ADDRESS), ("DELETE", ADDRESS), ("PUT", "/api/v1/accounts"), ("TRACE", ADDRESS)):
        response = program.generic(method, address)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    "address", ["", "nothing", "accounts/", "accounts/a/b/c/d", "%00", "a%0Ab", "%0A", "../admin/"]
)
def test_addresses_that_are_none_answer_like_the_rest(program, address) -> None:
    answer = program.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found.", "code": "not_found"})
    assert APIClient().get(f"/api/v1/{address}").status_code == 401


def test_too_many_calls_are_a_429_with_the_time_to_wait(program, monkeypatch) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "3/min", raising=False)
    answers = [program.get("/api/v1/accounts") for _n in range(4)]
    assert [response.status_code for response in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].json()["code"] == "throttled"
    _row, token = create_token(name="other", scopes=["read"])
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get("/api/v1/accounts").status_code == 200


def test_after_the_time_to_wait_calls_go_on(program, monkeypatch) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "2/s", raising=False)
    calls = (program.get("/api/v1/accounts").status_code for _n in range(100))
    assert 429 in calls  # the third one, where all of them come within one second
    time.sleep(1.1)
    assert program.get("/api/v1/accounts").status_code == 200


def test_without_the_cache_calls_go_on(program, settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert program.get("/api/v1/accounts").status_code == 200


def test_a_database_that_is_away_is_a_503(program, monkeypatch) -> None:
    def away(*args, **kwargs) -> None:
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr("accounts.api.views.account_or_404", away)
    response = program.get(ADDRESS)
    assert (response.status_code, response.headers["Retry-After"], response.json()["code"]) == (503, "2", "unavailable")


# The schema and its page --------------------------------------------------------------------------------------


def test_the_schema_is_for_tokens_and_for_people(program, signed_in, vera) -> None:
    assert APIClient().get("/api/schema/").status_code == 401
    assert program.get("/api/schema/").status_code == 200
    assert signed_in(vera).get("/api/schema/").status_code == 200


def test_the_page_asks_for_a_sign_in_and_keeps_the_policy(client, signed_in, vera) -> None:
    asked = client.get("/api/docs/")
    assert (asked.status_code, asked.headers["Location"]) == (302, "/login/?next=/api/docs/")
    page = signed_in(vera).get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "<style" not in text
    assert all('src="' in script for script in text.split("<script")[1:])


def test_every_write_documents_its_key_and_its_refusals(program) -> None:
    schema = json.loads(program.get("/api/schema/?format=json").content)
    writes = [
        operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in ("put", "post", "patch", "delete")
    ]
    assert len(writes) >= 4
    for operation in writes:
        assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}
        assert {"400", "401", "403", "409", "413", "415", "422", "429"} <= set(operation["responses"])
