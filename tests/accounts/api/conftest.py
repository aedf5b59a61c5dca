"""Programs that call the API: `reader`, `ingester`, `writer`, each with a token of that scope."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.domain.tokens import create_token


@pytest.fixture
def program(db) -> Callable[..., APIClient]:
    def with_scopes(*scopes: str, name: str = "") -> APIClient:
        _row, token = create_token(name=name or "+".join(scopes), scopes=scopes)
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    return with_scopes


@pytest.fixture
def reader(program) -> APIClient:
    return program("read")


@pytest.fixture
def ingester(program) -> APIClient:
    return program("read", "ingest")


@pytest.fixture
def writer(program) -> APIClient:
    return program("write")
