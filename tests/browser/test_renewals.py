"""A CSM works her renewals: the board by keyboard and mouse, the panel, a decision; the month and the forecast."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.domain.subscriptions import upsert_subscription
from accounts.models import Renewal, User
from tests.accounts.spine import make_account
from tests.browser.sound import axe_finds, settle
from tests.browser.work import toast


def terms(csm: User, *names: str) -> list[Renewal]:
    """The first one is decided next."""
    today = timezone.localdate()
    for place, name in enumerate(names):
        upsert_subscription(
            make_account(name, csm=csm, band="green"), name, by="test", currency="USD", unit_amount=100,
            started_on=today - timedelta(days=300), term_end=today + timedelta(days=20 + place), term_months=12,
        )  # fmt: skip
    return list(Renewal.objects.order_by("decision_date"))


def lane(page: Page, stage: str):
    return page.locator(f"[data-lane={stage}] .title")


def test_a_board_is_worked_by_keyboard_and_mouse(page_of, chloe):
    terms(chloe, "Acme", "Borealis", "Cedar")
    page = page_of(chloe)
    page.goto("/renewals/board/")
    expect(lane(page, "upcoming")).to_have_text(["Acme", "Borealis", "Cedar"])

    page.keyboard.press("j")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    toast(page, "Acme is now Engaged.")
    expect(lane(page, "engaged")).to_have_text(["Acme"])
    settle(page)

    page.locator("[data-lane=upcoming] [data-card]").first.drag_to(page.locator("[data-lane=committed]"))
    toast(page, "Borealis is now Committed.")
    expect(lane(page, "committed")).to_have_text(["Borealis"])
    assert axe_finds(page) == []


def test_a_term_is_lost_with_its_reason_and_the_board_follows(page_of, chloe):
    (row,) = terms(chloe, "Acme")
    page = page_of(chloe)
    page.goto("/renewals/board/")
    lane(page, "upcoming").click()
    panel = page.get_by_role("complementary", name="Renewal")
    expect(panel).to_contain_text("How likely it is")
    settle(page)

    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Lost").click()
    dialog.get_by_role("button", name="Decide").click()
    expect(dialog).to_contain_text("Choose a reason.")
    settle(page)
    dialog.get_by_label("Why do they leave?").select_option("price")
    dialog.get_by_role("button", name="Decide").click()
    toast(page, "Acme: Lost.")
    expect(panel).to_contain_text("The decision")
    expect(page.locator(".lane-decided")).to_contain_text("Acme")
    row.refresh_from_db()
    assert (row.stage, row.reason, row.decided_by) == ("lost", "price", chloe)


def test_a_call_moves_the_forecast(page_of, chloe):
    (row,) = terms(chloe, "Acme")
    page = page_of(chloe)
    page.goto(f"/renewals/forecast/?from={row.starts_on}&to={row.ends_on + timedelta(days=1)}")
    expect(page.locator("#renewals-found")).to_contain_text("$90.00")
    page.locator("[data-open]").click()
    page.locator("#detail").get_by_role("link", name="Make your call").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How likely").fill("35")
    dialog.get_by_label("What makes you think so?").fill("Their sponsor has left.")
    dialog.get_by_role("button", name="Save").click()
    toast(page, "Your call for Acme: 35%.")
    expect(page.locator("#renewals-found")).to_contain_text("$35.00")
    expect(page.locator("#detail")).to_contain_text("They are far apart.")
