"""What the team's pages of referrals ask: as much of fifty as of one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals.domain import payouts
from referrals.enums import FlagReason, Review
from tests.referrals.money import make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(alice, signed_in):
    client, visited = signed_in(alice), set()

    def count(path):
        if path not in visited:
            client.get(path)  # what the first visit of a session asks besides
            visited.add(path)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200
        return len(queries)

    return count


def won(program, name):
    partner = make_partner(program, name)
    pay(make_referral(partner), 2500)


@pytest.mark.parametrize(("path", "most"), [("/referrals/?period=all", 10), ("/referrals/reports/?period=all", 17)])
def test_more_programs_and_partners_cost_no_more_queries(asked, path, most):
    won(make_program(slug="friends", name="Friends"), "Kim")
    one = asked(path)
    for number in range(5):
        program = make_program(slug=f"p{number}", name=f"P{number}", months=number, tiers=[])
        won(program, f"Pat{number}")
        won(program, f"Quinn{number}")

    assert asked(path) == one <= most


PAGES = [
    "/referrals/partners/{partner}/",
    "/referrals/review/",
    "/referrals/incentives/?status=all",
    "/referrals/behind/?step=customers&period=all",
    "/referrals/compared/?period=all&referred=yes",
    "/referrals/payouts/",
    "/referrals/payouts/new/{program}/",
    "/referrals/payouts/{batch}/",
    "/settings/programs/",
]


def more(program, partner, count):
    """Each with a customer who paid, one who waits for a decision, and money in a batch."""
    for number in range(count):
        other = make_partner(program, f"Pat{number}")
        for whose in (partner, other):
            pay(make_referral(whose, account=make_account()), 2500)
            make_referral(whose, review=Review.REVIEW, flags=[FlagReason.SELF])
    payouts.make_batch(program, by="test")
    for number in range(count):
        pay(make_referral(make_partner(program, f"Due{number}")), 2500)


def test_many_rows_of_each_list_cost_no_more_queries_than_one(asked):
    program = make_program(slug="friends", name="Friends")
    partner = make_partner(program, "Kim")
    more(program, partner, 1)

    def counts():
        batch = program.batches.latest("pk")
        return {path: asked(path.format(partner=partner.pk, program=program.pk, batch=batch.pk)) for path in PAGES}

    one = counts()
    more(program, partner, 5)
    more(make_program(slug="other", name="Other"), make_partner(name="Lee"), 1)

    assert counts() == one
    assert max(one.values()) <= 20
