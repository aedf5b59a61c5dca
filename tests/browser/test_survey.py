"""A contact answers the question in the mail, on a desk and on a phone; a mail scanner answers nothing."""

import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.domain.links import address_of
from accounts.models import FollowUp, User
from health.models import Answer, AnswerRevision, Invite
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong
from tests.browser.work import toast
from tests.health.factories import make_account
from tests.health.surveys.rows import make_answer, make_contact, make_invite, make_survey

LEAST = 44  # px: what a thumb hits


@pytest.fixture
def invite(chloe: User) -> Invite:
    account = make_account(name="Acme", csm=chloe)
    kim = make_contact(account, name="Kim Park", language="en", phone="+40 21 555 0100")
    return make_invite(kim, make_survey(name="Spring"))


def path_of(invite: Invite, query: str = "") -> str:
    return urlsplit(address_of(invite.contact, "survey", str(invite.pk))).path + query


def step(page: Page, number: int):
    return page.get_by_role("radio", name=str(number), exact=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_contact_answers_and_changes_it(open_page, invite, size):
    page = open_page(size=size)
    page.goto(path_of(invite, "?score=3"))
    expect(step(page, 3)).to_be_checked()
    assert found_wrong(page) == []
    for number in (0, 5, 10):
        box = page.locator(".scale-step").nth(number).bounding_box()
        assert box["height"] >= LEAST
        assert box["width"] >= (LEAST if size is PHONE else LEAST - 4)
    assert Answer.objects.count() == 0

    page.get_by_label("What is the main reason").fill("The export takes an hour")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("The export takes an hour")).to_be_visible()
    assert found_wrong(page) == []

    page.get_by_role("link", name="Change my answer").click()
    expect(step(page, 3)).to_be_checked()
    page.locator(".scale-step").nth(9).click()
    page.get_by_role("button", name="Change my answer").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert list(Answer.objects.values_list("score", "comment")) == [(9, "The export takes an hour")]
    assert list(AnswerRevision.objects.values_list("score", flat=True)) == [3]


def test_it_is_answered_by_keyboard_alone(open_page, invite):
    page = open_page()
    page.goto(path_of(invite, "?score=7"))
    step(page, 7).focus()
    page.keyboard.press("ArrowRight")
    expect(step(page, 8)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Fine")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert list(Answer.objects.values_list("score", "comment")) == [(8, "Fine")]


def test_it_is_answered_without_javascript(open_page, invite):
    page = open_page(size=PHONE, java_script_enabled=False)
    page.goto(path_of(invite, "?score=0"))
    page.get_by_label("What is the main reason").fill("Down all week")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_text("Down all week")).to_be_visible()
    assert list(Answer.objects.values_list("score", "comment")) == [(0, "Down all week")]


def test_a_form_without_a_number_comes_back_with_what_was_typed(open_page, invite):
    page = open_page(size=PHONE)
    page.goto(path_of(invite))
    page.get_by_label("What is the main reason").fill("Hm")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a whole number from 0 to 10.")
    expect(page.get_by_label("What is the main reason")).to_have_value("Hm")
    assert found_wrong(page) == []


def test_a_scanner_that_opens_every_link_has_recorded_nothing(open_page, invite):
    page = open_page()
    for score in range(11):
        page.goto(path_of(invite, f"?score={score}"))
    trap = page.locator("form.survey a").get_attribute("href")
    page.goto(trap)
    page.clock.install()
    page.goto(path_of(invite, "?score=10"))
    with page.expect_response("**/seen/") as told:  # it waits, and runs scripts
        page.clock.run_for(6000)
    assert told.value.status == 204
    assert Answer.objects.count() == 0
    invite.refresh_from_db()
    assert invite.scanned_at


def test_a_page_that_is_only_looked_at_tells_its_number(open_page, invite):
    page = open_page()
    page.goto(path_of(invite, "?score=6"))
    with page.expect_response("**/seen/") as told:
        pass  # it needs some seconds, and nobody to do anything
    assert told.value.status == 204
    answer = Answer.objects.get()
    assert (answer.score, answer.provisional_until is not None) == (6, True)


def test_whoever_does_something_is_not_answered_for(open_page, invite):
    page = open_page()
    page.clock.install()
    page.goto(path_of(invite, "?score=6"))
    page.locator(".scale-step").nth(2).click()
    page.clock.run_for(20_000)
    assert Answer.objects.count() == 0


def test_the_detractor_stands_on_top_of_the_queue_with_the_number_to_call(open_page, page_of, invite, chloe, queue):
    page = open_page(size=PHONE)
    page.goto(path_of(invite, "?score=2"))
    page.get_by_label("What is the main reason").fill("Nobody answers our tickets")
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    queue.drain()
    assert FollowUp.objects.filter(kind="detractor").count() == 1

    desk = page_of(chloe)
    desk.goto("/")
    first = desk.locator("#queue-rows [data-row]").first
    expect(first).to_contain_text("Call Kim Park")
    first.locator("[data-open]").click()
    panel = desk.locator("#detail")
    expect(panel).to_contain_text("Nobody answers our tickets")
    expect(panel.get_by_role("link", name="+40 21 555 0100")).to_have_attribute("href", "tel:+40215550100")
    expect(panel).to_contain_text("Call guide")


def test_an_admin_writes_a_survey_and_starts_it(page_of, alice, queue):
    make_contact(make_account(name="Acme"), name="Ann Lee")
    survey = make_survey(status="draft", name="Autumn")
    page = page_of(alice)
    page.goto(f"/settings/surveys/{survey.pk}/")
    page.locator("#id_question_en").fill("Would you recommend us to Ben?")
    expect(page.locator("#survey-page")).to_contain_text("Would you recommend us to Ben?")
    page.get_by_role("button", name="With what is typed").click()
    mail = page.frame_locator("#survey-mail")
    expect(mail.get_by_role("heading", name="Would you recommend us to Ben?")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    toast(page, "Autumn is saved.")
    page.get_by_role("link", name="Who would get it").click()
    expect(page.get_by_role("heading", name="1 person would get it")).to_be_visible()
    page.get_by_role("button", name="Start it now").click()
    toast(page, "1 person will be asked.")
    expect(page.locator("#survey-progress")).to_contain_text("0 of 1")
    queue.drain()
    expect(page.locator("#survey-progress")).not_to_contain_text("0 of 1")  # by itself


def test_comments_are_searched_in_place(page_of, vera):
    now = timezone.now()
    make_answer(make_contact(name="Ann Lee"), 3, comment="The export is slow", answered_at=now)
    make_answer(make_contact(name="Ben Ode"), 10, comment="Love it", answered_at=now)
    page = page_of(vera)
    page.goto("/voice/")
    expect(page.locator(".voice-said")).to_have_count(2)
    page.get_by_label("Words, account or person").press_sequentially("export")
    expect(page.locator(".voice-said")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=export"))
    expect(page.get_by_label("Words, account or person")).to_be_focused()
