"""What happens around every page."""

import json

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from config.toasts import sent_events, toast
from tests.addresses import addresses_from

pytestmark = pytest.mark.django_db
_addresses = addresses_from("tests.config.pages")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(chloe, signed_in):
    return signed_in(chloe)


# The reader ---------------------------------------------------------------------------------------


def test_a_page_speaks_the_readers_language_and_zone(chloe, browser):
    chloe.language, chloe.time_zone = "fr", "Europe/Bucharest"
    chloe.save()
    response = browser.get("/whoami/", headers={"Accept-Language": "ro"})
    assert response.text == "lundi Europe/Bucharest"
    assert response["Content-Language"] == "fr"


def test_the_next_reader_on_the_same_thread_has_their_own(chloe, browser, client):
    chloe.language, chloe.time_zone = "fr", "Europe/Bucharest"
    chloe.save()
    browser.get("/whoami/")
    assert client.get("/public/", headers={"Accept-Language": "ro"}).text == "Luni UTC"
    assert client.get("/public/").text == "Monday UTC"


# Signing in ---------------------------------------------------------------------------------------


def test_a_page_wants_a_sign_in_and_comes_back(client):
    response = client.get("/whoami/?x=1")
    assert (response.status_code, response.url) == (302, "/login/?next=/whoami/%3Fx%3D1")


def test_a_part_of_a_page_leads_to_the_sign_in_instead_of_showing_it_in_a_cell(client):
    response = client.get("/whoami/", headers={**HTMX, "HX-Current-URL": "http://testserver/accounts/?band=red"})
    assert (response.status_code, response.content) == (401, b"")
    assert response["HX-Redirect"] == "/login/?next=/accounts/%3Fband%3Dred"


@pytest.mark.parametrize("current", ["", "https://evil.example/x", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_never_leads_off_the_site(client, current):
    response = client.get("/whoami/", headers={**HTMX, "HX-Current-URL": current})
    assert response["HX-Redirect"] == "/login/?next=/"


def test_an_unknown_address_is_a_404_for_strangers_too(client):
    assert client.get("/no-such-page/").status_code == 404


# htmx ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/whoami/", "/refuse/", "/go/", "/no-such-page/"])
def test_every_answer_says_that_htmx_gets_another(browser, path):
    assert "HX-Request" in browser.get(path)["Vary"]


def test_a_redirect_reaches_htmx_as_one_and_the_message_waits_for_the_next_page(browser):
    response = browser.post("/go/", headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (200, "/whoami/?x=1")
    assert "Location" not in response
    assert "HX-Trigger" not in response
    assert response.cookies["kept"].value == "yes"
    assert browser.get("/say-in-page/").text == "Done.Shown in the page."


def test_a_redirect_without_htmx_stays_one(browser):
    response = browser.post("/go/")
    assert (response.status_code, response["Location"]) == (302, "/whoami/?x=1")
    assert [str(m) for m in get_messages(response.wsgi_request)] == ["Done."]


TOASTS = [{"level": "success", "text": "Saved “it”."}, {"level": "error", "text": "But look."}]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("", {}),
        ("saved", {"saved": None}),
        ("saved, closed", {"saved": None, "closed": None}),
        ('{"saved": {"id": 7}}', {"saved": {"id": 7}}),
        (
            '{"toast": [{"level": "info", "text": "x"}]}',
            {"toast": [{"level": "info", "text": "x"}, *TOASTS]},
        ),
    ],
)
def test_messages_join_the_events_that_the_view_sends(browser, sent, expected):
    response = browser.get("/say/", {"trigger": sent}, headers=HTMX)
    assert json.loads(response["HX-Trigger"]) == {"toast": TOASTS, **expected}
    assert browser.get("/say-in-page/").text == "Shown in the page."  # said once


def test_messages_that_the_page_has_shown_are_not_said_again(browser):
    response = browser.get("/say-in-page/", headers=HTMX)
    assert (response.text, response.has_header("HX-Trigger")) == ("Shown in the page.", False)


def test_hostile_text_cannot_end_the_header(rf):
    from django.http import HttpResponse

    response = HttpResponse()
    toast(response, "info", "a\r\nSet-Cookie: x=1\u2028</script>")
    assert sent_events(response)["toast"][0]["text"] == "a\r\nSet-Cookie: x=1\u2028</script>"
    assert not {"\r", "\n"} & set(response["HX-Trigger"])


# Refusals -----------------------------------------------------------------------------------------


def test_a_refusal_is_a_page_with_its_sentence(browser):
    response = browser.get("/refuse/")
    assert response.status_code == 422
    assert "Weights add to 90, not 100." in response.text
    assert "Ten are missing." in response.text
    assert ">weight<" not in response.text  # names of fields are for programs


def test_a_refusal_reaches_htmx_as_a_toast_and_changes_nothing(browser):
    response = browser.get("/refuse/", headers=HTMX)
    assert (response.status_code, response.text) == (422, "Weights add to 90, not 100.")
    assert response["HX-Reswap"] == "none"
    assert json.loads(response["HX-Trigger"]) == {"toast": [{"level": "error", "text": "Weights add to 90, not 100."}]}


def test_a_refusal_keeps_its_own_status(browser):
    assert browser.get("/conflict/").status_code == 409
    assert browser.get("/conflict/", headers=HTMX).status_code == 409


def test_a_bug_is_a_plain_500_that_tells_nothing(chloe):
    browser = Client(raise_request_exception=False)
    browser.force_login(chloe)
    response = browser.get("/bug/")
    assert response.status_code == 500
    assert "secret detail" not in response.text


def test_a_form_that_is_out_of_date_says_so(chloe):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(chloe)
    page = browser.post("/write/")
    part = browser.post("/write/", headers=HTMX)
    assert page.status_code == part.status_code == 403
    assert "This form is out of date" in page.text
    assert json.loads(part["HX-Trigger"])["toast"] == [
        {"level": "error", "text": "This page is out of date. Reload it and try again."}
    ]
