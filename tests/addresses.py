"""Addresses of its own for a whole test file."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test.utils import override_settings


def addresses_from(module: str) -> Callable[..., Any]:
    """A fixture to be kept under any name. With pytest.mark.urls each test reads all of them anew."""

    @pytest.fixture(autouse=True, scope="module")
    def addresses() -> Iterator[None]:
        with override_settings(ROOT_URLCONF=module):
            yield

    return addresses
