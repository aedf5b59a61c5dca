"""The account page: every part loads, and what is written down stands there at once."""

from playwright.sync_api import expect

from tests.browser.company import company
from tests.browser.sound import settle
from tests.browser.work import toast


def test_every_part_of_the_account_loads(page_of, chloe):
    acme = company(chloe)
    page = page_of(chloe)
    page.goto(f"/accounts/{acme.pk}/")
    health = page.locator("#panel-health-body")
    expect(health.get_by_role("table")).to_contain_text("Usage")
    expect(page.locator("#timeline-card")).to_contain_text("Hello from Kim")
    for tab in ("Contacts", "Subscription", "Usage", "Tickets"):
        page.get_by_role("navigation", name="Parts of the account").get_by_role("link", name=tab).click()
        expect(page.locator(".tab[aria-current]")).to_contain_text(tab)
        settle(page)


def test_a_call_and_a_note_are_written_in_place(page_of, chloe):
    acme = company(chloe)
    page = page_of(chloe)
    page.goto(f"/accounts/{acme.pk}/")
    composer = page.locator("#composer")

    page.get_by_role("link", name="Log a call").first.click()
    settle(page)
    composer.get_by_role("button", name="Log the call").click()
    expect(composer).to_contain_text("Write a line about it.")
    composer.get_by_label("What was said").fill("They want a plan.")
    composer.get_by_role("button", name="Log the call").click()
    toast(page, "Call logged")
    expect(page.locator("#timeline-card")).to_contain_text("They want a plan.")

    settle(page)
    page.keyboard.press("n")
    settle(page)
    composer.get_by_role("textbox", name="Note").fill("Renewal looks good.")
    composer.get_by_role("button", name="Save the note").click()
    toast(page, "Note saved")
    expect(page.locator("#timeline-card")).to_contain_text("Renewal looks good.")
    expect(composer).to_be_empty()


def test_the_pulse_is_set_from_the_health_box_more_than_once(page_of, chloe):
    acme = company(chloe)
    page = page_of(chloe)
    page.goto(f"/accounts/{acme.pk}/")
    composer = page.locator("#composer")
    for feeling, why in ((2, "The champion left."), (4, "There is a new one.")):
        settle(page)  # the box has fetched itself again
        page.get_by_role("link", name="Set the pulse").click()
        settle(page)
        composer.get_by_role("group", name="How do you feel about them?").get_by_role("radio").nth(feeling - 1).check()
        composer.get_by_label("Why?").fill(why)
        composer.get_by_role("button", name="Set the pulse").click()
        expect(page.locator("#timeline-card")).to_contain_text(why)
        expect(composer).to_be_empty()

    assert list(acme.pulses.order_by("id").values_list("value", "reason", "user__name")) == [
        (2, "The champion left.", "Chloe"),
        (4, "There is a new one.", "Chloe"),
    ]
