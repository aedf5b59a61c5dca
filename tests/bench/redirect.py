"""The referral redirect: what stands between a click and the landing page."""

from http.client import HTTPConnection
from typing import Any

from django.utils import timezone

from referrals.enums import PartnerStatus, ProgramStatus
from referrals.models import Click, Code, Partner, Program
from tests.bench import processes
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure
from tests.bench.pages import EMPTY_PAGE, served

CODE = "bench-kim"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def _code() -> Code:
    program = Program.objects.create(
        slug="bench",
        name="Bench",
        currency="EUR",
        status=ProgramStatus.RUNNING,
        landing_urls=["https://tenure.example/"],
    )
    partner = Partner.objects.create(
        program=program, name="Kim", email="kim@bench.example", email_key="kim@bench.example",
        status=PartnerStatus.APPROVED, approved_at=timezone.now(),
    )  # fmt: skip
    return Code.objects.create(partner=partner, code=CODE, key=CODE)


def _followed(connection: HTTPConnection) -> None:
    connection.request("GET", f"/r/{CODE}", headers={"User-Agent": AGENT})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, answer.status


@measure("referral_redirect")
def referral_redirect(bench: Bench) -> Result:
    """The click is handed to a worker; nothing but the code is asked of the database."""
    code = _code()
    with processes.web() as (server, _child):
        work: dict[str, Any] = {"empty": lambda: served(server, EMPTY_PAGE), "redirect": lambda: _followed(server)}
        series = in_turns(work, rounds=15)
    Click.objects.filter(code=code).delete()
    return at_most(series.ratio("redirect", "empty"), 3, milliseconds=series.milliseconds("redirect"))
