"""Referrals over the API: sign-ups, payments, refunds, ledgers, figures."""

import json
from datetime import date, timedelta

import pytest
from model_bakery import baker

from accounts.domain.setting_rates import set_rate
from health.models import Action, UsageEvent
from referrals.domain import payouts
from referrals.domain.checking import check_ledger
from referrals.domain.partners import pause
from referrals.models import Click, Conversion, Invitation, LedgerEntry, Referral, Refund
from tests.referrals.money import (
    NOW,
    make_account,
    make_contact,
    make_partner,
    make_program,
    make_referral,
    pay,
    refund,
)

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def shop(api):
    client = api("ingest")

    def post(what: str, **fields):
        answer = client.post(f"{API}/{what}", json.dumps(fields), content_type="application/json")
        return answer.status_code, answer.json()

    return post


@pytest.fixture
def ann():
    return make_partner(make_program(slug="friends", hold_days=30), "Ann")


def test_from_the_sign_up_to_the_ledger(shop, ann, api) -> None:
    acme = make_account("acme")
    code = ann.codes.get().code
    assert shop("referrals", customer="acme", code=code.upper(), email="Kim@acme.example", signed_up_at="2026-05-01T10:00:00Z") == (201, {
        "id": Referral.objects.get().pk, "program": "friends", "partner": ann.pk, "partner_name": "Ann", "customer": "acme", "account": "acme",
        "status": "lead", "signed_up_at": "2026-05-01T10:00:00Z", "first_paid_at": None, "channel": "link", "coupon": False,
        "review": "clear", "flags": [], "held": False, "clawed_back_at": None,
    })  # fmt: skip
    assert shop("referrals", customer="acme", code=code)[0] == 200
    payment = {
        "source": "stripe",
        "external_id": "in_1",
        "customer": "acme",
        "amount": "120.00",
        "tax": 20,
        "occurred_at": "2026-05-02T10:00:00Z",
    }
    status, first = shop("conversions", **payment)
    assert (status, first) == (201, {
        "id": Conversion.objects.get().pk, "program": "friends", "source": "stripe", "external_id": "in_1", "referral": Referral.objects.get().pk,
        "customer": "acme", "partner": ann.pk, "partner_name": "Ann", "occurred_at": "2026-05-02T10:00:00Z", "currency": "USD",
        "amount": "120.00", "tax": "20.00", "discount": "0.00", "refunded": "0.00", "base": "100.00", "rate": "1.000000000000",
        "commission": "20.00", "commission_currency": "USD", "why": "",
    })  # fmt: skip
    make_program()  # another one that runs
    assert [shop("conversions", **payment | {"amount": 999 + n, "customer": f"c-{n}"}) for n in range(4)] == [
        (200, first)
    ] * 4
    assert shop("refunds", source="stripe", external_id="re_1", conversion="in_1", amount="25", occurred_at="2026-05-03T10:00:00Z") == (201, {
        "id": Refund.objects.get().pk, "program": "friends", "source": "stripe", "external_id": "re_1", "conversion": "in_1",
        "status": "applied", "amount": "25.00", "currency": "USD", "occurred_at": "2026-05-03T10:00:00Z", "note": "",
    })  # fmt: skip
    batch = payouts.make_batch(ann.program)
    reader, (one, two, three) = api("read"), LedgerEntry.objects.order_by("pk")
    answer = reader.get(f"{API}/partners/{ann.pk}/ledger").json()
    assert answer == {
        "partner": ann.pk, "name": "Ann", "program": "friends", "status": "approved",
        "balance": {"currency": "USD", "total": "0.00", "available": "0.00", "pending": "0.00", "held": "0.00", "earned": "15.00", "paid": "15.00"},
        "next": None, "previous": None,
        "results": [
            entry(one, cause="commission", customer="acme", conversion="in_1", paid_in=batch.payouts.get().pk),
            entry(two, cause="refund", customer="acme", conversion="in_1", refund="re_1", reverses=one.pk, paid_in=batch.payouts.get().pk),
            entry(three, cause="payout", payout=batch.payouts.get().pk),
        ],
    }  # fmt: skip
    page = reader.get(f"{API}/partners/{ann.pk}/ledger?kind=accrual&kind=reversal&page_size=1").json()
    assert [row["id"] for row in reader.get(page["next"]).json()["results"]] == [two.pk]
    assert (check_ledger(), acme.referrals.count()) == ([], 1)


def entry(row: LedgerEntry, **fields) -> dict:
    def iso(at):
        return at.isoformat().replace("+00:00", "Z")

    return {
        "id": row.pk, "kind": row.kind, "amount": f"{row.amount / 100:.2f}", "currency": "USD", "occurred_at": iso(row.occurred_at),
        "available_at": iso(row.available_at), "customer": None, "conversion": None, "refund": None, "reverses": None, "payout": None,
        "paid_in": None, "note": "",
    } | fields  # fmt: skip


def test_clicks_coupons_and_programs_say_whose_it_is(shop, ann) -> None:
    other = make_partner(make_program(slug="others"), "Ben")
    baker.make(Click, partner=ann, code=ann.codes.get(), key="k1", occurred_at=NOW - timedelta(days=2))
    assert shop("referrals", customer="a", clicks=["k1"])[1]["program"] == "friends"
    assert shop("referrals", customer="b", coupon=other.codes.get().code)[1]["program"] == "others"
    assert shop("conversions", external_id="1", customer="b", amount=10)[1]["partner_name"] == "Ben"
    status, body = shop("referrals", customer="c", clicks=["k2"])
    assert (status, body["code"], list(body["errors"])) == (422, "unknown_program", ["program"])
    # Known in none of several programs: what is wrong is not that the program was left out.
    for name in ("code", "coupon"):
        status, body = shop("referrals", customer="c", **{name: "\u202eno"})
        assert (status, body["code"], list(body["errors"])) == (422, "unknown_code", [name])
    assert shop("conversions", external_id="0", customer="c", amount=10)[1]["code"] == "not_referred"
    assert shop("referrals", customer="c", program="nothing", code="x")[1]["detail"] == "There is no program “nothing”."
    assert shop("referrals", customer="c", program="friends", clicks=["k2"])[1]["code"] == "not_referred"
    # A coupon at the checkout binds who is not bound yet.
    status, body = shop("conversions", external_id="2", customer="d", amount=10, coupon=ann.codes.get().code)
    assert (status, body["partner_name"], Referral.objects.get(customer="d").coupon) == (201, "Ann", True)


def test_refusals_are_sentences(shop, ann) -> None:
    def refused(what: str, **fields) -> tuple[int, str, list[str]]:
        status, body = shop(what, **fields)
        return status, body["code"], sorted(body.get("errors", {}))

    make_referral(ann, "acme")
    paid = {"external_id": "in_1", "customer": "acme", "amount": "100"}
    assert refused("referrals", customer="x", code="🎁") == (422, "unknown_code", ["code"])
    assert refused("referrals", code="x") == (422, "invalid", ["customer"])
    assert refused("referrals", customer="x", code=ann.codes.get().code, account="nobody") == (
        422,
        "invalid",
        ["account"],
    )
    assert refused("conversions", **paid | {"customer": "nobody"}) == (422, "not_referred", ["customer"])
    assert refused("conversions", **paid | {"amount": "-1"}) == (422, "invalid", ["amount"])
    assert refused("conversions", **paid | {"amount": "0.001"}) == (422, "invalid", ["amount"])
    assert refused("conversions", **paid | {"amount": 1e300}) == (422, "invalid", ["amount"])
    assert refused("conversions", **paid | {"tax": "100.01"}) == (422, "invalid", ["tax"])
    assert refused("conversions", **paid | {"currency": "EUR"}) == (422, "rate_missing", ["currency"])
    assert refused("conversions", **paid | {"occurred_at": "2027-01-01T00:00:00Z"}) == (422, "invalid", ["occurred_at"])
    assert refused("conversions", **paid | {"commission": 5}) == (422, "invalid", ["commission"])
    assert shop("conversions", **paid)[0] == 201
    back = {"external_id": "re_1", "conversion": "in_1"}
    assert refused("refunds", **back, amount="100.01") == (422, "refund_above", ["amount"])
    assert refused("refunds", **back, amount=0) == (422, "invalid", ["amount"])
    assert refused("refunds", **back, amount=1, currency="EUR") == (422, "invalid", ["currency"])
    pause(ann, "on leave")
    assert refused("referrals", customer="x", code=ann.codes.get().code) == (409, "partner_paused", ["code"])
    assert (Conversion.objects.count(), Refund.objects.count(), Referral.objects.count()) == (1, 0, 1)


def test_a_refund_before_its_payment_waits(shop, ann) -> None:
    set_rate("JPY", date(2026, 1, 1), "0.0067", by="test")
    make_referral(ann, "acme")
    status, body = shop(
        "refunds", external_id="re_1", conversion="in_1", program="friends", amount="500", currency="JPY"
    )
    assert (status, body["status"]) == (201, "waiting")
    assert shop("refunds", external_id="re_1", conversion="in_1", amount=1)[0] == 200
    paid = shop("conversions", external_id="in_1", customer="acme", amount="1000", currency="JPY")[1]
    assert (paid["amount"], paid["refunded"], paid["base"], paid["commission"]) == ("1000", "500", "6.70", "1.34")
    again = shop("refunds", external_id="re_1", conversion="in_1")
    assert (again[0], again[1]["status"], again[1]["amount"], again[1]["currency"]) == (200, "applied", "500", "JPY")


def test_scopes_keys_and_strangers(api, ann) -> None:
    body = {"customer": "acme", "code": ann.codes.get().code}
    reader = api("read")
    assert reader.post(f"{API}/referrals", body, format="json").status_code == 403
    client = api("ingest")
    answers = [
        client.post(f"{API}/referrals", body, format="json", headers={"Idempotency-Key": "k"}) for _time in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert client.get(f"{API}/partners/{ann.pk}/ledger").status_code == 403
    assert reader.get(f"{API}/partners/0/ledger").status_code == 404
    assert reader.get(f"{API}/partners/{ann.pk}/ledger?kind=bonus").status_code == 422


def test_figures_of_a_period(api, ann, django_assert_max_num_queries) -> None:
    ben = make_partner(ann.program, "Ben")
    for _person in range(4):
        make_contact()
    old = make_referral(ann, channel="mail")
    pay(old, 10_000, "2026-01-05T00:00")
    refund(pay(old, 10_000, "2026-05-05T00:00"), 5_000, "2026-05-06T00:00")
    new = make_referral(ben, signed_up_at=NOW - timedelta(days=9), channel="qr")
    pay(new, 20_000, "2026-06-01T00:00")
    make_referral(ben, signed_up_at=NOW - timedelta(days=8), review="denied")
    baker.make(Click, partner=ben, code=ben.codes.get(), occurred_at=NOW, key=iter("abc"), channel="qr", counted=iter([True, True, False]), _quantity=3)  # fmt: skip
    baker.make(Invitation, partner=ann, channel="mail", sent_at=NOW, address_digest=iter("ab"), _quantity=2)
    client = api("read")
    with django_assert_max_num_queries(15):
        told = client.get(f"{API}/metrics/referrals?from=2026-05-01&to=2026-06-06").json()
    assert told == {
        "from": "2026-05-01", "to": "2026-06-06", "invitations": 2, "clicks": 2, "sign_ups": 1, "customers": 1, "churned": 0,
        "sign_up_rate": 0.5, "customer_rate": 1.0,
        "money": [{"currency": "USD", "revenue": "250.00", "commission": "50.00", "credits": "0.00", "cost_per_customer": "50.00"}],
        "k_factor": {"active_users": 4, "by_usage": False, "invitations_per_user": 0.5, "conversion": 0.0, "k": 0.0}, "by": None, "groups": [],
    }  # fmt: skip
    groups = client.get(f"{API}/metrics/referrals?from=2026-05-01&to=2026-06-06&by=partner").json()["groups"]
    assert [(g["name"], g["clicks"], g["invitations"], g["customers"], g["money"][0]["revenue"]) for g in groups] == [
        ("Ben", 2, 0, 1, "200.00"), ("Ann", 0, 2, 0, "50.00"),
    ]  # fmt: skip
    by_channel = client.get(f"{API}/metrics/referrals?from=2026-05-01&to=2026-06-06&by=channel").json()["groups"]
    assert [(g["key"], g["clicks"], g["invitations"], g["sign_ups"]) for g in by_channel] == [
        ("qr", 2, 0, 1),
        ("mail", 0, 2, 0),
    ]
    assert client.get(f"{API}/metrics/referrals?by=program&program=friends").json()["groups"][0]["key"] == "friends"
    assert client.get(f"{API}/metrics/referrals?by=moon").status_code == 422
    baker.make(Invitation, partner=ben, channel="qr", sent_at=NOW - timedelta(days=10))
    invited = client.get(f"{API}/metrics/referrals?from=2026-05-01&to=2026-06-06").json()["k_factor"]
    assert (invited["conversion"], invited["k"]) == (pytest.approx(1 / 3), pytest.approx(0.25))
    empty = client.get(f"{API}/metrics/referrals?from=2020-01-01&to=2020-02-01").json()
    assert (empty["customers"], empty["money"], empty["k_factor"]["k"]) == (0, [], None)


def test_active_users_are_those_who_used_the_product(api, ann) -> None:
    contact = make_contact()
    baker.make(Invitation, partner=ann, channel="mail", sent_at=NOW, address_digest="a")
    used = [
        ("1", "kim", 0, 1),
        ("2", "kim", 1, 1),
        ("3", "lee", 2, 1),
        ("4", "", 3, 1),
        ("5", "max", 60, 1),
        ("6", "pat", 0, 0),
    ]
    action = baker.make(Action, key="opened")
    UsageEvent.objects.bulk_create(
        UsageEvent(account=contact.account, event_id=number, user=user, occurred_at=NOW - timedelta(days=days), action=action, count=count)
        for number, user, days, count in used
    )  # fmt: skip
    client = api("read")
    told = client.get(f"{API}/metrics/referrals?from=2026-05-01&to=2026-06-06").json()["k_factor"]
    assert (told["active_users"], told["by_usage"], told["invitations_per_user"]) == (2, True, 0.5)
    before = client.get(f"{API}/metrics/referrals?from=2026-01-01&to=2026-02-01").json()["k_factor"]
    assert before["by_usage"] is False
