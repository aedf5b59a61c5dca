"""A worker that is killed while it sends: every mail arrives, at most one of them twice, and that one says so."""

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.services.installation import until
from tests.services.smtp import Sink, sink

COUNT = 300
WRITE = f"""
from accounts.domain.mails import Letter, write_mails
letters = [Letter("escalation", f"n{{n}}", to=f"p{{n}}@acme.example", subject="News", text="All is well.") for n in range({COUNT})]
answer = len(write_mails(letters))
"""


@pytest.fixture
def server(monkeypatch) -> Iterator[Sink]:
    with sink() as server:
        monkeypatch.setenv("EMAIL_URL", server.url)
        yield server


def states(installation) -> dict[str, int]:
    return dict(installation.query("select status, count(*) from accounts_mail group by 1"))


def wait_five_minutes(installation) -> None:
    """What was claimed has been claimed for long."""
    with installation.connect() as connection:
        connection.execute("update accounts_mail set claimed_at = claimed_at - interval '6 minutes'")


def test_a_killed_sender_loses_nothing_and_repeats_at_most_one(installation, server):
    assert installation.python(WRITE) == COUNT
    server.hold_at = COUNT // 2
    first = installation.worker(name="first", concurrency=1)
    installation.publish("accounts.tasks.send_mails")
    assert server.holding.wait(200)
    os.killpg(first.process.pid, signal.SIGKILL)  # the mail is there; nobody has written that down
    server.go_on.set()
    doubtful, message_id = server.arrived[-1]
    assert states(installation) == {"sent": COUNT // 2 - 1, "sending": 1, "queued": COUNT // 2}

    installation.worker(name="second", concurrency=2)
    for _ in range(3):  # and once more, and once more: who comes late finds nothing to do
        installation.publish("accounts.tasks.send_mails")
    until(lambda: states(installation) == {"sent": COUNT - 1, "sending": 1})
    wait_five_minutes(installation)
    installation.publish("accounts.tasks.send_mails")
    until(lambda: states(installation) == {"sent": COUNT})

    times = Counter(address for address, _id in server.arrived)
    assert sorted(times) == sorted(f"p{n}@acme.example" for n in range(COUNT))
    assert {address: n for address, n in times.items() if n > 1} == {doubtful: 2}
    assert [found for address, found in server.arrived if address == doubtful] == [message_id] * 2
    assert installation.query('select "to" from accounts_mail where repeated') == [(doubtful,)]


def test_a_mail_server_that_comes_back_gets_them_all(installation, server, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp://127.0.0.1:9")  # nobody there
    installation.python(WRITE)
    worker = installation.worker(name="first", concurrency=1)
    installation.publish("accounts.tasks.send_mails")
    until(lambda: "the mail server does not answer" in installation.log("first"))
    assert states(installation) == {"queued": COUNT}
    worker.stop()

    monkeypatch.setenv("EMAIL_URL", server.url)
    installation.worker(name="second", concurrency=2)
    installation.publish("accounts.tasks.send_mails")
    until(lambda: states(installation) == {"sent": COUNT})
    assert len({address for address, _id in server.arrived}) == len(server.arrived) == COUNT
