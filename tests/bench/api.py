"""A program that posts: its token, and its call through the product's WSGI application."""

import io
import json
from functools import lru_cache
from typing import Any

from accounts.domain.tokens import create_token
from tests.bench.server import application

USAGE = "/api/v1/usage"


@lru_cache
def token() -> str:
    return create_token(name="bench", scopes=["read", "ingest", "write"])[1]


def post_usage(events: list[dict[str, Any]]) -> dict[str, Any]:
    return post(USAGE, json.dumps({"events": events}).encode())


def post(address: str, body: bytes) -> dict[str, Any]:
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": address,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {token()}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    response = application(environ, lambda code, _headers, _error=None: status.append(code))
    answer = b"".join(response)
    response.close()
    assert status[0].startswith("20"), (address, status, answer[:300])
    return json.loads(answer)
