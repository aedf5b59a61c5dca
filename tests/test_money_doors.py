"""Money as it comes in, by every door: kept to the last digit, or refused with a sentence; never rounded in silence."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.domain.imports.commanding import import_path
from accounts.domain.tokens import create_token
from accounts.models import Cost, ExchangeRate, Plan, PlanPrice, Renewal, Subscription
from health.models import Invoice
from referrals.domain.amounts import major
from referrals.models import Conversion, LedgerEntry, Program, Refund
from tests.accounts.imports.files import text_of, written
from tests.accounts.renewing import term
from tests.forms import filled_in
from tests.referrals.money import make_account, make_partner, make_program, make_referral, pay

pytestmark = pytest.mark.django_db
API = "/api/v1"
NEVER = ("NaN", "1e500", "9" * 40)
# Another way to write a sum is understood, or not; it is never understood as another sum.
ODD = {"1e5": "100000", "1,125": "1125", "\u0661\u0661\u0662": "112"}
_number = count(1)


@dataclass
class House:
    admin: Client
    program: APIClient

    def page(self, path: str, data: dict[str, Any]) -> tuple[bool, str]:
        answer = self.admin.post(path, data)
        return answer.status_code < 400, " ".join(re.findall('(?s)class="(?:form-)?errors?".*?</div>', answer.text))

    def api(self, verb: str, path: str, data: dict[str, Any]) -> tuple[bool, str]:
        answer = getattr(self.program, verb)(API + path, json.dumps(data), content_type="application/json")
        return answer.status_code < 400, json.dumps(answer.json())


@pytest.fixture
def house(alice, signed_in, time_machine) -> House:
    time_machine.move_to("2026-03-02T08:00Z", tick=False)
    _row, token = create_token(name="All", scopes=["ingest", "write", "admin", "read"])
    return House(signed_in(alice), APIClient(HTTP_AUTHORIZATION=f"Bearer {token}"))


def cost(house: House, given: str) -> tuple[bool, str]:
    body = {"month": "2026-02", "kind": "winning", "amount": given, "channel": f"C{next(_number)}"}
    return house.page("/settings/costs/", body)


def rate(house: House, given: str) -> tuple[bool, str]:
    return house.page("/settings/rates/", {"currency": "CHF", "valid_from": "2026-01-01", "rate": given})


def price(house: House, **given: str) -> tuple[bool, str]:
    plan = Plan.objects.create(key=f"plan-{next(_number)}", name="Plan")
    row = {"prices-0-interval": "month", "prices-0-currency": "EUR"}
    values = {"metric": "metered", "unit_name": "call", "min_seats": "1", "decreases": "now"}
    count_ = {"prices-TOTAL_FORMS": "1", "prices-INITIAL_FORMS": "0"}
    return house.page(f"/settings/plans/{plan.pk}/versions/add/", values | count_ | row | given)


def listed(house: House, given: str) -> tuple[bool, str]:
    return price(house, **{"prices-0-amount": given})


def metered(house: House, given: str) -> tuple[bool, str]:
    return price(house, **{"prices-0-amount": "1", "prices-0-unit_amount": given})


def tier(house: House, given: str) -> tuple[bool, str]:
    return price(house, metric="tiered", **{"prices-0-tiers": given})


def decided(house: House, given: str) -> tuple[bool, str]:
    return house.page(f"/renewals/{term().pk}/decide/", {"outcome": "expanded", "mrr": given})


def promised(house: House, given: str) -> tuple[bool, str]:
    body = {
        "name": "Friends", "kind": "customer", "currency": "eur", "min_band": "green", "commission": "flat",
        "amount": given, "tier_mode": "marginal", "referrer_gets": "none", "friend_gets": "none", "attribution": "last",
        "window_days": "60", "hold_days": "30", "clawback_days": "60", "dedupe_hours": "24", "leak_sales": "5",
        "leak_percent": "50",
    }  # fmt: skip
    return house.page("/settings/programs/new/", body)


def adjusted(house: House, given: str) -> tuple[bool, str]:
    partner = make_partner(make_program(currency="EUR"))
    return house.page(f"/referrals/partners/{partner.pk}/adjust/", {"amount": given, "note": "x"})


def subscribed(house: House, given: str) -> tuple[bool, str]:
    account = make_account()
    body = {"unit_amount": given, "interval": "month", "currency": "USD"}
    return house.api("put", f"/accounts/{account.external_id}/subscriptions/{account.pk}", body)


def discounted(house: House, given: str) -> tuple[bool, str]:
    account = make_account()
    body = {"unit_amount": "200000", "discount_amount": given, "interval": "month", "currency": "USD"}
    return house.api("put", f"/accounts/{account.external_id}/subscriptions/{account.pk}", body)


def billed(house: House, given: str) -> tuple[bool, str]:
    account = make_account()
    body = {"amount": given, "issued_on": "2026-02-01", "due_on": "2026-02-15"}
    return house.api("put", f"/accounts/{account.external_id}/invoices/i", body)


def paid(house: House, given: str) -> tuple[bool, str]:
    referral = make_referral(make_partner())
    body = {
        "program": referral.program.slug, "customer": referral.customer, "source": "stripe", "external_id": "c",
        "amount": given, "occurred_at": "2026-02-01T10:00:00Z",
    }  # fmt: skip
    return house.api("post", "/conversions", body)


def given_back(house: House, given: str) -> tuple[bool, str]:
    payment = pay(make_referral(make_partner()), 10**9)
    body = {
        "program": payment.program.slug, "conversion": payment.external_id, "source": payment.source,
        "external_id": "r", "amount": given, "occurred_at": "2026-02-01T10:00:00Z",
    }  # fmt: skip
    return house.api("post", "/refunds", body)


def of(model: Any, field: str) -> Callable[[], Iterator[Decimal]]:
    return lambda: map(Decimal, model.objects.filter(**{f"{field}__isnull": False}).values_list(field, flat=True))


def in_cents(model: Any, field: str) -> Callable[[], Iterator[Decimal]]:
    return lambda: (major(amount, "USD") for amount in model.objects.values_list(field, flat=True))


def of_tiers() -> list[Decimal]:
    return [Decimal(one["amount"]) for tiers in PlanPrice.objects.values_list("tiers", flat=True) for one in tiers]


@pytest.mark.parametrize(
    ("send", "kept", "places"),
    [
        (cost, of(Cost, "amount"), 2),
        (rate, of(ExchangeRate, "rate"), 9),
        (listed, of(PlanPrice, "amount"), 8),
        (metered, of(PlanPrice, "unit_amount"), 8),
        (tier, of_tiers, 8),
        (decided, of(Renewal, "outcome_mrr"), 2),
        (promised, in_cents(Program, "amount"), 2),
        (adjusted, in_cents(LedgerEntry, "amount"), 2),
        (subscribed, of(Subscription, "unit_amount"), 8),
        (discounted, of(Subscription, "discount_amount"), 8),
        (billed, of(Invoice, "amount"), 4),
        (paid, in_cents(Conversion, "gross"), 2),
        (given_back, in_cents(Refund, "amount"), 2),
    ],
)
def test_no_door_keeps_another_sum_than_it_was_given(send, kept, places, house) -> None:
    good = Decimal("112." + "123456789"[:places])
    below = () if send is adjusted else ("-112",)
    for given in (*NEVER, *below, f"{good}4", *ODD, str(good)):
        before = set(kept())
        taken, told = send(house, given)
        assert set(kept()) - before == ({Decimal(ODD.get(given, given))} if taken else set()), given
        assert taken == (given == str(good)) or given in ODD, (given, told)
        assert taken or told, given


def test_no_file_brings_another_sum_than_stands_in_it(tmp_path) -> None:
    make_account("acme")
    amounts = ["112.1234", "112.12345", "19.990000000000002", "1e5", "NaN", "9" * 13]
    rows = [[f"i{n}", "acme", amount, "2026-02-01"] for n, amount in enumerate(amounts)]
    file = written(tmp_path, "invoices.csv", text_of(["external_id", "account", "amount", "issued_on"], rows))

    outcome, _columns = import_path("invoices", file)

    assert outcome.refusals == [
        (3, "Amount 112.12345 has too many digits."),
        (5, "Amount “1e5” is not a number."),
        (6, "Amount “NaN” is not a number."),
        (7, "Amount 9999999999999 is too large."),
    ]
    # What a computer's arithmetic leaves behind the sum that it means is no part of it.
    assert set(of(Invoice, "amount")()) == {Decimal("112.1234"), Decimal("19.99")}


def test_what_a_program_promises_is_in_coins_of_its_currency(house) -> None:
    program = make_program(currency="EUR", commission="flat", amount=1050)
    path = f"/settings/programs/{program.pk}/"
    form = {name: values[-1] for name, values in filled_in(house.admin.get(path).text, "amount").items()}

    taken, told = house.page(path, form | {"currency": "jpy"})
    assert (taken, "JPY has 0 decimals." in told) == (False, True)
    assert (
        "JPY has 0 decimals."
        in house.page(path, form | {"currency": "JPY", "amount": "10", "payment": "0.5", "example": "1"})[1]
    )
    assert house.page(path, form | {"currency": "jpy", "amount": "1200"})[0]
    program.refresh_from_db()
    assert (program.currency, program.amount) == ("JPY", 1200)
