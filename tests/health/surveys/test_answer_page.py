"""The survey's page, as a contact, a mail scanner and a stranger with half a link meet it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domain.links import address_of
from accounts.models import Activity, ContactLink
from health.models import Answer, AnswerRevision, Invite
from tests.health.surveys.rows import NOON, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def invite() -> Invite:
    contact = make_contact(name="Kim <b>Park</b>", language="en")
    return make_invite(contact, make_survey(texts={"en": {"question": "Would you recommend <i>us</i>?"}}))


def path_of(invite: Invite, tail: str = "") -> str:
    address = address_of(invite.contact, "survey", str(invite.pk))
    return "/n/" + address.split("/n/")[1] + tail


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def stored() -> list[tuple]:
    return list(Answer.objects.order_by("pk").values_list("score", "reason", "comment"))


# Opening ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_score_link_records_nothing(client, invite, method):
    response = getattr(client, method)(path_of(invite), {"score": "3"})
    assert response.status_code == 200
    assert stored() == []


def test_the_clicked_number_is_chosen(client, invite):
    text = text_of(client.get(path_of(invite), {"score": "3"}))
    assert 'value="3" checked' in text
    assert text.count(" checked") == 1
    assert "Would you recommend &lt;i&gt;us&lt;/i&gt;?" in text


@pytest.mark.parametrize("score", ["11", "-1", "9.5", "", "x", "٣", "1" * 5000])
def test_a_number_that_is_none_is_not_chosen(client, invite, score):
    response = client.get(path_of(invite), {"score": score})
    assert response.status_code == 200
    assert " checked" not in text_of(response)


def test_the_page_keeps_itself_to_itself(client, invite):
    response = client.get(path_of(invite))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("language", ["en", "fr", "ro"])
def test_it_speaks_the_contacts_language(client, language):
    invite = make_invite(make_contact(language=language))
    response = client.get(path_of(invite), HTTP_ACCEPT_LANGUAGE="de")
    assert f'<html lang="{language}"' in response.content.decode()


# Sending ----------------------------------------------------------------------------------------------------


def test_the_answer_is_sent_shown_and_changed(client, invite):
    path = path_of(invite)
    sent = client.post(path, {"score": "4", "comment": "Slow <export>\nand dear"})
    assert (sent.status_code, sent["Location"]) == (302, path)
    assert stored() == [(4, "", "Slow <export>\nand dear")]
    thanks = text_of(client.get(path))
    assert "Thank you" in thanks
    assert "Slow &lt;export&gt;" in thanks
    assert "April 3, 2026</time>." in thanks  # until then it may be changed

    again = text_of(client.get(path, {"change": "1"}))
    assert 'value="4" checked' in again
    assert "Slow &lt;export&gt;" in again
    client.post(path, {"score": "9", "comment": "Fixed"})
    assert stored() == [(9, "", "Fixed")]
    assert list(AnswerRevision.objects.values_list("score", flat=True)) == [4]
    assert Activity.objects.filter(kind="nps.answered").count() == 2


def test_another_number_in_the_mail_asks_before_it_changes_anything(client, invite):
    path = path_of(invite)
    client.post(path, {"score": "4", "comment": "Slow"})
    text = text_of(client.get(path, {"score": "8"}))
    assert 'value="8" checked' in text
    assert "You have answered already." in text
    assert "Slow" in text
    assert stored() == [(4, "", "Slow")]
    assert "Thank you" in text_of(client.get(path, {"score": "4"}))


@pytest.mark.parametrize("score", ["11", "-1", "9.5", "", "nine", "٣", "0x1", " ", "1e1"])
def test_what_is_no_score_is_refused_and_what_was_typed_stays(client, invite, score):
    response = client.post(path_of(invite), {"score": score, "comment": "It <really> is slow"})
    assert response.status_code == 422
    assert "Choose a whole number from 0 to 10." in text_of(response)
    assert "It &lt;really&gt; is slow" in text_of(response)
    assert stored() == []


def test_a_post_of_nothing_is_refused(client, invite):
    assert client.post(path_of(invite), {}).status_code == 422


def test_a_comment_that_is_too_long_stays_to_be_cut(client, invite):
    response = client.post(path_of(invite), {"score": "5", "comment": "x" * 5001})
    assert response.status_code == 422
    assert 'value="5" checked' in text_of(response)
    assert "x" * 5001 in text_of(response)
    assert stored() == []


@pytest.mark.parametrize(("comment", "status"), [("a\x00b", 422), ("\u202etxt \U0001f600", 302), ("\x1b[31m", 302)])
def test_strange_characters_break_nothing(client, invite, comment, status):
    assert client.post(path_of(invite), {"score": "5", "comment": comment}).status_code == status


def test_after_thirty_days_it_stays_as_it_is(client, invite, time_machine):
    path = path_of(invite)
    client.post(path, {"score": "4", "comment": "Slow"})
    time_machine.move_to(NOON + timedelta(days=30), tick=False)
    shown = client.get(path, {"change": "1", "score": "9"})
    assert shown.status_code == 200
    assert "too long ago to be changed" in text_of(shown)
    refused = client.post(path, {"score": "9", "comment": "Fixed"})
    assert refused.status_code == 409
    assert "An answer can be changed for 30 days." in text_of(refused)
    assert stored() == [(4, "", "Slow")]


def test_without_its_token_a_form_is_refused(invite):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path_of(invite), {"score": "9"}).status_code == 403
    assert strict.post(path_of(invite, "seen/"), {"score": "9"}).status_code == 403
    assert stored() == []


def test_the_form_works_with_its_token_and_no_javascript(invite):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(path_of(invite), {"score": "9"}).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post(path_of(invite), {"score": "9", "csrfmiddlewaretoken": token}).status_code == 302
    assert stored() == [(9, "", "")]


# Other surveys ----------------------------------------------------------------------------------------------


def test_csat_goes_from_one_to_five(client):
    invite = make_invite(survey=make_survey(kind="csat"))
    path = path_of(invite)
    page = text_of(client.get(path, {"score": "2"}))
    assert page.count('type="radio"') == 5
    assert 'value="2" checked' in page
    for wrong in ("0", "6", ""):
        refused = client.post(path, {"score": wrong})
        assert refused.status_code == 422
        assert "Choose a whole number from 1 to 5." in text_of(refused)
    assert client.post(path, {"score": "2", "comment": "Too fast"}).status_code == 302
    assert stored() == [(2, "", "Too fast")]
    assert "Unhappy" in text_of(client.get(path))


def test_who_has_left_gives_a_reason(client):
    invite = make_invite(survey=make_survey(kind="churn"))
    path = path_of(invite)
    refused = client.post(path, {"reason": "weather", "comment": "Rain"})
    assert refused.status_code == 422
    assert "Choose one of the reasons." in text_of(refused)
    assert "Rain" in text_of(refused)
    assert client.post(path, {"reason": "price", "comment": "Too dear"}).status_code == 302
    assert stored() == [(None, "price", "Too dear")]
    assert "Price" in text_of(client.get(path))


# Machines ---------------------------------------------------------------------------------------------------


def test_a_scanner_that_opens_everything_has_recorded_nothing(client, invite):
    path = path_of(invite)
    for score in range(11):
        client.head(path, {"score": score})
        client.get(path, {"score": score})
    caught = client.get(path + "more/")
    assert (caught.status_code, caught["Location"]) == (302, path)
    client.post(path + "seen/", {"score": "10"})
    assert stored() == []
    invite.refresh_from_db()
    assert invite.scanned_at == NOON
    assert client.post(path, {"score": "2"}).status_code == 302  # a person still counts
    assert stored() == [(2, "", "")]


def test_a_page_looked_at_for_a_while_counts_provisionally(client, invite, time_machine):
    path = path_of(invite)
    client.get(path, {"score": "7"})
    assert client.post(path + "seen/", {"score": "7"}).status_code == 204
    assert stored() == []  # not yet five seconds
    time_machine.move_to(NOON + timedelta(seconds=6), tick=False)
    assert client.post(path + "seen/", {"score": "7"}).status_code == 204
    answer = Answer.objects.get()
    assert answer.score == 7
    assert answer.provisional_until > timezone.now()
    text = text_of(client.get(path))  # not thanked for what nobody sent
    assert 'value="7" checked' in text
    assert "You have answered already." not in text


@pytest.mark.parametrize("score", ["", "11", "x"])
def test_a_beacon_of_nothing_is_refused(client, invite, score):
    assert client.post(path_of(invite, "seen/"), {"score": score}).status_code == 422
    assert client.get(path_of(invite, "seen/")).status_code == 405


# Links that are none ----------------------------------------------------------------------------------------


def test_links_that_lead_nowhere_say_so_and_nothing_else(client, invite):
    path = path_of(invite)
    altered = path[:-3] + ("A" if path[-3] != "A" else "B") + path[-2:]
    for wrong in (altered, "/n/nonsense/", path.replace("/n/", "/n/x")):
        for tail in ("", "more/"):
            response = client.get(wrong + tail)
            assert response.status_code == 404
            assert "Park" not in text_of(response)
    ContactLink.objects.update(revoked_at=timezone.now())
    for response in (client.get(path), client.post(path, {"score": "9"}), client.post(path + "seen/", {"score": "9"})):
        assert response.status_code == 410
        assert "Park" not in text_of(response)
    assert stored() == []


def test_a_link_to_another_thing_or_to_anothers_invite_opens_nothing(client, invite):
    other = make_invite()
    for subject in (str(other.pk), "x", "", "99999999999"):
        path = "/n/" + address_of(invite.contact, "survey", subject).split("/n/")[1]
        assert client.get(path).status_code == 404
        assert client.post(path, {"score": "9"}).status_code == 404
        assert client.post(path + "seen/", {"score": "9"}).status_code == 404
    assert stored() == []


def test_the_address_is_the_one_that_was_promised():
    assert reverse("health:survey", args=["t"]) == "/n/t/"
