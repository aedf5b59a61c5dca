"""`manage.py prepare`: what `make run` does to the database before anybody sees it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.core.management.sql import emit_post_migrate_signal
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from accounts.models import Account, Playbook
from config.demo.team import hire

pytestmark = pytest.mark.django_db

# Whichever of the two is in force while the tests are loaded.
DJANGOS = ProjectState.reload_model


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


@pytest.mark.parametrize(
    ("applied", "said", "quick"),
    [({}, "Making the database…\n", True), ({("accounts", "0001_initial"): None}, "", False)],
    ids=["new", "used"],
)
def test_only_a_new_database_is_made_the_quick_way(monkeypatch, applied, said, quick):
    """What has rows in it is changed as Django changes it."""
    ways = []
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: applied)
    monkeypatch.setattr(ProjectState, "reload_model", DJANGOS)
    monkeypatch.setattr(
        Migrate, "handle", lambda self, **_options: ways.append(ProjectState.reload_model is not DJANGOS)
    )
    assert prepare("--no-demo") == said
    assert ways == [quick]
    assert ProjectState.reload_model is DJANGOS


def test_what_an_installation_starts_with_is_not_written_on_the_way_back() -> None:
    Playbook.objects.all().delete()
    emit_post_migrate_signal(0, False, "default", plan=[(None, True)])
    assert not Playbook.objects.exists()
    emit_post_migrate_signal(0, False, "default", plan=[(None, False)])
    assert Playbook.objects.filter(key="churned").exists()
