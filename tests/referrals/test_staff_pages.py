"""The team's pages: partners to the last cent, what waits for a decision, reports."""

import csv
import io
import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Activity, Mail
from referrals.domain import checking, payouts
from referrals.enums import PartnerStatus, Review
from referrals.models import Partner, Referral
from tests.referrals.money import (
    NOW,
    earned,
    ledger,
    make_account,
    make_contact,
    make_partner,
    make_program,
    make_referral,
    pay,
)

pytestmark = pytest.mark.django_db

NAUGHTY = "=cmd|'/C calc'!A0 <b>x</b> Ω≈ç√ \U0001f984"


@pytest.fixture(autouse=True)
def _june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def program(db):
    return make_program(slug="friends", name="Friends", min_payout=1000)


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def html(answer, status=200):
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


# Overview -------------------------------------------------------------------------------------------


def test_the_overview_shows_funnel_money_and_k(admin, program):
    earned(program, "Kim", 2500)
    text = html(admin.get("/referrals/?period=all"))

    assert "$25.00" in text
    assert "k-factor" in text
    assert html(admin.get("/referrals/?period=nonsense"))


def test_with_no_program_it_says_what_to_do(admin, db):
    assert "No program is running yet" in html(admin.get("/referrals/"))


# Partners -------------------------------------------------------------------------------------------


def test_partners_are_found_by_name_code_and_state(admin, program):
    kim, pat = earned(program, "Kim", 2500), make_partner(program, "Pat", status=PartnerStatus.PAUSED)

    def found(query):
        return [
            one.name
            for one in (kim, pat)
            if f'id="partner-{one.pk}"' in html(admin.get(f"/referrals/partners/?{query}"))
        ]

    assert found("") == ["Kim", "Pat"]
    assert found("q=KIM") == ["Kim"]
    assert found(f"q={pat.codes.get().code.upper()}") == ["Pat"]
    assert found("status=paused") == ["Pat"]
    assert found("program=other") == []
    assert (
        found("sort=earned")
        == found("sort=newest")
        == found("sort=balance")
        == found("sort=%00&status=x")
        == ["Kim", "Pat"]
    )
    assert found("after=rubbish") == ["Kim", "Pat"]


def test_fifty_partners_cost_no_more_queries_than_one(admin, program):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            html(admin.get("/referrals/partners/"))
        return len(queries)

    earned(program, "Kim", 2500)
    one = asked()
    for number in range(50):
        make_partner(program, f"Pat{number}")

    assert asked() == one


def test_pages_of_partners_go_on_where_the_last_one_ended(admin, program):
    for number in range(60):
        make_partner(program, f"Pat{number:02}")
    for sort in ("name", "newest", "earned"):
        first = admin.get(f"/referrals/partners/?sort={sort}")
        second = admin.get(f"/referrals/partners/?sort={sort}&after={first.context['page'].next}")
        seen = [row.partner.pk for answer in (first, second) for row in answer.context["rows"]]
        assert (len(seen), len(set(seen))) == (60, 60)


def test_a_partners_page_shows_the_ledger_to_the_last_cent(admin, program):
    kim = earned(program, "Kim", 2500, 1234)
    payouts.adjust(kim.pk, -34, "Rounding", by="test")
    pat = earned(program, "Pat", 999)

    lines = [
        (line.entry.amount, line.balance) for line in admin.get(f"/referrals/partners/{kim.pk}/").context["page"].rows
    ]
    text = html(admin.get(f"/referrals/partners/{kim.pk}/"))

    assert lines == [(-34, 3700), (1234, 3734), (2500, 2500)]
    assert "−$0.34" in text
    assert "Rounding" in text
    assert html(admin.get(f"/referrals/partners/{pat.pk}/?after=rubbish"))
    assert admin.get("/referrals/partners/999999/").status_code == 404


def test_adjusting_wants_an_amount_and_a_reason(admin, program):
    kim = earned(program, "Kim", 2500)
    place = f"/referrals/partners/{kim.pk}/adjust/"
    for wrong in (
        {},
        {"amount": "0", "note": "x"},
        {"amount": "5"},
        {"amount": "1e99", "note": "x"},
        {"amount": "NaN", "note": "x"},
        {"amount": "1.005", "note": "No coin is that small"},
    ):
        assert "Rounding" not in html(admin.post(place, wrong), 422)
    assert admin.post(place, {"amount": "-1.5", "note": "Rounding"}).status_code == 302

    assert ledger(kim) == [("accrual", 2500), ("adjustment", -150)]


def test_a_balance_that_is_adjusted_twice_by_one_form_is_adjusted_once(admin, program):
    kim = make_partner(program, "Kim")
    place = f"/referrals/partners/{kim.pk}/"
    sent = {"amount": "5", "note": "For the stand", "seen": seen_in(html(admin.get(place)))}

    assert admin.post(f"{place}adjust/", sent).status_code == 302
    again = html(admin.post(f"{place}adjust/", sent), 409)
    assert "The balance has changed meanwhile." in again
    assert 'value="For the stand"' in again
    assert ledger(kim) == [("adjustment", 500)]

    assert admin.post(f"{place}adjust/", sent | {"seen": seen_in(again)}).status_code == 302
    assert ledger(kim) == [("adjustment", 500)] * 2


def seen_in(page):
    return re.search('name="seen" value="([0-9]+)"', page)[1]


def test_an_application_is_approved_or_refused_with_a_mail(admin, program):
    kim = make_partner(program, "Kim", status=PartnerStatus.APPLIED)
    pat = make_partner(program, "Pat", status=PartnerStatus.APPLIED)
    page = html(admin.get(f"/referrals/partners/{pat.pk}/"))
    assert ("About them" in page, "Refuse them" in page, "Adjust the balance" in page) == (True, True, False)

    admin.post(f"/referrals/partners/{kim.pk}/approve/")
    assert "This cannot be empty" not in html(admin.post(f"/referrals/partners/{pat.pk}/refuse/", {"reason": ""}), 422)
    admin.post(f"/referrals/partners/{pat.pk}/refuse/", {"reason": NAUGHTY})

    assert dict(Partner.objects.values_list("name", "status")) == {"Kim": "approved", "Pat": "refused"}
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["partner.approved", "partner.refused"]
    assert admin.post(f"/referrals/partners/{pat.pk}/refuse/", {"reason": "x"}).status_code == 422  # decided already


def test_pausing_codes_and_personal_links(admin, program):
    kim = make_partner(program, "Kim")
    place = f"/referrals/partners/{kim.pk}"
    admin.post(f"{place}/pause/", {"reason": "Coupon sites"})
    kim.refresh_from_db()
    assert kim.status == PartnerStatus.PAUSED
    admin.post(f"{place}/resume/")
    old = kim.key
    admin.post(f"{place}/page/", {"new": "1"})
    kim.refresh_from_db()
    assert (kim.status, kim.key != old) == (PartnerStatus.APPROVED, True)

    assert admin.post(f"{place}/codes/", {"code": "KIM 20", "kind": "coupon", "channel": "coupon"}).status_code == 422
    assert admin.post(f"{place}/codes/", {"code": "KIM20", "kind": "coupon", "channel": "coupon"}).status_code == 302
    coupon = kim.codes.get(code="KIM20")
    admin.post(f"{place}/codes/{coupon.pk}/")
    coupon.refresh_from_db()
    assert coupon.active is False
    assert admin.post(f"{place}/codes/999999/").status_code == 404


def test_files_carry_what_is_shown_and_no_formulas(admin, program):
    kim = earned(program, NAUGHTY, 2500, email="kim@partner.example")

    rows = list(csv.reader(io.StringIO(b"".join(admin.get("/referrals/partners/export/")).decode())))
    entries = list(csv.reader(io.StringIO(b"".join(admin.get(f"/referrals/partners/{kim.pk}/ledger/")).decode())))

    assert rows[1][1] == f"'{NAUGHTY}"
    assert rows[1][-5:] == ["25.00", "0.00", "25.00", "0.00", "25.00"]
    assert [row[3:8] for row in entries[1:]] == [["accrual", "commission", "25.00", "USD", "25.00"]]


# Review ---------------------------------------------------------------------------------------------


def test_flagged_referrals_are_decided_together_with_a_reason(admin, program):
    kim = make_partner(program, "Kim")
    rows = [make_referral(kim, name=f"C{n}", review=Review.HELD, flags=["same_domain"], held=True) for n in range(3)]
    pay(rows[0], 10000)
    text = html(admin.get("/referrals/review/?flag=same_domain"))
    assert "Same company as the partner" in text
    assert "$20.00" in text
    assert "Nothing waits" in html(admin.get("/referrals/review/?flag=same_ip"))

    assert "Choose referrals first" in html(admin.post("/referrals/review/decide/", {"verb": "deny", "note": "x"}), 422)
    made_up = {"verb": "burn", "note": "x", "ids": [rows[0].pk]}
    assert "Choose one of the buttons." in html(admin.post("/referrals/review/decide/", made_up), 422)
    unsaid = html(admin.post("/referrals/review/decide/", {"verb": "deny", "ids": [rows[0].pk]}), 422)
    assert "Say why" in unsaid
    assert f'value="{rows[0].pk}" aria-label="Choose C0" checked' in unsaid
    admin.post("/referrals/review/decide/", {"verb": "deny", "note": "One person", "ids": [rows[0].pk, rows[1].pk]})
    admin.post("/referrals/review/decide/", {"verb": "approve", "ids": [rows[2].pk, rows[0].pk, "x", "9" * 30]})

    assert list(Referral.objects.order_by("pk").values_list("review", flat=True)) == ["denied", "denied", "approved"]

    refused = html(admin.get("/referrals/review/?state=denied"))
    assert refused.count("One person") == 2
    assert "Refuse the chosen" not in refused
    again = admin.post("/referrals/review/decide/?state=denied", {"verb": "approve", "ids": [rows[0].pk]})
    assert again.headers["Location"] == "/referrals/review/?state=denied"
    rows[0].refresh_from_db()
    assert (rows[0].review, sum(entry.amount for entry in kim.entries.all())) == ("approved", 2_000)
    assert ledger(kim) == [("accrual", 2000), ("reversal", -2000), ("accrual", 2000)]
    assert checking.check_ledger() == []


# Reports --------------------------------------------------------------------------------------------


def test_reports_tell_by_channel_and_partner_and_whether_it_can_be_told(admin, program):
    kim = make_partner(program, "Kim")
    for number in range(3):
        account = make_account(f"c-{number}", mrr=100, started_on=date(2026, 5, 1), stage="active")
        pay(
            make_referral(kim, account.external_id, account=account, channel="qr", signed_up_at=timezone.now()),
            10000,
            f"{timezone.now():%Y-%m-%dT%H:%M}",
        )
    make_account("other", mrr=50, started_on=date(2026, 5, 1), stage="active")

    answer = admin.get("/referrals/reports/?period=365")
    text = html(answer)

    assert [(row.name.name, row.funnel.sign_ups) for row in answer.context["leaders"]] == [("Kim", 3)]
    assert [str(row.name) for row in answer.context["channels"]] == ["QR code"]
    assert (answer.context["comparison"].referred, answer.context["comparison"].others) == (3, 1)
    assert "too few to tell" in text
    rows = list(csv.DictReader(io.StringIO(b"".join(admin.get("/referrals/reports/export/?program=friends")).decode())))
    assert {row["group"] for row in rows} == {"all", "channel", "partner"}
    assert rows[0]["revenue"] == "300.00"


# On the account page --------------------------------------------------------------------------------


def test_the_account_shows_who_referred_it_and_whom_it_refers(admin, program):
    acme, beta = make_account("acme", name="Acme"), make_account("beta", name="Beta")
    make_referral(make_partner(program, "Kim", account=acme), "beta", account=beta, name="Beta")

    assert "Beta" in html(admin.get(f"/accounts/{acme.pk}/referrals/"))
    assert "Acme" in html(admin.get(f"/accounts/{beta.pk}/referrals/"))


def test_a_contact_is_invited_from_the_account(admin, program, chloe, signed_in, cyril):
    acme = make_account("acme", name="Acme", csm=chloe, band="green")
    kim = make_contact(acme, name="Kim Park")
    place = f"/accounts/{acme.pk}/referrals/ask/"

    assert signed_in(cyril).post(place, {"contact": kim.pk, "program": program.pk}).status_code == 404
    asked = signed_in(chloe).post(place, {"contact": kim.pk, "program": program.pk})
    again = signed_in(chloe).post(place, {"contact": kim.pk, "program": program.pk})

    assert (asked.status_code, again.status_code) == (302, 409)
    assert "left in peace" in again.content.decode()
    assert Mail.objects.get().kind == "referral.invite"
    assert Activity.objects.filter(account=acme, kind="partner.invited").count() == 1
    for wrong in ({}, {"contact": "x", "program": program.pk}, {"contact": kim.pk, "program": "9" * 40}):
        assert admin.post(place, wrong).status_code == 422
