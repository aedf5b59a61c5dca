"""Whose customer somebody is: bound once, at sign-up."""

from datetime import timedelta

import pytest
from django.utils import translation
from model_bakery import baker

from accounts.domain.timeline import Entry
from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity
from referrals.domain import traces
from referrals.domain.partners import pause
from referrals.domain.signing_up import SignUp, refer
from referrals.domain.sweeping import sweep_referrals
from referrals.enums import Attribution, CodeKind, ProgramStatus, Review
from referrals.models import Click, Code, Incentive, Program, Referral
from tests.referrals.money import at, make_account, make_contact, make_partner, make_program

pytestmark = pytest.mark.django_db
SIGNED_UP = at("2026-03-26T10:00:00")


def click(partner, before: timedelta, **fields) -> str:
    row = baker.make(Click, partner=partner, code=partner.codes.first(), key=f"k{Click.objects.count()}", occurred_at=SIGNED_UP - before, **fields)  # fmt: skip
    return row.key


def coupon(partner, code: str = "SAVE10") -> Code:
    return baker.make(Code, partner=partner, kind=CodeKind.COUPON, code=code, key=code.lower())


def sign_up(program, customer: str = "c-1", **fields) -> Referral:
    return refer(SignUp(program, customer, fields.pop("at", SIGNED_UP), **fields), by="API: shop")[0]


def test_a_coupon_wins_then_clicks_then_the_code() -> None:
    program = make_program()
    ann, ben, col = (make_partner(program, name) for name in ("Ann", "Ben", "Col"))
    coupon(col)
    keys = [click(ann, timedelta(days=9)), click(ben, timedelta(days=2))]
    code = ann.codes.first().code

    assert sign_up(program, "a", clicks=keys, code=code, coupon="save10").partner == col
    assert sign_up(program, "b", clicks=keys, code=code).partner == ben
    assert sign_up(program, "c", clicks=["gone"], code=code.upper()).partner == ann
    Program.objects.update(attribution=Attribution.FIRST)
    program.refresh_from_db()
    assert sign_up(program, "d", clicks=keys, code=code).partner == ann


def test_the_click_decides_the_code_and_the_channel() -> None:
    partner = make_partner()
    row = sign_up(
        partner.program,
        clicks=[click(partner, timedelta(days=1), channel="qr")],
        name="Kim Doe",
        email="Kim@Shop.example",
    )
    assert (row.code, row.channel, row.name, row.email, row.status, row.review, row.held) == (
        partner.codes.first(), "qr", "Kim Doe", "kim@shop.example", "lead", "clear", False,
    )  # fmt: skip


def test_nobody_referred_them() -> None:
    partner = make_partner(make_program(window_days=60))
    old = click(partner, timedelta(days=60, seconds=1))
    for given in ({}, {"clicks": [old]}, {"clicks": ["x"]}):
        with pytest.raises(DomainError) as refusal:
            sign_up(partner.program, **given)
        assert refusal.value.code == "not_referred"
    assert sign_up(partner.program, clicks=[click(partner, timedelta(days=60))]).partner == partner


def test_codes_that_are_none_here() -> None:
    partner, stranger = make_partner(), make_partner()
    for given in (
        {"code": "nobody"},
        {"coupon": "\x00"},
        {"coupon": stranger.codes.first().code},
        {"code": "🎁" * 500},
    ):
        with pytest.raises(DomainError) as refusal:
            sign_up(partner.program, **given)
        assert (refusal.value.code, list(refusal.value.errors)) == ("unknown_code", list(given))
    Code.objects.update(active=False)
    with pytest.raises(DomainError, match="There is no code"):
        sign_up(partner.program, code=partner.codes.first().code)


def test_bound_once_and_for_good() -> None:
    program = make_program()
    ann, ben = make_partner(program, "Ann"), make_partner(program, "Ben")
    first = sign_up(program, code=ann.codes.first().code)
    again, new = refer(SignUp(program, "c-1", SIGNED_UP + timedelta(days=3), code=ben.codes.first().code, name="Acme"))
    assert (again.pk, again.partner, new, again.name) == (first.pk, ann, False, "Acme")
    other = make_partner()  # another program may bind the same customer
    assert sign_up(other.program, code=other.codes.first().code).partner == other


def test_an_account_is_bound_once_whatever_it_is_called() -> None:
    partner, acme = make_partner(), make_account("acme")
    first = sign_up(partner.program, "acme", code=partner.codes.first().code)
    assert first.account == acme
    again, new = refer(SignUp(partner.program, "shop-77", SIGNED_UP, code=partner.codes.first().code, account=acme))
    assert (again, new) == (first, False)


def test_a_lead_becomes_an_account() -> None:
    partner = make_partner(make_program(friend_gets="percent", friend_percent=25, friend_months=3))
    row = sign_up(partner.program, "acme", code=partner.codes.first().code)
    assert Incentive.objects.get().account is None
    acme = make_account("acme")
    assert sweep_referrals() == {"attached": 1, "refunded": 0, "clawed_back": 0}
    assert sweep_referrals() == {"attached": 0, "refunded": 0, "clawed_back": 0}
    row.refresh_from_db()
    assert (row.account, Incentive.objects.get().account) == (acme, acme)
    assert Activity.objects.get(account=acme, kind="referral.bound").data["partner"] == "Pat"


def test_who_is_paused_binds_nobody_and_the_next_click_counts() -> None:
    program = make_program()
    ann, ben = make_partner(program, "Ann"), make_partner(program, "Ben")
    pause(ben, "on leave", since=SIGNED_UP)
    keys = [click(ann, timedelta(days=9)), click(ben, timedelta(days=2))]
    assert sign_up(program, "a", clicks=keys).partner == ann
    with pytest.raises(Conflict, match="takes no part"):
        sign_up(program, "b", code=ben.codes.first().code)
    assert sign_up(program, "c", code=ben.codes.first().code, at=SIGNED_UP - timedelta(seconds=1)).partner == ben


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ProgramStatus.DRAFT},
        {"status": ProgramStatus.ENDED},
        {"ends_on": SIGNED_UP.date()},
        {"starts_on": (SIGNED_UP + timedelta(days=1)).date()},
    ],
)
def test_a_program_that_is_not_open_binds_nobody(fields) -> None:
    partner = make_partner(make_program(**fields))
    with pytest.raises(Conflict) as refusal:
        sign_up(partner.program, code=partner.codes.first().code)
    assert refusal.value.code == "program_closed"


@pytest.mark.parametrize(
    "fields",
    [
        {"customer": ""},
        {"customer": " x"},
        {"customer": "x" * 201},
        {"email": "kim"},
        {"at": at("1969-12-31T00:00")},
        {"at": at("2999-01-01T00:00")},
    ],
)
def test_what_cannot_be_taken(fields) -> None:
    partner = make_partner()
    with pytest.raises(DomainError):
        sign_up(partner.program, **{"code": partner.codes.first().code} | fields)
    assert not Referral.objects.exists()


# Fraud ----------------------------------------------------------------------------------------------------------------


def test_who_refers_themselves_is_refused_and_told_to_us() -> None:
    contact = make_contact(make_account("acme"), email="sam@acme.io")
    partner = make_partner(contact=contact, account=contact.account, email="sam@acme.io")
    row = sign_up(partner.program, code=partner.codes.first().code, email="Sam+new@acme.io")
    assert (row.review, row.flags, row.held) == (Review.DENIED, ["self", "same_domain"], True)
    told = Activity.objects.get(kind="referral.held")
    assert (told.data["flag_keys"], told.data["flags"]) == (
        ["self", "same_domain"],
        "The partner's own address, Same company as the partner",
    )
    with translation.override("fr"):
        assert Entry(told).sentence.endswith("Adresse du partenaire lui-même, Même entreprise que le partenaire")
    own = sign_up(partner.program, "acme", code=partner.codes.first().code)
    assert (own.review, own.flags) == (Review.DENIED, ["self"])


def test_the_same_device_is_held_and_the_same_network_looked_at() -> None:
    partner = make_partner()
    traces.note(partner, ip="192.0.2.7", device="d-1")
    traces.note(partner, ip="192.0.2.7")
    code = partner.codes.first().code
    assert partner.traces.count() == 2
    assert "192.0.2.7" not in str(list(partner.traces.values_list("digest")))
    device = sign_up(partner.program, "a", code=code, ip="192.0.2.7", device="D-1")
    network = sign_up(partner.program, "b", code=code, ip="192.0.2.7")
    nothing = sign_up(partner.program, "c", code=code, ip="192.0.2.8", device="d-2")
    assert [(r.flags, r.review, r.held) for r in (device, network, nothing)] == [
        (["same_device", "same_ip"], "held", True), (["same_ip"], "review", False), ([], "clear", False),
    ]  # fmt: skip


def test_traces_are_forgotten(time_machine) -> None:
    time_machine.move_to(SIGNED_UP, tick=False)
    traces.note(make_partner(), ip="192.0.2.7")
    time_machine.shift(traces.KEPT_FOR)
    assert traces.forget() == 0
    time_machine.shift(timedelta(seconds=1))
    assert traces.forget() == 1


def test_a_leaked_coupon_holds_what_came_by_it_without_a_click() -> None:
    partner = make_partner(make_program(leak_sales=3))
    coupon(partner)
    key = click(partner, timedelta(days=7))
    rows = [sign_up(partner.program, "0", coupon="SAVE10", clicks=[key])]
    rows += [sign_up(partner.program, str(n), coupon="SAVE10") for n in range(1, 5)]
    for row in rows:
        row.refresh_from_db()
    # One of three had been at the partner's, one of four, then one of five: 80 %.
    assert [(row.clicked_before, row.review, row.held) for row in rows] == [
        (True, "clear", False), *[(False, "held", True)] * 4,
    ]  # fmt: skip
    assert rows[1].flags == rows[4].flags == ["coupon_leak"]
