"""Incentives over the API, as a billing program needs them."""

from datetime import timedelta

import pytest

from referrals.domain import reviewing
from referrals.models import Incentive
from tests.referrals.money import NOW, make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db
API = "/api/v1/incentives"


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def granted():
    """Acme brought globex, who got a credit: the credit, and Acme's own."""
    program = make_program(
        slug="friends", referrer_gets="credit", referrer_amount=2_000, friend_gets="credit", friend_amount=1_050
    )
    partner = make_partner(program, "Kim", account=make_account("acme"))
    referral = make_referral(partner, "globex", account=make_account("globex"))
    pay(referral, 10_000)
    return list(referral.incentives.order_by("side"))


@pytest.fixture
def billing(api):
    client = api("read", "write")

    def patch(pk, body, **headers):
        answer = client.patch(f"{API}/{pk}", body, format="json", headers=headers)
        return answer.status_code, answer.json()

    return patch


def told(row: Incentive, **fields) -> dict:
    at = "2026-06-05T08:00:00Z"
    return {
        "id": row.pk, "status": "granted", "side": "friend", "account": "globex", "kind": "credit", "amount": "10.50", "currency": "USD",
        "percent": "0.0000", "months": 0, "held": False, "program": "friends", "referral": row.referral_id, "customer": "globex",
        "partner": row.referral.partner_id, "granted_at": at, "used_at": None, "used_by": "", "revoked_at": None,
    } | fields  # fmt: skip


def test_what_waits_is_listed_and_marked_once(api, billing, granted) -> None:
    friend, referrer = granted
    reader = api("read")
    waiting = reader.get(f"{API}?status=granted&program=friends").json()
    of_acme = told(referrer, side="referrer", account="acme", amount="20.00")
    assert waiting == {"next": None, "previous": None, "results": [told(friend), of_acme]}

    used = {"status": "used", "used_at": "2026-06-05T08:00:00Z", "used_by": "API: read+write"}
    assert billing(friend.pk, {"status": "used"}) == (200, told(friend, **used))
    Incentive.objects.filter(pk=friend.pk).update(used_at=NOW - timedelta(days=1), used_by="Bill")
    before = used | {"used_at": "2026-06-04T08:00:00Z", "used_by": "Bill"}
    assert billing(friend.pk, {"status": "used"}, **{"Idempotency-Key": "k"}) == (200, told(friend, **before))
    assert reader.get(f"{API}/{friend.pk}").json() == told(friend, **before)
    assert reader.get(f"{API}?status=granted").json()["results"] == [of_acme]
    assert billing(friend.pk, {"status": "granted"}) == (200, told(friend))


def test_it_is_filtered(api, granted) -> None:
    client, (friend, referrer) = api("read"), granted
    cash = make_program(slug="cash", referrer_gets="cash", referrer_amount=500)
    pay(make_referral(make_partner(cash, "Lee", account=referrer.account), "umbrella"), 10_000)
    Incentive.objects.filter(pk=friend.pk).update(granted_at=NOW - timedelta(days=1))

    def found(query):
        return [row["id"] for row in client.get(f"{API}?{query}").json()["results"]]

    assert found("") == found("kind=credit&kind=percent") == [friend.pk, referrer.pk]
    assert found("account=acme") == found("side=referrer") == found(f"granted_from={NOW:%Y-%m-%dT%H:%M:%SZ}")
    assert found("account=acme") == [referrer.pk]
    assert found(f"granted_before={NOW:%Y-%m-%dT%H:%M:%SZ}") == [friend.pk]
    assert found("status=used&status=revoked") == found("kind=cash") == found("program=cash") == []
    first = client.get(f"{API}?page_size=1").json()
    assert [row["id"] for row in client.get(first["next"]).json()["results"]] == [referrer.pk]


def test_what_cannot_be_is_refused_with_a_sentence(api, billing, granted) -> None:
    friend, client = granted[0], api("read")
    for query, field in (
        ("status=open", "status"), ("side=both", "side"), ("kind=none", "kind"), ("program=none", "program"),
        ("account=nobody", "account"), ("granted_from=soon", "granted_from"), ("state=used", "state"),
        ("program=%00", "program"), ("page_size=0", "page_size"),
    ):  # fmt: skip
        answer = client.get(f"{API}?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field]), query
    for body, field in (({}, "status"), ({"status": "revoked"}, "status"), ({"status": "used", "at": 1}, "at"), ({"status": None}, "status")):  # fmt: skip
        status, answer = billing(friend.pk, body)
        assert (status, list(answer["errors"])) == (422, [field]), body
    assert billing(friend.pk, [])[0] == 422
    assert [billing(pk, {"status": "used"})[0] for pk in (0, 10**9, 10**30)] == [404] * 3
    assert client.patch(f"{API}/{friend.pk}", {"status": "used"}, format="json").status_code == 403
    assert api("ingest").patch(f"{API}/{friend.pk}", {"status": "used"}, format="json").status_code == 403
    reviewing.deny(friend.referral, "One person", by="test")
    for status in ("used", "granted"):
        assert billing(friend.pk, {"status": status}) == (409, {
            "detail": "$10.50 for the referral of globex was taken back: it is not to be honoured.", "code": "conflict",
        })  # fmt: skip
    assert set(Incentive.objects.values_list("status", "used_by")) == {("revoked", "")}


def test_money_of_a_partner_is_not_marked(billing, granted) -> None:
    Incentive.objects.filter(side="referrer").update(kind="cash")
    status, answer = billing(granted[1].pk, {"status": "used"})
    assert (status, answer["detail"]) == (
        409,
        "$20.00 for the referral of globex is money: it is paid with the payouts.",
    )


def test_many_cost_no_more_queries_than_one(api, granted, django_assert_num_queries) -> None:
    client = api("read")
    client.get(API)
    with django_assert_num_queries(2):
        client.get(f"{API}?page_size=1")
    for number in range(5):
        referral = make_referral(make_partner(granted[0].referral.program, f"P{number}"), account=make_account())
        pay(referral, 10_000)
    with django_assert_num_queries(2):
        assert len(client.get(API).json()["results"]) == 12
