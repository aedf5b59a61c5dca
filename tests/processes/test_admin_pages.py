"""Each page of Django's admin with rows in it opens, is searched, and shows nothing that is nobody's to read."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from model_bakery import baker
from model_bakery.random_gen import baker_random

from accounts.admin import ReadOnly
from accounts.models import Cost, Intent, Renewal, Segment
from health.models import Answer, Pulse, RecomputeRun, ScoreModelVersion
from referrals.models import LedgerEntry, Payout
from tests.referrals.money import make_partner, make_referral, pay, refund

pytestmark = pytest.mark.django_db
BY_PAGE = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
# What opens a door by itself, or a letter with such links in it.
SECRETS = {
    "accounts_apitoken": ("digest",),
    "accounts_calendarfeed": ("digest",),
    "accounts_contactlink": ("key",),
    "accounts_mail": ("key", "text", "html"),
    "accounts_planchange": ("key",),
    "accounts_user": ("password",),
    "accounts_webhook": ("url", "seal", "seal_before"),
    "onboarding_busycalendar": ("url", "digest"),
    "onboarding_session": ("held_by", "held_for"),
}
HIDDEN = "hidden-"
TERM = {"starts_on": "2026-01-01", "ends_on": "2027-01-01", "decision_date": "2026-12-01"}
_number = count(1)


# Of what cannot be made up just so, one row.
MADE: dict[str, Callable[[], Any]] = {
    "accounts_cost": lambda: baker.make(Cost, channel=f"C{next(_number)}"),
    "accounts_renewal": lambda: baker.make(Renewal, **TERM),
    "accounts_intent": lambda: baker.make(Intent, renewal=baker.make(Renewal, **TERM), score=5),
    "health_answer": lambda: baker.make(Answer, score=5),
    "health_pulse": lambda: baker.make(Pulse, value=3),
    "health_scoremodelversion": lambda: baker.make(ScoreModelVersion, model__segment=baker.make(Segment)),
    "health_recomputerun": lambda: baker.make(RecomputeRun, status="done"),
    "referrals_conversion": lambda: pay(make_referral(make_partner()), 500),
    "referrals_refund": lambda: refund(pay(make_referral(make_partner()), 500), 100),
    "referrals_ledgerentry": lambda: LedgerEntry.objects.get(conversion=pay(make_referral(make_partner()), 500)),
    "referrals_payout": lambda: baker.make(Payout, amount=100),
}


@pytest.fixture
def _the_same_every_time() -> Iterator[None]:
    """Whatever is made up."""
    baker_random.seed(7)
    yield
    baker_random.seed()


def queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(address)
    assert answer.status_code == 200, address
    assert HIDDEN not in answer.text, address
    return len(seen)


def secrets_of(page: str) -> dict[str, str]:
    return {name: f"{HIDDEN}{next(_number)}" for name in SECRETS.get(page, ())}


@pytest.mark.usefixtures("_the_same_every_time")
@pytest.mark.parametrize("page", sorted(BY_PAGE))
def test_every_page_opens_and_a_list_asks_no_more_for_many(page, alice, signed_in) -> None:
    model, browser = BY_PAGE[page], signed_in(alice)
    make = MADE.get(page, lambda: baker.make(model, **secrets_of(page)))
    row, address = make(), reverse(f"admin:{page}_changelist")
    browser.get(address)  # what is asked once only, the types of content
    before = queries(browser, address)
    for _more in range(4):
        make()

    assert queries(browser, address) == before
    assert browser.get(address, {"q": "a"}).status_code == 200
    queries(browser, reverse(f"admin:{page}_change", args=[row.pk]))
    if not isinstance(admin.site._registry[model], ReadOnly):
        queries(browser, reverse(f"admin:{page}_add"))
    else:
        assert browser.get(reverse(f"admin:{page}_add")).status_code == 403
