"""`manage.py prepare`: what `make run` does to the database before anybody sees it."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Account
from config.demo.team import hire

pytestmark = pytest.mark.django_db


def prepare(*arguments: str) -> str:
    said = StringIO()
    call_command("prepare", *arguments, stdout=said)
    return said.getvalue()


def test_a_company_that_has_accounts_gets_no_demo(alice):
    Account.objects.create(name="Real customer", external_id="real")
    assert prepare() == ""
    assert Account.objects.count() == 1


def test_an_empty_one_stays_empty_when_asked_to():
    assert prepare("--no-demo") == ""
    assert Account.objects.count() == 0


def test_the_demo_team_is_named_at_every_start():
    hire()
    said = prepare("--no-demo").splitlines()
    assert (said[0], said[1], said[-1]) == (
        "Sign in as:",
        "  admin@tenure.example         Admin",
        "  password: tenure-demo",
    )
