"""A customer gets started, in a real browser: the checklist on a phone, with and without JavaScript, and a colleague."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.domain.links import address_of
from accounts.models import Account, Contact, Mail
from onboarding.models import Checklist, Invitation
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong
from tests.onboarding.checklists import begun, kim, make_account, make_version, states, titled

STEPS = [
    {"key": "import", "texts": titled("Import"), "offset": 3, "video_url": "https://videos.example/1"},
    {"key": "report", "texts": titled("First report"), "offset": 6, "after": ["import"], "auto_action": "report_run"},
    {"key": "review", "texts": titled("Review"), "offset": 9, "owner": "csm"},
]


@pytest.fixture
def acme(chloe) -> Account:
    return make_account(csm=chloe)


@pytest.fixture
def way(acme: Account) -> Checklist:
    return begun(acme, make_version(STEPS))


def path_of(contact: Contact) -> str:
    return "/c/" + address_of(contact, "portal").split("/c/")[1]


def sound(page: Page) -> None:
    """As it stands, in both colours and widths."""
    wrong = []
    for theme, size in (("light", DESKTOP), ("dark", PHONE)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wrong += [f"{page.url} {theme}: {line}" for line in found_wrong(page)]
    assert wrong == []


@pytest.mark.parametrize("script", [True, False])
def test_step_by_step_from_the_portal(open_page, acme, way, script):
    page = open_page(size=PHONE, java_script_enabled=script)
    page.goto(path_of(kim(acme)))
    expect(page.get_by_role("heading", name="Getting started")).to_be_visible()
    page.get_by_role("link", name="To your checklist").click()
    expect(page.get_by_role("heading", name="Import")).to_be_visible()
    expect(page.get_by_role("link", name="Watch how it is done")).to_have_attribute("href", "https://videos.example/1")
    if script:
        sound(page)
    page.get_by_role("button", name=re.compile("Mark as done.*Import")).click()
    expect(page.get_by_role("status")).to_contain_text("Done. What comes next stands at the top.")
    expect(page.get_by_role("heading", name="First report")).to_be_visible()
    expect(page.get_by_text("Ticks itself as soon as you have done it.")).to_be_visible()
    assert states(way) == {"import": "done", "report": "open", "review": "open"}
    page.get_by_text("Import", exact=True).click()
    page.get_by_role("button", name=re.compile("Not done after all.*Import")).click()
    expect(page.get_by_role("heading", name="Import")).to_be_visible()


def test_a_colleague_comes_along(open_page, acme, way):
    page = open_page(size=PHONE)
    page.goto(path_of(kim(acme)) + "checklist/")
    page.get_by_label("E-mail address").fill("lea@")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("“lea@” is no e-mail address.")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("lea@")
    page.get_by_label("E-mail address").fill("lea@acme.example")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("lea@acme.example gets a mail with a link of their own.")
    found = re.search(r"/c/\S+/checklist/", Mail.objects.get(to="lea@acme.example").text)
    assert found
    other = open_page()
    other.goto(found.group())
    expect(other.get_by_text("Kim Doe has invited you to take part.")).to_be_visible()
    sound(other)
    other.get_by_role("button", name="Yes, I take part").click()
    expect(other.get_by_text("Kim Doe has invited you to take part.")).to_be_hidden()
    assert Invitation.objects.get().accepted_at


def test_the_team_moves_it_from_the_account_page(page_of, chloe, acme, way):
    page = page_of(chloe)
    page.goto(f"/accounts/{acme.pk}/tab/onboarding/")
    expect(page.get_by_text("0 of 3")).to_be_visible()
    sound(page)
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name=re.compile("^Done.*Import")).click()
    expect(page.get_by_text("1 of 3")).to_be_visible()
    page.get_by_label("Change First report").click()
    page.get_by_label("Note on First report").fill("They have one already")
    page.get_by_role("button", name="Does not apply").and_(page.locator(":visible")).click()
    expect(page.get_by_text("“They have one already”")).to_be_visible()
    assert states(way) == {"import": "done", "report": "na", "review": "open"}
    page.get_by_role("link", name="Cancel the onboarding").click()
    page.get_by_label("Why").fill("They start next year")
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("link", name="Start another")).to_be_visible()
