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
    "referrals:follow",  # a referral link
    "referrals:None",  # the same with a slash
    "referrals:picture",  # what partners show elsewhere
    "referrals:apply",
    "referrals:applied",
    "referrals:stop",  # who was written to by a partner wants no such mails
    # A partner's own page: an affiliate's by personal link, a contact's in the portal.
    *(
        f"referrals:{whose}_{part}"
        for whose in ("partner", "contact")
        for part in ("page", "terms", "accept", "qr", "invite", "shared", "payout")
    ),
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
    "booking-again",
    "booking-move",
    "booking-cancel",
    "checklist",  # a contact's own link
    "checklist-join",
    "checklist-invite",
    "checklist-tick",
    "checklist-untick",
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
