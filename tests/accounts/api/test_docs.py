"""What docs/api.md tells programs to send is taken, and answered as it says."""

import json
import re
from pathlib import Path

import pytest
import time_machine

pytestmark = pytest.mark.django_db
TOLD = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
CALL = re.compile(r"^    (GET|PUT|POST) (\S+)\n((?:    .*\n)*)", re.MULTILINE)
ANSWER = re.compile(r"^answers\n\n    (.*)$", re.MULTILINE)


def test_what_is_told_is_what_happens(program, chloe, queue) -> None:
    client, answers = program("ingest", "read"), []
    with time_machine.travel("2026-03-04T10:00:00Z", tick=False):
        for method, path, body in CALL.findall(TOLD):
            answers.append((path, client.generic(method, path, body, content_type="application/json")))
            queue.drain()
    assert [(path, answer.status_code) for path, answer in answers if answer.status_code not in {200, 201}] == []
    usage, health, follow_ups, incentives = (answer.json() for _path, answer in answers[-4:])
    assert usage == json.loads(ANSWER.search(TOLD)[1])
    assert health["score"] is not None
    assert follow_ups["results"]
    assert incentives["results"] == []


def test_every_call_says_the_scope_it_asks_for(program) -> None:
    paths = json.loads(program("read").get("/api/schema/?format=json").content)["paths"]
    told = {
        (path, way): call["description"]
        for path, calls in paths.items()
        for way, call in calls.items()
        if "responses" in call
    }
    assert [
        where for where, text in told.items() if not re.search(r"Scope: `(read|ingest|write|admin)`\.$", text)
    ] == []
    assert told["/api/v1/usage", "post"].endswith("Scope: `ingest`.")
    assert told["/api/v1/accounts", "get"] == "Scope: `read`."
