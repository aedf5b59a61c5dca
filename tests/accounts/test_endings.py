"""Canceled by somebody, or closed because the reason went away: the reader is told which, and why."""

import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain import dispatch
from accounts.domain.activity import Actor, record
from accounts.domain.followups import cancel, complete
from accounts.domain.followups.endings import ending_of
from accounts.models import FollowUp
from tests.accounts.queue import post, words
from tests.accounts.spine import NOON, contract, make_account, make_follow_up, make_playbook

pytestmark = pytest.mark.django_db
GREW = "Expansion: MRR $300 → $500"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def closed_by_itself(chloe, _noon):
    make_playbook(closes_on="mrr.expanded")
    account = make_account("Acme", csm=chloe)
    contract(account)
    dispatch.dispatch_waiting()
    _noon.move_to(NOON.replace(hour=14))
    record(account, "mrr.expanded", subscription="S-1", before=300, after=500, amount=200, currency="USD")
    dispatch.dispatch_waiting()
    return FollowUp.objects.get(status="canceled")


def canceled(name, csm, by):
    return cancel(make_follow_up(make_account(name, csm=csm)), by=by, why="Double")


def test_the_list_of_closed_ones_says_which_closed_by_themselves_and_why(signed_in, chloe, closed_by_itself):
    canceled("Globex", chloe, chloe)
    canceled("Initech", chloe, Actor(label="API: billing"))
    complete(make_follow_up(make_account("Hooli", csm=chloe)), by=chloe, outcome="helped")
    make_follow_up(make_account("Umbrella", csm=chloe), status="canceled", closed_at=NOON)  # nobody told
    shown = words(signed_in(chloe).get("/?state=done"))

    told = [f"Closed by itself: {GREW}", "Canceled by Chloe: Double", "Canceled by API: billing: Double", "Helped"]
    assert [sentence for sentence in told if sentence not in shown] == []
    assert "Closed in the last 14 days" in shown
    assert closed_by_itself.status == "canceled"  # what programs read stays as it was


def test_the_panel_says_it_too(signed_in, chloe, closed_by_itself):
    browser = signed_in(chloe)
    row = canceled("Globex", chloe, chloe)

    assert f"Closed by itself just now {GREW}" in words(browser.get(f"/follow-ups/{closed_by_itself.pk}/"))
    assert "Canceled by Chloe just now Double" in words(browser.get(f"/follow-ups/{row.pk}/"))


def test_who_comes_too_late_is_told_so(signed_in, chloe, closed_by_itself):
    response = post(signed_in(chloe), f"/follow-ups/{closed_by_itself.pk}/done/", {"outcome": "helped"}, page="/")

    assert response.status_code == 409
    assert json.loads(response["HX-Trigger"])["toast"] == [
        {"level": "error", "text": f"“{closed_by_itself.title}” has closed by itself already."}
    ]


def test_open_and_done_ones_have_no_such_ending(chloe):
    row = make_follow_up(make_account(csm=chloe))
    assert ending_of(row) is None
    assert ending_of(complete(row, by=chloe, outcome="helped")) is None


def test_queries_do_not_grow(signed_in, chloe):
    browser, counted = signed_in(chloe), []
    for number in (1, 4):
        for place in range(number):
            canceled(f"Company {number}-{place}", chloe, chloe)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/?state=done")
        counted.append(len(queries))
    assert counted[0] == counted[1]
