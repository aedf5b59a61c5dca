"""The queue's filters, and what an empty list says."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from accounts.models import Segment
from tests.accounts.queue import ids, words
from tests.accounts.spine import NOON, make_account, make_follow_up, make_playbook

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def page(signed_in, chloe):
    """page("band=red") as Chloe opens it."""
    client = signed_in(chloe)
    return lambda query="", **how: client.get(f"/?{query}", **how)


def due(account, ahead, **fields):
    return make_follow_up(account, due_at=NOON + ahead, **fields).pk


@pytest.fixture
def mixed(chloe, cyril):
    """Five follow-ups, each different in one thing."""
    mid = Segment.objects.create(key="mid", name="Mid-market")
    acme = make_account("Acme", csm=chloe, band="red", segment=mid)
    beta = make_account("Beta", csm=cyril, band="green")
    shrink = make_playbook("shrink")
    rows = {
        "playbook": make_follow_up(acme, playbook=shrink, kind="shrink"),
        "urgent": make_follow_up(beta, assignee=chloe, priority=1),
        "his": make_follow_up(beta),
        "nobody": make_follow_up(beta, assignee=None, title="Look at the import"),
        "snoozed": make_follow_up(acme, status="snoozed", snoozed_until=NOON + DAY),
        "done": make_follow_up(acme, status="done", closed_at=NOON - DAY, outcome="helped"),
        "old": make_follow_up(acme, status="done", closed_at=NOON - 15 * DAY, outcome="helped"),
        "canceled": make_follow_up(acme, status="canceled", closed_at=NOON - 2 * DAY),
    }
    return {row.pk: name for name, row in rows.items()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["playbook", "urgent"]),
        ("who=team", ["playbook", "urgent", "his", "nobody"]),
        ("who=nobody", ["nobody"]),
        ("who=team&kind=shrink", ["playbook"]),
        ("who=team&kind=manual", ["urgent", "his", "nobody"]),
        ("who=team&band=green", ["urgent", "his", "nobody"]),
        ("who=team&band=green&band=red", ["playbook", "urgent", "his", "nobody"]),
        ("who=team&segment=mid", ["playbook"]),
        ("who=team&priority=1", ["urgent"]),
        ("who=team&q=acm", ["playbook"]),
        ("who=team&q=IMPORT", ["nobody"]),
        ("who=team&q=%25", []),
        ("state=snoozed", ["snoozed"]),
        ("state=done", ["done", "canceled"]),
        ("who=team&state=done&band=green", []),
    ],
)
def test_filters(page, mixed, query, expected):
    response = page(query)

    assert sorted(mixed[pk] for pk in ids(response)) == sorted(expected)
    assert "notice" not in response.content.decode()


def test_one_persons_queue(page, mixed, cyril):
    assert [mixed[pk] for pk in ids(page(f"who={cyril.pk}"))] == ["his"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("who=999999", "There is nobody “999999” here, so you see the usual list."),
        ("who=<b>", "There is nobody “<b>” here"),
        ("state=lost", "“lost” is no state of a follow-up"),
        ("kind=nope", "There is no playbook “nope”"),
        ("band=blue&band=", "“blue” is not a band"),
        ("segment=1", "There is no segment “1”"),
        ("priority=0", "“0” is not a priority"),
        ("priority=99999999999999999999", "“99999999999999999999” is not a priority"),
        ("after=rubbish", "This page does not exist any more."),
        ("after=WzEsMiwzLDRd", "This page does not exist any more."),
        ("who=%00&q=%00", "There is nobody “” here"),
    ],
)
def test_bad_filters_get_a_sentence_and_the_usual_list(page, mixed, query, sentence):
    response = page(query)

    assert response.status_code == 200
    assert sentence in words(response)
    assert sorted(mixed[pk] for pk in ids(response)) == ["playbook", "urgent"]


def test_a_very_long_search_is_cut(page, mixed):
    assert ids(page("q=" + "x" * 5000)) == []


def test_what_is_on_can_be_taken_off(page, mixed):
    html = page("who=team&band=red&q=acme").content.decode()

    assert '<a class="chip" href="/?who=team&amp;q=acme">Red' in html
    assert '<a class="chip" href="/?who=team&amp;band=red">“acme”' in html
    assert 'href="/?who=team">Clear filters' in html


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Nothing to do. Well done."),
        ("q=zzz", "Nothing fits these filters"),
        ("state=snoozed", "Nothing is snoozed"),
        ("state=done", "Nothing was closed in the last 14 days"),
    ],
)
def test_an_empty_list_says_what_comes_next(page, query, sentence):
    assert sentence in words(page(query))


def test_the_products_own_playbooks_are_named_in_the_readers_language(page, chloe):
    chloe.language = "fr"
    chloe.save()
    make_playbook(key="usage_dropped", name="Usage dropped")
    make_playbook(key="own", name="An own name")
    with translation.override("en"):  # pages leave their language behind
        offered = dict(page().context["kinds"])

    assert (offered["usage_dropped"], offered["own"]) == ("Utilisation en baisse", "An own name")


def test_an_empty_queue_says_when_the_next_one_wakes(page, chloe):
    make_follow_up(make_account(csm=chloe), status="snoozed", snoozed_until=NOON + 2 * DAY)

    assert "The next snoozed one comes back in 2 days" in words(page())
