"""Work for the queue's stories, and how to speak of its parts."""

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import FollowUp, User
from tests.accounts.spine import make_account, make_follow_up


def give(csm: User, *names: str, **fields: Any) -> list[FollowUp]:
    """A follow-up for each account, the dearest first: that is the queue's order."""
    now = timezone.now()
    return [
        make_follow_up(
            make_account(name, csm=csm, mrr=1000 * (len(names) - place), band="red", score=30),
            title=f"Call {name}",
            reason="Usage fell by half in 14 days.",
            opened_at=now,
            due_at=now + timedelta(hours=30),
            steps=[{"text": "Read the tickets", "done": False}, {"text": "Call", "done": False}],
            **fields,
        )
        for place, name in enumerate(names)
    ]


def row(page: Page, name: str) -> Locator:
    return page.locator("#queue-rows [data-row]").filter(has_text=f"Call {name}")


def titles(page: Page) -> Locator:
    return page.locator("#queue-rows .fu-title")


def shows(page: Page, *names: str) -> None:
    expect(titles(page)).to_have_text([re.compile(f"Call {name}") for name in names])


def toast(page: Page, text: str) -> None:
    expect(page.locator(".toast").filter(has_text=text).first).to_be_visible()
