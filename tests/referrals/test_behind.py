"""Every figure leads to those whom it counts, and their parts add up to it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.referrals.money import make_account, make_partner, make_program, make_referral, pay, refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    program, other = make_program(slug="friends", friend_gets="credit", friend_amount=700), make_program(slug="other")
    kim, lee = make_partner(program, "Kim"), make_partner(other, "Lee")
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=200)
    today = now.date()
    rows = [
        make_referral(kim, f"c-{number}", name=f"Customer {number}", account=make_account(f"c-{number}", started_on=today, stage="active", mrr=number), signed_up_at=since, channel=channel)
        for number, (since, channel) in enumerate([(now, "qr"), (now, "link"), (long_ago, "qr")])
    ]  # fmt: skip
    make_referral(lee, "c-9", name="Lees customer", signed_up_at=now)
    make_referral(kim, "c-8", name="Refused", signed_up_at=now, review="denied")
    make_account("alone", name="Came alone", started_on=today, stage="active")
    for row in rows:
        refund(pay(row, 10_000, now.isoformat()), 2_500, now.isoformat())
    return kim


def shown(client: Client, address: str) -> tuple[str, list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    text = answer.content.decode()
    return text, re.findall(r'<th scope="row"><a class="title"[^>]*>([^<]*)</a>', text)


def test_a_figure_leads_to_its_referrals_and_their_money(alice, client, company, django_assert_max_num_queries):
    client.force_login(alice)
    page = "/referrals/behind/?period=90"
    assert sorted(shown(client, f"{page}&step=sign_ups&program=friends")[1]) == ["Customer 0", "Customer 1"]
    assert sorted(shown(client, f"{page}&step=customers")[1]) == ["Customer 0", "Customer 1", "Customer 2"]
    assert shown(client, f"{page}&step=customers&channel=link&partner={company.pk}")[1] == ["Customer 1"]
    assert shown(client, f"{page}&step=churned")[1] == []
    with django_assert_max_num_queries(30):
        text, names = shown(client, f"{page}&step=money")
    assert len(names) == 3
    assert [text.count(money) for money in ("$75.00", "$15.00", "$7.00")] == [3, 3, 3]
    for odd in ("step=moon&partner=x&channel=x&program=%00", "after=damaged"):
        assert client.get(f"{page}&{odd}").status_code == 200
    reports = client.get("/referrals/reports/?period=90").content.decode()
    for query in ("step=money", f"partner={company.pk}&amp;step=customers", "channel=qr&amp;step=sign_ups"):
        assert query in reports


def test_the_comparison_leads_to_both_groups(alice, client, company):
    client.force_login(alice)
    referred = shown(client, "/referrals/compared/?referred=1")[1]
    assert sorted(referred) == ["C-0", "C-1", "C-2"]
    assert shown(client, "/referrals/compared/?referred=0")[1] == ["Came alone"]
