"""A real Chromium before a real server: `page_of(chloe)` is her browser, signed in, at the queue's address.

Whatever a browser writes to its console as an error, script errors and what the content security policy
refuses among it, fails the test. Tasks wait in memory as in every other test: `queue.drain()` runs them.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import User
from tests.browser.chromium import launch
from tests.conftest import session_of

# Playwright's loop runs in this thread, and Django would take that for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 120_000  # ms: what is waited for comes, how soon depends on the machine
REFUSED = "the server responded with a status of 4"  # a refusal that a story asked for

Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _whole_database(transactional_db: None) -> None:
    """The server has its own connections, so rows are really committed; what an empty house has comes back after."""


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Opener]:
    """A new browser of nobody's; what it complains about is the test's failure."""
    complaints: list[str] = []
    contexts = []

    def opened(*, user: User | None = None, size: dict[str, int] = DESKTOP, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=size, reduced_motion="reduce", locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and complaints.append(f"{page.url}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [line for line in complaints if REFUSED not in line] == []


@pytest.fixture
def page_of(open_page: Opener) -> Opener:
    return lambda user, **options: open_page(user=user, **options)
