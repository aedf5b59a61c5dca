"""What the team's pages of referrals ask: as much of fifty as of one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.referrals.money import make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(alice, signed_in):
    client = signed_in(alice)

    def count(path):
        client.get(path)  # what the first visit of a session asks besides
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200
        return len(queries)

    return count


def won(program, name):
    partner = make_partner(program, name)
    pay(make_referral(partner), 2500)


@pytest.mark.parametrize(("path", "most"), [("/referrals/?period=all", 9), ("/referrals/reports/?period=all", 16)])
def test_more_programs_and_partners_cost_no_more_queries(asked, path, most):
    won(make_program(slug="friends", name="Friends"), "Kim")
    one = asked(path)
    for number in range(5):
        program = make_program(slug=f"p{number}", name=f"P{number}", months=number, tiers=[])
        won(program, f"Pat{number}")
        won(program, f"Quinn{number}")

    assert asked(path) == one <= most
