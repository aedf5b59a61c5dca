"""Promises of the house as a whole that no single page keeps: what every answer says to browsers, sessions, passwords,
what addresses give away, what every file is safe from."""

import csv
import io
import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from model_bakery import baker

from accounts.domain import webhooks
from accounts.domain.links import address_of
from accounts.domain.tokens import create_token
from accounts.models import Account, Contact, Renewal, User
from health.models import Answer, Invite, Survey
from referrals.models import Partner, Program
from tests.conftest import PASSWORD
from tests.test_architecture import PUBLIC, named_urls

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


# What every answer says to browsers ------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["stranger", "staff", "customer", "nobody's"])
def test_every_page_tells_the_browser_to_trust_nothing_else(whose, client, alice, signed_in):
    contact = baker.make(Contact, account__name="Acme", account__external_id="acme", email="kim@acme.example")
    browser, path = {
        "stranger": (client, "/login/"),
        "staff": (signed_in(alice), "/settings/webhooks/"),
        "customer": (client, urlsplit(address_of(contact, "portal")).path),
        "nobody's": (client, "/c/nobody/"),
    }[whose]
    headers = browser.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))

    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (policy["frame-ancestors"], policy["object-src"], policy["base-uri"]) == ("'none'", "'none'", "'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    # Of a personal link at most the house it leads to.
    assert headers["Referrer-Policy"] == ("strict-origin" if whose in {"customer", "nobody's"} else "same-origin")


# Sessions and passwords --------------------------------------------------------------------------------


def browser_of(user: User) -> Client:
    """Through the door, not around it."""
    browser = Client()
    browser.post("/login/", {"login": user.email, "password": PASSWORD})
    assert browser.get("/").status_code == 200
    return browser


def test_sessions_elsewhere_are_ended_by_their_owner(chloe, marc):
    here, elsewhere, other = browser_of(chloe), browser_of(chloe), browser_of(marc)
    assert here.post(reverse("usersessions_list")).status_code == 302
    assert [browser.get("/").status_code for browser in (here, elsewhere, other)] == [200, 302, 200]


def test_sessions_end_by_the_clock(chloe):
    browser = browser_of(chloe)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    (session,) = Session.objects.all()
    assert timedelta(days=13) < session.expire_date - timezone.now() <= timedelta(days=14)
    kept = SessionStore(session.session_key)
    kept._cache.delete(kept.cache_key)  # Valkey has a clock of its own
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert browser.get("/").status_code == 302


def test_a_new_password_ends_what_was_signed_in_with_the_old_one(signed_in, chloe):
    browser, elsewhere = signed_in(chloe), signed_in(chloe)
    chloe.set_password("another long one that is nobody's")
    chloe.save()
    assert [one.get("/").status_code for one in (browser, elsewhere)] == [302, 302]


@pytest.mark.parametrize("password", ["password123", "qwertyuiop", "chloe@tenure", "short1", "12345678"])
def test_passwords_that_everybody_tries_are_refused(chloe, password):
    browser = browser_of(chloe)
    sent = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    answer = browser.post(reverse("account_change_password"), sent)
    chloe.refresh_from_db()
    assert answer.context["form"].errors
    assert chloe.check_password(PASSWORD)


# What addresses and logs give away ------------------------------------------------------------------------


def test_no_address_that_strangers_see_counts_rows():
    """A number can be guessed: the next customer's, the one before. Within somebody's own page it is looked up among
    what is theirs; pictures are for everybody, once their program is."""
    guessable = [
        name
        for name, pattern in named_urls(get_resolver().url_patterns)
        if name in PUBLIC - {"referrals:picture"}
        and any("Int" in type(kind).__name__ for kind in pattern.pattern.converters.values())
        and not pattern.pattern.converters.keys() & {"token", "key", "code"}
    ]
    assert guessable == []


def test_no_log_line_has_a_secret(caplog, client, alice):
    _row, token = create_token(name="Secretive", scopes=["admin"])
    _hook, secret = webhooks.add(url="https://8.8.8.8/hook", events=["mrr.new"])
    with caplog.at_level(logging.DEBUG):
        client.post("/login/", {"login": alice.email, "password": PASSWORD})
        client.get("/settings/tokens/")
        client.get("/api/v1/webhooks", headers={"Authorization": f"Bearer {token}"})
        client.get("/api/v1/webhooks?q=x", headers={"Authorization": f"Bearer {token}x"})
        client.post("/login/", {"login": alice.email, "password": "a wrong guess of mine"})
    said = caplog.text + "".join(str(vars(record)) for record in caplog.records if record.name != "django.request")
    assert "/api/v1/webhooks" in said
    assert [word for word in (PASSWORD, token, secret, "a wrong guess of mine") if word in said] == []


# Files ----------------------------------------------------------------------------------------------------

FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def hostile(alice, chloe) -> None:
    """Somebody whose every name is a formula."""
    account = baker.make(Account, name=f"x;{FORMULA}", external_id="=1+1", csm=chloe, domain="", country=FORMULA[:60])
    contact = baker.make(Contact, account=account, name=FORMULA, email="kim@acme.example")
    survey = Survey.objects.first() or baker.make(Survey, slug="s", name="S")
    invite = baker.make(Invite, survey=survey, contact=contact, account=account)
    baker.make(Answer, invite=invite, survey=survey, contact=contact, account=account, score=3, comment=f"x;{FORMULA}")
    soon = timezone.now().date() + timedelta(days=20)
    baker.make(
        Renewal, account=account, subscription__account=account, subscription__external_id=FORMULA,
        starts_on=soon - timedelta(days=365), ends_on=soon, decision_date=soon,
    )  # fmt: skip
    baker.make(Partner, program=baker.make(Program, slug="p", name=FORMULA), name=FORMULA)


def test_no_file_has_a_cell_that_a_spreadsheet_would_run(hostile, alice, signed_in):
    browser, looked_at, cells = signed_in(alice), [], 0
    for name, pattern in named_urls(get_resolver().url_patterns):
        if not re.search("export|csv|file|download", f"{name} {pattern.pattern}") or pattern.pattern.converters:
            continue
        answer = browser.get(reverse(name))
        if "text/csv" not in answer.headers.get("Content-Type", ""):
            continue
        content = b"".join(answer) if answer.streaming else answer.content
        for delimiter in ",;\t":  # a spreadsheet divides a line as its country does
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter):
                cells += sum("evil.example" in cell for cell in row)
                assert [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))] == [], name
        looked_at.append(name)
    assert len(looked_at) >= 4, looked_at
    assert cells >= 4


def test_every_package_is_pinned_by_its_hash():
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = re.sub(r"\\\n", " ", lock.read_text())
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert lines
        assert [
            line[:60] for line in lines if not re.match(r"[\w.\[\],-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)
        ] == []


@pytest.mark.parametrize(("path", "refused"), [("/login/", 400), ("/nowhere/", 404)])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data"])
def test_a_form_that_cannot_be_read_is_refused(path: str, refused: int, kind: str) -> None:
    """Who looks for the token in it must not fail over it again."""
    browser = Client(enforce_csrf_checks=True)
    browser.get("/login/")
    assert browser.post(path, b"login=x", content_type=kind).status_code == refused
