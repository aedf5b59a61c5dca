"""Production refuses to start half configured, each time in one plain sentence."""

import os
import subprocess
import sys

import pytest

from config.embedded.addresses import ROOT

COMPLETE = {
    "DATABASE_URL": "postgres://app@127.0.0.1:1/app",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "tenure.example",
    "BASE_URL": "https://tenure.example",
}
CHECK, WEB = ("manage.py", "check"), ("-c", "import config.wsgi")


def start(data_dir, *command, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in {*COMPLETE, "DEBUG"}}
    return subprocess.run(
        [sys.executable, *(command or CHECK)],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEBUG": "1"}, "DEBUG is on while DATABASE_URL names a server: switch DEBUG off."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set: give it a long random text."),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set: name the hosts this installation answers to."),
        (
            {"REDIS_URL": ""},
            "REDIS_URL is not set: name the Redis or Valkey server that carries the tasks.",
        ),
    ],
)
def test_production_refuses_to_start(tmp_path, change, sentence):
    done = start(tmp_path, **(COMPLETE | change))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


def test_a_complete_production_starts(tmp_path):
    done = start(tmp_path, **COMPLETE)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [CHECK, WEB])
def test_one_that_was_never_told_its_address_starts_and_says_so(tmp_path, command):
    done = start(tmp_path, *command, **(COMPLETE | {"BASE_URL": ""}))
    assert done.returncode == 0
    assert "Links in mails lead to http://127.0.0.1:8000: BASE_URL says how people open it." in done.stderr


def test_with_nothing_set_it_starts_and_keeps_its_secret_key(tmp_path):
    assert start(tmp_path).returncode == 0
    secret = (tmp_path / "secret_key").read_text()
    assert len(secret) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert start(tmp_path).returncode == 0
    assert (tmp_path / "secret_key").read_text() == secret
