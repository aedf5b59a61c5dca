"""What the lists of scoring ask: as much of many rows as of one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.models import Plan, Segment
from health.models import Action

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/settings/actions/", "/settings/scoring/"])
def test_many_rows_cost_no_more_queries_than_few(path, alice, signed_in, django_assert_num_queries):
    browser = signed_in(alice)
    more(2)
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        assert browser.get(path).status_code == 200
    more(12)

    with django_assert_num_queries(len(few)):
        browser.get(path)


def more(count):
    for number in range(count):
        baker.make(Segment, key=f"s{count}-{number}", name=f"S{count}-{number}")
        action = baker.make(Action, name=f"a{count}_{number}")
        action.plans.add(baker.make(Plan, key=f"p{count}-{number}", name=f"P{count}-{number}"))


def test_a_damaged_address_begins_at_the_beginning(alice, signed_in):
    more(1)
    answer = signed_in(alice).get("/settings/actions/?after=zzz")
    assert (answer.status_code, [row.name for row in answer.context["page"].rows]) == (200, ["a1_0"])
