"""The list of what billing is to honour: what is owed, marked from it, and as a file."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from referrals.models import Incentive
from tests.referrals.money import NOW, make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db
PLACE = "/referrals/incentives/"


@pytest.fixture(autouse=True)
def _june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


@pytest.fixture
def program(db):
    return make_program(
        slug="friends", name="Friends", referrer_gets="credit", referrer_amount=2_000,
        friend_gets="percent", friend_percent="12.5", friend_months=3,
    )  # fmt: skip


def brought(program, name, **fields):
    """Acme's Kim brings a customer of this name, who pays: a discount for them, a credit for Acme."""
    acme = Account.objects.filter(external_id="acme").first() or make_account("acme", name="Acme")
    partner = program.partners.first() or make_partner(program, "Kim", account=acme)
    referral = make_referral(partner, name, name=name, account=make_account(name, name=name), **fields)
    if program.friend_gets == "percent":
        fields = {"kind": "percent", "percent": program.friend_percent, "months": program.friend_months}
        Incentive.objects.create(
            referral=referral, side="friend", account=referral.account, currency=program.currency, **fields
        )
    pay(referral, 10_000)
    Incentive.objects.filter(referral=referral).update(granted_at=NOW - timedelta(days=referral.pk % 1000))
    return list(referral.incentives.order_by("side"))


def shown(answer):
    assert answer.status_code == 200, answer.content[:500]
    return [(str(one.account), one.side, one.status) for one in answer.context["page"].rows]


def test_those_that_wait_are_shown_first_with_what_they_add_up_to(admin, program):
    old, _credit = brought(program, "globex")
    Incentive.objects.filter(pk=old.pk).update(granted_at=NOW - timedelta(days=2000))
    brought(program, "initech", held=True, review="held")
    yen = make_program(slug="yen", currency="JPY", referrer_gets="cash", referrer_amount=500, friend_gets="credit", friend_amount=900)  # fmt: skip
    brought(yen, "umbrella")
    for one in Incentive.objects.filter(account__name="initech"):
        Incentive.objects.filter(pk=one.pk).update(status="used", used_at=NOW, used_by="Bill")

    answer = admin.get(PLACE)

    assert shown(answer)[0] == ("globex", "friend", "granted")
    assert sorted(shown(answer)) == [
        ("Acme", "referrer", "granted"), ("Acme", "referrer", "granted"), ("globex", "friend", "granted"), ("umbrella", "friend", "granted"),
    ]  # fmt: skip
    assert [(one.currency, one.amount, one.held, one.credits) for one in answer.context["sums"]] == [
        ("JPY", 900, 0, 1),
        ("USD", 4_000, 2_000, 2),
    ]
    assert answer.context["discounts"] == 1
    text = answer.content.decode()
    for words in ("$40.00", "$20.00 of it held", "2 credits", "¥900", "12.5% off for 3 months", "Credit on their next"):
        assert words in text
    assert 'Incentives <span class="count">4</span>' in text
    assert shown(admin.get(f"{PLACE}?status=used")) == [("initech", "friend", "used")]
    assert "Bill" in admin.get(f"{PLACE}?status=used").content.decode()


def test_it_is_filtered_and_what_cannot_be_asked_is_not(admin, program):
    brought(program, "globex")
    brought(make_program(slug="other", friend_gets="credit", friend_amount=100), "initech")
    acme = Incentive.objects.get(side="referrer").account
    both = [("Acme", "referrer", "granted"), ("globex", "friend", "granted"), ("initech", "friend", "granted")]
    found = {
        "side=friend": both[1:],
        "program=friends": both[:2],
        "q=GLOB": both[1:2],
        f"account={acme.pk}": both[:1],
        f"account={acme.pk}&side=friend": [],
        "program=none": [],
        "status=revoked": [],
        "status=all": both,
        "status=x&side=y&account=-1&program=%00&q=%00&after=rubbish": both,
        f"account={'9' * 18}": [],
        f"before={'A' * 500}&account={'9' * 40}": both,
    }

    assert {query: sorted(shown(admin.get(f"{PLACE}?{query}"))) for query in found} == found
    assert "No incentive is like that" in admin.get(f"{PLACE}?q=nobody").content.decode()
    fragment = admin.get(f"{PLACE}?side=friend", headers={"HX-Request": "true", "HX-Target": "incentives-found"})
    assert (fragment.headers["HX-Push-Url"], b"<html" in fragment.content) == (f"{PLACE}?side=friend", False)
    # What is filtered is what the file has.
    assert f'href="{PLACE}export/?side=friend&amp;status=granted" download hx-swap-oob' in fragment.content.decode()


def test_an_empty_list_says_what_will_stand_there(admin, program):
    assert "Nothing is left to honour" in admin.get(PLACE).content.decode()
    assert "No incentive yet" in admin.get(f"{PLACE}?status=used").content.decode()


def test_the_chosen_are_marked_and_the_list_is_as_it_was(admin, program):
    discount, credit = brought(program, "globex")
    Incentive.objects.filter(pk=discount.pk).update(status="revoked", revoked_at=NOW)

    def mark(query="", **sent):
        return admin.post(f"{PLACE}mark/?{query}", sent, follow=True)

    for wrong, sentence in (
        ({}, "Choose incentives first."),
        ({"verb": "used"}, "Choose incentives first."),
        ({"verb": "used", "ids": ["x", "-1", "9" * 30]}, "Choose incentives first."),
        ({"verb": "z", "ids": [credit.pk]}, "Choose one of the buttons."),
    ):
        answer = mark(**wrong)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    done = mark("status=all&side=referrer&q=acme", verb="used", ids=[credit.pk, discount.pk, 10**17])
    assert done.redirect_chain == [(f"{PLACE}?q=acme&side=referrer&status=all", 302)]
    assert [str(one) for one in done.context["messages"]] == [
        "1 incentive is marked.",
        "−12.5% × 3 for the referral of globex was taken back: it is not to be honoured.",
    ]
    again = mark(verb="used", ids=[credit.pk])
    assert [str(one) for one in again.context["messages"]] == ["1 was marked before."]
    credit.refresh_from_db()
    assert (credit.status, credit.used_at, credit.used_by) == ("used", NOW, "Alice")
    mark(verb="not_used", ids=[credit.pk])
    assert set(Incentive.objects.values_list("side", "status")) == {("friend", "revoked"), ("referrer", "granted")}


def test_who_may_look_may_not_mark(program, vera, signed_in):
    _discount, credit = brought(program, "globex")
    reader = signed_in(vera)

    text = reader.get(PLACE).content.decode()

    assert ("Acme" in text, 'name="ids"' in text, "Mark the chosen" in text, "Export" in text) == (True,) + (False,) * 3
    assert reader.post(f"{PLACE}mark/", {"verb": "used", "ids": [credit.pk]}).status_code == 404
    assert reader.get(f"{PLACE}export/").status_code == 404
    assert not Incentive.objects.filter(status="used").exists()


def test_pages_go_on_where_the_last_one_ended_and_cost_the_same(admin, program):
    brought(program, "first")

    def asked(query):
        with CaptureQueriesContext(connection) as queries:
            answer = admin.get(f"{PLACE}?{query}")
        return len(queries), answer

    one = asked("status=all")[0]
    referrals = [make_referral(program.partners.get(), account=make_account()) for _number in range(60)]
    Incentive.objects.bulk_create(
        Incentive(referral=r, side="referrer", kind="credit", account=r.account, amount=100, currency="USD", granted_at=NOW)
        for r in referrals
    )  # fmt: skip
    Incentive.objects.filter(referral__in=referrals[:55]).update(status="used", used_at=NOW)
    for status, count in (("all", 62), ("used", 55), ("granted", 7)):
        queries, first = asked(f"status={status}")
        rows, place = list(first.context["page"].rows), first.context["page"].next
        if place:
            rows += asked(f"status={status}&after={place}")[1].context["page"].rows
        assert (queries, len(rows), len({row.pk for row in rows})) == (one, count, count)
    assert one <= 14


def test_the_pages_of_a_list_that_a_refused_form_shows_again_are_read_where_the_list_is(admin, program):
    referrals = [make_referral(make_partner(program), review="review", held=True) for _number in range(51)]
    Incentive.objects.bulk_create(
        Incentive(referral=r, side="referrer", kind="credit", amount=100, currency="USD") for r in referrals
    )
    for place, form in ((PLACE, "mark/"), ("/referrals/review/", "decide/")):
        text = admin.post(f"{place}{form}?program=friends", {"verb": "deny"}).content.decode()
        address = html.unescape(re.search('rel="next" data-key="]" href="([^"]+)"', text)[1])
        assert address.startswith(f"{place}?program=friends&after=")
        assert len(admin.get(address).context["page"].rows) == 1

    Incentive.objects.update(status="revoked", revoked_at=NOW)
    sent = {"verb": "used", "ids": list(Incentive.objects.values_list("pk", flat=True))}
    told = [str(one) for one in admin.post(f"{PLACE}mark/", sent, follow=True).context["messages"]]
    assert (len(told), told[-1]) == (6, "And 46 more.")


def test_the_file_has_what_the_list_shows(admin, program):
    discount, credit = brought(program, "=globex")
    Incentive.objects.filter(pk=credit.pk).update(status="used", used_at=NOW, used_by="Bill")

    def rows(query):
        text = b"".join(admin.get(f"{PLACE}export/?{query}")).decode()
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["id"] for row in rows("")] == [str(discount.pk)]
    granted = Incentive.objects.get(pk=credit.pk).granted_at.isoformat()
    assert rows("status=used") == [{
        "id": str(credit.pk), "account": "acme", "account_name": "Acme", "side": "referrer", "kind": "credit", "amount": "20.00",
        "currency": "USD", "percent": "0", "months": "0", "program": "friends", "customer": "'=globex", "partner": "Kim", "status": "used",
        "held": "no", "granted": granted, "honoured": NOW.isoformat(), "honoured_by": "Bill", "taken_back": "",
    }]  # fmt: skip
    assert [(row["account"], row["percent"], row["months"]) for row in rows("status=all&side=friend")] == [
        ("'=globex", "12.5", "3")
    ]


def test_the_account_tells_what_became_of_each_and_leads_there(admin, program):
    _discount, credit = brought(program, "globex")
    Incentive.objects.filter(pk=credit.pk).update(status="used", used_at=NOW)
    cash = make_program(slug="cash", referrer_gets="cash", referrer_amount=500)
    pay(make_referral(make_partner(cash, "Lee", account=credit.account), "umbrella"), 10_000)

    text = admin.get(f"/accounts/{credit.account_id}/referrals/").content.decode()

    assert f'tone-green" href="{PLACE}?status=all&amp;account={credit.account_id}">Honoured</a>' in text
    assert "Paid with the payouts" in text
