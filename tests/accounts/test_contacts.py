"""People at an account come in, and leave."""

from datetime import date

import pytest

from accounts.domain.contacts import upsert_contact, upsert_contacts
from accounts.exceptions import DomainError
from accounts.models import Activity, Contact
from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db


def told() -> list[tuple]:
    return list(Activity.objects.order_by("id").values_list("kind", "data"))


def test_an_address_is_one_person_however_it_is_written() -> None:
    acme = make_account()
    ann, result = upsert_contact(acme, " Ann@Acme.com ", by="x", name="Ann", champion=True)
    assert (ann.email, result) == ("ann@acme.com", "created")
    assert upsert_contact(acme, "ANN@ACME.COM", by="x", name="Ann")[1] == "unchanged"
    assert upsert_contact(acme, "ann@acme.com", by="x", title="CTO")[1] == "updated"
    assert upsert_contact(make_account(), "ann@acme.com", by="x")[1] == "created"


def test_who_leaves_is_told_once() -> None:
    acme = make_account()
    upsert_contact(acme, "ann@acme.com", by="x", name="Ann", champion=True)
    for day in ("2026-03-05", "2026-02-01"):
        upsert_contact(acme, "ann@acme.com", by="x", left_on=day)
    assert told()[1:] == [("contact.left", {"name": "Ann", "email": "ann@acme.com", "champion": True})]


def test_a_file_of_people() -> None:
    acme, bolt = make_account("Acme", external_id="acme"), make_account("Bolt", external_id="bolt")
    upsert_contact(acme, "old@acme.com", by="x", name="Old", phone="1")
    rows = [
        {"account": "acme", "email": "New@Acme.com", "name": "New", "decides": True},
        {"account": "acme", "email": "old@acme.com", "phone": None, "left_on": "2026-01-01"},
        {"account": "bolt", "email": "new@acme.com"},
        {"account": "gone", "email": "a@b.co"},
        {"account": "bolt", "email": "nobody"},
        {"account": "bolt", "email": "NEW@acme.com"},
        {"account": "bolt", "email": "x@b.co", "decides": "maybe"},
    ]
    counts = upsert_contacts(rows, by="import")
    assert (counts.created, counts.updated, counts.unchanged) == (2, 1, 0)
    assert [(index, list(error.errors)) for index, error in counts.refused] == [
        (3, ["account"]),
        (4, ["email"]),
        (5, ["email"]),
        (6, ["decides"]),
    ]
    old = Contact.objects.get(email="old@acme.com")
    assert (old.phone, old.left_on, old.account, bolt.contacts.count()) == ("1", date(2026, 1, 1), acme, 1)
    assert [kind for kind, _data in told()] == ["contact.added"] * 3 + ["contact.left"]
    again = upsert_contacts(rows, by="import")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)


def test_many_cost_as_many_queries_as_few(django_assert_max_num_queries) -> None:
    make_account("Acme", external_id="acme")
    for count in (1, 200):
        rows = [{"account": "acme", "email": f"p{count}-{n}@acme.com"} for n in range(count)]
        with django_assert_max_num_queries(10):
            upsert_contacts(rows, by="import")


@pytest.mark.parametrize(
    "email", ["", None, "a", "a@", "@b.co", "a b@c.co", "a@b\n.co", "x" * 300 + "@b.co", "\x00@b.co"]
)
def test_what_is_no_address_is_refused(email) -> None:
    with pytest.raises(DomainError) as refused:
        upsert_contact(make_account(), email, by="x")
    assert list(refused.value.errors) == ["email"]


def test_a_language_is_one_of_ours_or_is_refused_with_the_list() -> None:
    acme = make_account()
    contact, _result = upsert_contact(acme, "kim@acme.example", by=None, language="fr-CA")
    assert contact.language == "fr"
    assert upsert_contact(acme, "kim@acme.example", by=None, language="FR_ca")[1] == "unchanged"
    assert upsert_contact(acme, "kim@acme.example", by=None, language="")[0].language == ""

    with pytest.raises(DomainError) as refusal:
        upsert_contact(acme, "kim@acme.example", by=None, language="de")

    sentence = "“de” is not one of our languages: en (English), fr (French), ro (Romanian)."
    assert refusal.value.errors == {"language": [sentence]}
