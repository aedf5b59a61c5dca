"""Pages for people who do not sign in."""

import pytest
from django.test import Client
from django.utils import timezone
from model_bakery import baker

from accounts import visitors
from accounts.domain.links import address_of
from accounts.models import Account, Contact, ContactLink
from tests.accounts import visiting  # noqa: F401  registers its purposes
from tests.addresses import addresses_from

pytestmark = pytest.mark.django_db
_addresses = addresses_from("tests.accounts.visiting")


@pytest.fixture
def kim() -> Contact:
    account = baker.make(Account, name="Acme", external_id="acme", time_zone="Europe/Bucharest")
    return baker.make(Contact, account=account, email="kim@acme.example", name="Kim", language="ro")


@pytest.fixture
def path(kim) -> str:
    return "/try/" + address_of(kim, "tryout", "invite").rstrip("/").rsplit("/", 1)[1] + "/"


def test_the_link_says_who_comes_and_the_page_speaks_their_language_and_zone(path, client):
    answer = client.get(path)

    assert (answer.status_code, answer.text) == (200, "Kim invite ro Europe/Bucharest")
    assert answer["Content-Language"] == "ro"
    assert ContactLink.objects.get().last_used_at is not None


def test_their_own_zone_comes_before_their_companys(path, client):
    Contact.objects.update(time_zone="Asia/Tokyo")
    assert client.get(path).text == "Kim invite ro Asia/Tokyo"


def test_a_language_chosen_on_the_page_is_kept(path, client):
    assert client.get(f"{path}?lang=fr").text == "Kim invite fr Europe/Bucharest"
    assert client.get(path).text == "Kim invite fr Europe/Bucharest"
    assert client.get(f"{path}?lang=tlh").text == "Kim invite fr Europe/Bucharest"
    assert Client().get(path).text == "Kim invite ro Europe/Bucharest"


def test_without_a_language_of_their_own_the_browsers_holds(path, client):
    Contact.objects.update(language="tlh")
    assert client.get(path, headers={"Accept-Language": "fr-CA"}).text == "Kim invite fr Europe/Bucharest"


def test_the_switch_keeps_what_else_the_address_says(path, client):
    page = client.get(f"{path}?form=1&score=9").text

    assert '<html lang="ro"' in page
    assert 'href="?form=1&amp;score=9&amp;lang=fr" lang="fr"' in page
    assert "<script" not in page


def test_nobody_learns_the_address_from_a_cache_an_engine_or_a_referrer(path, client):
    answer = client.get(path)

    assert {name: answer[name] for name in ("Referrer-Policy", "Cache-Control", "X-Robots-Tag")} == {
        "Referrer-Policy": "strict-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }


def test_looking_ahead_is_answered_and_leaves_nothing(path, client):
    assert client.head(path).status_code == 200
    assert ContactLink.objects.get().last_used_at is None


def test_a_link_that_is_none_says_no_more_than_that(path, client):
    ended = baker.make(Contact, account=Account.objects.get(), email="max@acme.example", name="Max")
    gone = "/try/" + address_of(ended, "tryout").rstrip("/").rsplit("/", 1)[1] + "/"
    ContactLink.objects.filter(contact=ended).update(revoked_at=timezone.now())
    answers = [client.get(p) for p in (gone, path[:-2] + "/", path.replace("/try/", "/other/"), "/try/x/")]

    assert [answer.status_code for answer in answers] == [410, 404, 404, 404]
    assert [answer.context["error"].status for answer in answers] == [410, 404, 404, 404]
    for answer in answers:
        assert not any(word in answer.text for word in ("Acme", "acme", "Kim", "Max"))
        assert answer["Cache-Control"] == "no-store"
    assert '<html lang="fr"' in client.get("/try/x/?lang=fr").text


def test_what_a_rule_refuses_is_told_on_a_page_of_theirs(path, client):
    answer = client.post(path)

    assert answer.status_code == 409
    assert "Somebody was faster." in answer.text
    assert 'class="visitor"' in answer.text


def test_a_form_from_another_site_is_refused(path):
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403


def test_one_address_asks_so_often_and_no_more(path, settings):
    settings.VISITOR_RATE = 3
    here, there = Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="198.51.100.8")

    answers = [here.get(p) for p in (path, "/try/x/", path, path)]

    assert [answer.status_code for answer in answers] == [200, 404, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert there.get(path).status_code == 200


def test_who_has_a_network_of_addresses_is_counted_as_one(path, settings):
    settings.VISITOR_RATE = 1
    addresses = [
        "2001:db8:1:2::7",
        "2001:db8:1:2:aaaa::8",
        "2001:db8:1:3::7",
        "::ffff:198.51.100.7",
        "::ffff:198.51.100.8",
    ]
    answers = [Client(REMOTE_ADDR=address).get(path).status_code for address in addresses]
    assert answers == [200, 429, 200, 200, 200]


def test_a_proxy_of_ours_is_believed_about_the_visitors_address_and_nobody_else(path, settings):
    settings.VISITOR_RATE = 1
    first = [Client().get(path, headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in (1, 2)]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    second = [Client().get(path, headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in (1, 2, 2)]

    assert first == [200, 429]
    assert second == [200, 200, 429]


def test_without_the_cache_people_are_let_in(path, client, monkeypatch):
    def away(*args):
        raise OSError("away")

    monkeypatch.setattr(visitors.cache, "add", away)
    assert client.get(path).status_code == 200
