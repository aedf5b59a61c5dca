"""The pages of payouts: a batch is shown, made, exported, and settled line by line or by file."""

import csv
import io
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from referrals.domain import payouts
from referrals.models import LedgerEntry, Payout, PayoutBatch
from tests.referrals.money import NOW, earned, ledger, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def program(shared):
    """Two have earned enough to be paid; Lee has not, and Max says not how."""
    with time_machine.travel(NOW, tick=False):
        program = make_program(slug="friends", name="Friends", min_payout=1000)
        for name, amount, fields in [
            ("Kim", 5000, {}),
            ("Pat", 1000, {}),
            ("Lee", 999, {}),
            ("Max", 9000, {"payout_method": ""}),
        ]:
            earned(program, name, amount, **fields)
    return program


@pytest.fixture(autouse=True)
def _june(program):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(alice, signed_in):
    return signed_in(alice)


def html(answer, status=200):
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_a_batch_is_made_as_it_was_shown(admin, program):
    place = f"/referrals/payouts/new/{program.pk}/"
    shown = admin.get(place)
    assert [(partner.name, amount) for partner, amount in shown.context["paid"]] == [("Kim", 5000), ("Pat", 1000)]
    assert {(p.name, amount, str(why)) for p, amount, why in shown.context["carried"]} == {
        ("Lee", 999, "Below the minimum"),
        ("Max", 9000, "No payout method"),
    }

    assert admin.post(place, {"count": "2", "total": "5999"}).status_code == 409
    assert admin.post(place, {}).status_code == 409
    assert not PayoutBatch.objects.exists()
    made = admin.post(place, {"count": "2", "total": "6000"})
    again = admin.post(place, {"count": "2", "total": "6000"})

    batch = PayoutBatch.objects.get()
    assert (made.headers["Location"], again.status_code) == (f"/referrals/payouts/{batch.pk}/", 409)
    assert "Nothing is due" in html(admin.get(place))


@pytest.fixture
def batch(program):
    return payouts.make_batch(program, by="test")


def test_a_batch_is_exported_and_marked_line_by_line(admin, batch):
    place = f"/referrals/payouts/{batch.pk}/"
    kim, pat = Payout.objects.order_by("-amount")
    rows = list(csv.DictReader(io.StringIO(b"".join(admin.post(f"{place}export/")).decode())))
    assert [(row["partner"], row["amount"], row["currency"]) for row in rows] == [
        ("Kim", "50.00", "USD"),
        ("Pat", "10.00", "USD"),
    ]
    batch.refresh_from_db()
    assert batch.status == "exported"

    assert admin.post(f"{place}mark/", {"verb": "paid"}).status_code == 422
    assert "Choose one of the buttons." in html(admin.post(f"{place}mark/", {"verb": "burn", "ids": [kim.pk]}), 422)
    refused = admin.post(f"{place}mark/", {"verb": "failed", "ids": [pat.pk], "text": "x" * 999}).content.decode()
    assert re.findall(r'value="(\d+)" checked', refused) == [str(pat.pk)]
    assert f'href="{place}?state=due"' in refused
    admin.post(f"{place}mark/", {"verb": "paid", "ids": [kim.pk], "text": "SEPA 1"})
    admin.post(f"{place}mark/", {"verb": "failed", "ids": [pat.pk], "text": "Account closed"})

    batch.refresh_from_db()
    assert batch.status == "closed"
    assert ledger(pat.partner) == [("accrual", 1000), ("payout", -1000), ("payout_failed", 1000)]
    text = html(admin.get(f"{place}?state=failed"))
    assert "Account closed" in text
    assert f'id="p{kim.pk}"' not in text


def test_a_batch_is_settled_by_file_twice_with_the_same_end(admin, batch):
    kim, pat = Payout.objects.order_by("-amount")
    text = f"\ufeffPayout;Status;Reference;Reason\n{kim.pk};PAID;S-1;\n'{pat.pk};rejected;;No such account\n999;paid;;\nx;paid\n{kim.pk};maybe;;\n"

    def settle():
        file = SimpleUploadedFile("bank.csv", text.encode())
        return admin.post(f"/referrals/payouts/{batch.pk}/settle/", {"file": file})

    first = html(settle())
    after = list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount"))
    second = settle()

    assert [number for number, _why in second.context["problems"]] == [4, 5, 6]
    assert "Line 4: There is no such payout in this batch." in first
    assert list(Payout.objects.order_by("-amount").values_list("status", "reference", "failure")) == [
        ("paid", "S-1", ""),
        ("failed", "", "No such account"),
    ]
    assert list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount")) == after


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"a,b\n1,2\n", b"\xff\xfe\x00", "é".encode("latin-1"), b'"open']
)
def test_a_file_that_is_none_is_refused_with_a_sentence(admin, batch, data):
    answer = admin.post(f"/referrals/payouts/{batch.pk}/settle/", {"file": SimpleUploadedFile("x.csv", data)})

    assert answer.status_code == 422
    assert set(Payout.objects.values_list("status", flat=True)) == {"due"}
