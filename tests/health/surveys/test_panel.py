"""What an account's people said, what they were asked, and what was held back, on the account's page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.domain.pressure import note_asks
from tests.health.factories import make_account
from tests.health.surveys.rows import make_answer, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def at(account) -> str:
    return reverse("health:voice_panel", args=[account.pk])


def test_everybody_signed_in_reads_it(people, signed_in, client):
    account = make_account()
    for person in people.values():
        assert signed_in(person).get(at(account)).status_code == 200
    assert "They have not answered yet" in text_of(signed_in(people["vera"]).get(at(account)))
    assert client.get(at(account)).status_code == 302


def test_it_is_a_tab_of_the_account(signed_in, vera):
    account = make_account()
    page = text_of(signed_in(vera).get(reverse("accounts:tab", args=[account.pk, "voice"])))
    assert f'hx-get="{at(account)}"' in page


def test_what_was_said_asked_and_held_back(signed_in, vera):
    account = make_account()
    kim = make_contact(account, name="Kim <i>Park</i>")
    make_answer(kim, 4, comment="Slow <export>", answered_at=timezone.now() - timedelta(days=40))
    make_answer(kim, 8, comment="Better", answered_at=timezone.now() - timedelta(days=3))
    note_asks([kim], "review", "g2", at=timezone.now() - timedelta(days=3))
    make_contact(account, name="Lou Free")
    survey = make_survey(name="Winter")
    for status, more in (("sent", {}), ("bounced", {"bounced_at": timezone.now()}), ("queued", {"sent_at": None}),
                         ("skipped", {"skip_reason": "opted_out", "sent_at": None})):  # fmt: skip
        make_invite(kim, survey, subject=status, status=status, **more)
    page = text_of(signed_in(vera).get(at(account)))
    for words in ("Kim &lt;i&gt;Park&lt;/i&gt;", "Slow &lt;export&gt;", "Better", "Review", "<strong>8</strong>",
                  "Wants no questions from us", "Bounced", "Waiting", ">Sent<"):  # fmt: skip
        assert words in page
    assert page.count('data-label="May be asked"') == 2
    assert "yes" in page.split("Lou Free")[1]


def test_it_asks_as_much_for_fifty_as_for_one(signed_in, vera, django_assert_max_num_queries):
    account, browser, survey = make_account(), signed_in(vera), make_survey()
    make_answer(make_invite(make_contact(account), survey).contact, 5, comment="x")
    with django_assert_max_num_queries(16) as few:
        browser.get(at(account))
    for n in range(50):
        contact = make_contact(account, name=f"P {n}")
        make_answer(make_invite(contact, survey).contact, 5, comment="x")
    with django_assert_max_num_queries(16) as many:
        browser.get(at(account))
    assert len(few) == len(many)
