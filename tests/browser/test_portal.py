"""Customers' own pages in a real browser: by a link alone, on a phone, without JavaScript too."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.domain.links import address_of
from accounts.models import Contact, Mail, Subscription
from tests.accounts.plans import plan, subscribed
from tests.accounts.spine import make_account
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong


@pytest.fixture
def kim() -> Contact:
    account = make_account("Acme")
    team = plan("Team", ("month", 20), ("year", 200), features=["Boards", "Reports"])
    plan("Business", ("month", 35), ("year", 350), features=["Everything in Team", "Automations"])
    subscribed(account, team, started_on=timezone.now().date() - timedelta(days=200))
    Contact.objects.create(account=account, name="Lou", email="lou@acme.example", title="Designer")
    return Contact.objects.create(account=account, name="Kim", email="kim@acme.example", decides=True, language="en")


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
def test_more_seats_with_the_price_shown_first(open_page, kim, script):
    page = open_page(size=PHONE, java_script_enabled=script)
    page.goto(path_of(kim))
    expect(page.get_by_role("heading", name="Hello Kim")).to_be_visible()
    page.get_by_role("link", name="Change seats or plan").click()
    page.get_by_label("Seats").fill("0")
    page.get_by_role("button", name="Show what it costs").click()
    expect(page.get_by_text("From 1 to 10,000,000.").or_(page.get_by_text("From 1 to 10000000."))).to_be_visible()
    page.get_by_label("Seats").fill("15")
    page.get_by_role("button", name="Show what it costs").click()
    expect(page.get_by_text("5 more seats")).to_be_visible()
    expect(page.get_by_text("$300.00")).to_be_visible()
    if script:
        sound(page)
    page.get_by_role("button", name="Confirm and pay").click()
    expect(page.get_by_role("status")).to_contain_text("Done.")
    expect(page.get_by_role("definition").filter(has_text="15").first).to_be_visible()
    assert Subscription.objects.get().quantity == 15
    assert Mail.objects.get().subject == "Your plan has changed"


def test_another_plan_by_keyboard(open_page, kim):
    page = open_page()
    page.goto(path_of(kim))
    page.get_by_role("link", name="Change seats or plan").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Team $20").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Business $35")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Team → Business")).to_be_visible()
    page.get_by_role("button", name="Confirm and pay").press("Enter")
    expect(page.get_by_role("heading", name="Business")).to_be_visible()


def test_leaving_and_staying_after_all(open_page, kim):
    page = open_page(size=PHONE)
    page.goto(path_of(kim))
    sound(page)
    page.get_by_role("link", name="Cancel").click()
    sound(page)
    page.get_by_role("button", name="Cancel at the end of the period").click()
    expect(page.get_by_text("Please choose what comes closest.")).to_be_visible()
    sound(page)
    page.get_by_label("It costs too much").check()
    page.get_by_role("button", name="Cancel at the end of the period").click()
    expect(page.get_by_text("Your subscription has been canceled.")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Keep my subscription").click()
    expect(page.get_by_role("status")).to_contain_text("How good that you stay!")
    assert Subscription.objects.get().ended_on is None


def test_languages_and_a_link_that_has_ended(open_page, kim):
    page = open_page(size=PHONE)
    page.goto(path_of(kim))
    for code in ("fr", "ro"):
        page.locator(f".visitor-languages a[lang={code}]").click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        sound(page)
    kim.links.update(revoked_at=timezone.now())
    assert page.goto(path_of(kim).replace("/c/", "/c/x")).status == 404


def test_a_csm_hands_out_the_link(page_of, chloe, kim):
    type(kim.account).objects.update(csm=chloe)
    page = page_of(chloe)
    page.goto(f"/accounts/{kim.account_id}/contacts/")
    page.get_by_role("link", name="Portal of Kim").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("#portal-link code").inner_text()
    assert address.startswith("http")
    page.get_by_role("button", name="Mail it").click()
    expect(page.get_by_text("The link is on its way to Kim.")).to_be_visible()
    assert Mail.objects.get().to == "kim@acme.example"
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
