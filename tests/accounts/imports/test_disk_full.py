"""The database's disk is full in the middle of an import: nothing of it stays, and with room again it goes through."""

import pytest
from django.db import DataError, OperationalError, connection

from accounts.domain.imports import runs
from accounts.domain.imports.kinds.accounts import AccountLoader
from accounts.models import Account, Activity, ImportRun
from tests.accounts.imports.files import text_of
from tests.accounts.imports.test_runs import checked, figures

pytestmark = pytest.mark.django_db
ROWS = 400
# What PostgreSQL says of it, at one of the last rows.
FULL = f"""
create function full_up() returns trigger language plpgsql as $$ begin
    if new.external_id = 'a{ROWS - 5}' then
        raise exception 'could not extend file: No space left on device' using errcode = '53100';
    end if;
    return new;
end $$;
create trigger full_up before insert on accounts_account for each row execute function full_up();
"""


@pytest.mark.parametrize("stage", ["check", "run"])
def test_nothing_stays_and_it_is_tried_again(stage):
    text = text_of(["external_id", "name"], [[f"a{n}", f"Account {n}"] for n in range(ROWS)])
    run = checked(text=text)
    if stage == "run":
        runs.start(run)
    else:
        runs.choose_mapping(run, runs.mapping_of(run))
    with connection.cursor() as cursor:
        cursor.execute(FULL)

    with pytest.raises(OperationalError, match="No space left on device"):
        runs.work(run.pk)  # the worker says so in its log; the sweep sends it again
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("running" if stage == "run" else "preview", 1)
    assert (Account.objects.count(), Activity.objects.count()) == (0, 0)

    with connection.cursor() as cursor:
        cursor.execute("drop trigger full_up on accounts_account")
    runs.work(run.pk)
    run.refresh_from_db()
    assert run.status == (ImportRun.Status.DONE if stage == "run" else ImportRun.Status.READY)
    assert figures(run.result[stage]) == (ROWS, ROWS, 0, 0, 0)
    assert Account.objects.count() == (ROWS if stage == "run" else 0)


class Failing(AccountLoader):
    def write(self, stage, *, by):
        stage.ask("SELECT 1 / 0")


def test_what_the_server_said_is_told_and_not_what_came_of_it(monkeypatch):
    """Nothing more may be asked within a transaction that has failed: not even to tidy up."""
    run = checked(text="external_id,name\na1,Acme\n")
    runs.start(run)
    monkeypatch.setattr(runs, "loader_of", lambda _run: Failing())
    with pytest.raises(DataError, match="division by zero"):
        runs.work(run.pk)
