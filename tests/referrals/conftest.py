from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.domain.tokens import create_token


@pytest.fixture
def api(db) -> Callable[..., APIClient]:
    """A program that calls the API, with a token of these scopes."""

    def with_scopes(*scopes: str) -> APIClient:
        _row, token = create_token(name="+".join(scopes), scopes=scopes)
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    return with_scopes
