"""Personal addresses are in no log and in no error report."""

import json
import logging
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.hiding import hidden, in_reports
from accounts.registry import link_purposes
from config.embedded.addresses import ROOT

TOKEN = "WWuzu67tKMS0dGYJd7qMKgsEOHULTVizJJNyTwgcRGUg"


def logged(capfd, say) -> str:
    """What the handlers of the settings print."""
    formatter = settings.LOGGING["formatters"]["lines"]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter["()"](**{key: value for key, value in formatter.items() if key != "()"}))
    logger = logging.getLogger("test.hiding")
    logger.addHandler(handler)
    try:
        say(logger)
    finally:
        logger.removeHandler(handler)
    return capfd.readouterr().err


@pytest.mark.parametrize("where", ["c", "n", "i", "u", "p", "b", "calendar"])
def test_no_log_line_names_one(where, capfd):
    path = f"/{where}/{TOKEN}/?lang=fr"

    def say(logger):
        logger.warning("Not Found: %s", path)
        try:
            raise ValueError(f"http://127.0.0.1:8000{path}")
        except ValueError:
            logger.exception("Internal Server Error: %s", path)

    told = logged(capfd, say)

    assert TOKEN not in told
    assert f"Not Found: /{where}/…/?lang=fr" in told
    assert "ValueError" in told


def test_every_purpose_of_a_link_is_hidden():
    for purpose in link_purposes:
        address = reverse(purpose.url_name, args=[TOKEN], urlconf="config.urls") if _is_built(purpose) else ""
        assert TOKEN not in hidden(f"GET {address} 200"), purpose.name


def _is_built(purpose) -> bool:
    return not purpose.url_name.startswith("tryout")


def test_error_reports_are_cleaned_all_the_way_down():
    event = {
        "request": {
            "url": f"https://cs.example/n/{TOKEN}/",
            "headers": {"Referer": f"https://cs.example/c/{TOKEN}/plan/"},
        },
        "breadcrumbs": {"values": [{"message": f"GET /u/{TOKEN}/", "level": 3}]},
        "exception": {"values": [{"value": f"calendar /calendar/{TOKEN}.ics"}]},
    }
    told = json.dumps(in_reports(event, None), ensure_ascii=False)

    assert TOKEN not in told
    assert "https://cs.example/c/…/plan/" in told
    assert '"level": 3' in told


@pytest.mark.parametrize("text", ["/accounts/17/", "GET /api/v1/accounts/c-1", "/numbers/", "and/or", ""])
def test_other_addresses_stay_readable(text):
    assert hidden(text) == text


def test_sentry_is_given_the_cleaner(tmp_path):
    code = (
        "import sentry_sdk\nfound = {}\nsentry_sdk.init = lambda **given: found.update(given)\n"
        "import config.settings\nprint(sorted(k for k, v in found.items() if getattr(v, '__name__', '') == 'in_reports'))"
    )
    environment = {"SENTRY_DSN": "https://x@sentry.example/1", "DATA_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['before_breadcrumb', 'before_send', 'before_send_transaction']"
