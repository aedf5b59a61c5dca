"""Personal links to the portal, as a CSM hands them out."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, ContactLink, Mail
from accounts.registry import Dropped
from health.domain.dropped import was_in_use
from tests.accounts.spine import make_account, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim(chloe) -> Contact:
    return Contact.objects.create(account=make_account("Acme", csm=chloe), name="Kim", email="kim@acme.example")


@pytest.fixture
def path(kim) -> str:
    return f"/accounts/{kim.account_id}/contacts/{kim.pk}/portal/"


def links(kim) -> list[bool]:
    """Of each that was made, in order: does it still work?"""
    return [link.revoked_at is None for link in ContactLink.objects.filter(contact=kim).order_by("pk")]


def test_made_renewed_and_ended(kim, path, chloe, signed_in):
    browser = signed_in(chloe)
    assert "Make a link" in browser.get(path).content.decode()
    assert links(kim) == []  # looking makes none

    browser.post(path, {"do": "make"})
    browser.post(path, {"do": "make"})
    assert links(kim) == [True]
    key = ContactLink.objects.get().key
    assert key in browser.get(path).content.decode()

    browser.post(path, {"do": "renew"})
    assert links(kim) == [False, True]
    assert key not in browser.get(path).content.decode()
    browser.post(path, {"do": "revoke"})
    browser.post(path, {"do": "revoke"})
    assert links(kim) == [False, False]
    assert [kind for kind, _data in told(kim.account)] == ["link.revoked", "link.revoked"]


def test_mailed_once_for_a_page_however_often_it_is_pressed(kim, path, chloe, signed_in):
    browser = signed_in(chloe)
    for at in ("2026-04-16T09:00", "2026-04-16T09:00", "2026-04-16T09:05"):
        browser.post(path, {"do": "mail", "at": at})
    mails = list(Mail.objects.order_by("pk").values_list("kind", "to", "subject"))
    assert mails == [("portal_link", "kim@acme.example", "Acme with Tenure: your page")] * 2
    assert ContactLink.objects.get().key in Mail.objects.first().text


def test_htmx_gets_the_part_back(path, chloe, signed_in):
    html = signed_in(chloe).post(path, {"do": "make"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert 'id="portal-link"' in html


@pytest.mark.parametrize("verb", ["", "delete", "<script>", "\0"])
def test_another_button_does_not_exist(kim, path, chloe, signed_in, verb):
    assert signed_in(chloe).post(path, {"do": verb}).status_code == 422
    assert links(kim) == []


def test_who_has_left_gets_none(kim, path, chloe, signed_in):
    Contact.objects.update(left_on=date(2026, 1, 1))
    assert "has left" in signed_in(chloe).get(path).content.decode()
    assert signed_in(chloe).post(path, {"do": "make"}).status_code == 409
    assert links(kim) == []


def test_only_their_csm_and_those_above(kim, path, people, signed_in):
    for name, status in (("alice", 200), ("marc", 200), ("chloe", 200), ("cyril", 404), ("vera", 404)):
        assert signed_in(people[name]).get(path).status_code == status, name
    other = make_account("Beta", csm=people["chloe"])
    assert signed_in(people["chloe"]).get(f"/accounts/{other.pk}/contacts/{kim.pk}/portal/").status_code == 404


def test_whether_it_was_in_use_is_asked_in_two_queries_for_any_number(kim):
    for count in (1, 50):
        dropped = [Dropped(key, kim.account_id, (10, 5), (None, None)) for key in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert was_in_use(dropped) == {}  # nothing is known of who uses it: nothing is said
        assert len(queries) == 2
