"""House rules that a machine can hold."""

import subprocess
import sys
from pathlib import Path

from django.urls import URLPattern, URLResolver

ROOT = Path(__file__).resolve().parent.parent

# Every address that answers without a sign-in, by name. A new one is a decision, and is made here.
PUBLIC = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",  # answers "closed"
    "mfa_authenticate",
    "favicon",
    "calendar",  # the address is the secret
    "health:survey",  # a contact's own link
    "health:survey_seen",
    "health:survey_trap",
    "healthz",
    "intent",
    "readyz",
    "portal",
    "portal-change",
    "portal-confirm",
    "portal-undo",
    "portal-cancel",
    "portal-keep",
    "unsubscribe",
    "book",  # anybody's: with the questions that qualify
    "book-as-contact",
    "booking",
    "booking-move",
    "booking-cancel",
}


def test_imports_follow_the_house() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "2 kept, 0 broken" in done.stdout, done.stdout


def test_top_level_is_the_one_agreed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in tracked.splitlines()}

    assert {top for top in tops if not top.startswith(".")} <= {
        "manage.py", "pyproject.toml", "README.md", "config", "accounts", "health", "onboarding", "referrals",
        "templates", "tests", "Makefile", "requirements", "docs",
    }  # fmt: skip


def named_urls(patterns: list, prefix: str = "", namespace: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += named_urls(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            found.append((f"{namespace}{pattern.name}", pattern))
    return found
