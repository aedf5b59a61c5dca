"""No more questions, please."""

import pytest
from django.test import Client

from accounts.domain.links import address_of
from accounts.models import Activity, Contact, OptOut
from tests.accounts.mailing import contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim() -> Contact:
    return contact("Kim@Acme.example")


@pytest.fixture
def path(kim) -> str:
    return address_of(kim, "unsubscribe").removeprefix("http://127.0.0.1:8000")


def test_looking_asks_and_a_press_acts(path, client, kim):
    for _ in range(2):
        assert "No more questions, please?" in client.get(path).text
    assert client.head(path).status_code == 200
    assert not OptOut.objects.exists()

    assert "No more questions" in client.post(path, {"stop": "1"}).text
    row = OptOut.objects.get()
    assert (row.address, row.how, row.contact) == ("kim@acme.example", "page", kim)
    assert "Ask me again after all" in client.get(path).text


def test_a_mail_program_does_it_with_one_click_and_no_cookie(path):
    browser = Client(enforce_csrf_checks=True)
    for _ in range(3):
        assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert OptOut.objects.get().how == "one-click"
    told = Activity.objects.values_list("kind", "actor_label", "data")
    assert list(told) == [("contact.opted_out", "Kim", {"contact": "Kim", "email": "kim@acme.example"})]


def test_who_changes_their_mind_is_asked_again(path, client):
    client.post(path)
    assert "Welcome back" in client.post(path, {"again": "1"}).text
    assert not OptOut.objects.exists()
    assert list(Activity.objects.order_by("pk").values_list("kind", flat=True)) == [
        "contact.opted_out",
        "contact.opted_in",
    ]


def test_who_has_left_may_still_say_so(path, client):
    Contact.objects.update(left_on="2026-01-01")
    assert client.post(path).status_code == 200
    assert OptOut.objects.count() == 1


def test_another_link_of_theirs_does_not_do_it(kim, path, client):
    token = path.removeprefix("/u/")
    assert client.post(f"/u/x{token}").status_code == 404
    assert not OptOut.objects.exists()
