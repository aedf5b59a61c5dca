"""A demo company is dumped, the database dropped and restored: every row is what it was, and the doctor is content."""

import subprocess

from config.embedded import addresses
from config.embedded.binaries import find_postgres
from tests.services.installation import Installation

TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
# Of the rows as texts, in an order that does not depend on where they lie.
CHECKSUM = "select count(*), coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {} t"
SEQUENCES = "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"
# What the database itself holds: a restore that leaves out a trigger or an index loses rules.
HELD = """
select 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text from pg_trigger where not tgisinternal
union all select 'constraint', conrelid::regclass::text, conname::text, convalidated::text from pg_constraint
    where connamespace = 'public'::regnamespace
union all select 'index', indrelid::regclass::text, indexrelid::regclass::text, concat(indisunique, indisvalid, indnatts)
    from pg_index join pg_class on pg_class.oid = indrelid where relnamespace = 'public'::regnamespace
order by 1, 2, 3
"""


def content(installation: Installation) -> dict:
    tables = [name for (name,) in installation.query(TABLES)]
    sums = {name: installation.query(CHECKSUM.format(f'"{name}"'))[0] for name in tables}
    return {"tables": sums, "sequences": installation.query(SEQUENCES), "held": installation.query(HELD)}


def run(installation: Installation, tool: str, *arguments: str) -> None:
    with installation.here():
        where = ["--host", str(addresses.postgres_socket_dir()), "--username", "app"]
    done = subprocess.run([find_postgres() / tool, *where, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_restored_is_what_was_dumped(installation, tmp_path):
    installation.manage("demo", "--accounts", "30", "--seed", "7")
    before, backup = content(installation), str(tmp_path / "tenure.dump")
    assert before["tables"]["accounts_account"][0] >= 30
    assert "healthy" in installation.manage("doctor", "--without-broker")

    run(installation, "pg_dump", "--format=custom", f"--file={backup}", "app")
    run(installation, "dropdb", "--force", "app")
    run(installation, "createdb", "app")
    run(installation, "pg_restore", "--dbname=app", "--exit-on-error", backup)

    assert content(installation) == before
    assert "healthy" in installation.manage("doctor", "--without-broker")
    # And it is alive: triggers fire, numbers go on behind the last.
    assert installation.python(
        "from django.db import transaction\nfrom accounts.domain.activity import record\n"
        "from accounts.models import Account\n"
        "with transaction.atomic():\n    row = record(Account.objects.first(), 'note.written', text='Back')\n"
        "answer = row.pk > 0"
    )
