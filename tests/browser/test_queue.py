"""A CSM's morning: the queue from sign-in to done."""

import re

from playwright.sync_api import expect

from accounts.models import Activity, FollowUp
from tests.browser.conftest import PHONE
from tests.browser.sound import settle
from tests.browser.work import give, row, shows, toast
from tests.conftest import PASSWORD


def test_a_csm_signs_in_and_gets_a_follow_up_done(open_page, chloe):
    give(chloe, "Acme", "Borealis")
    page = open_page()
    page.goto("/")
    page.get_by_label("Email").fill(chloe.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    shows(page, "Acme", "Borealis")

    row(page, "Acme").get_by_role("link", name="Call Acme").click()
    panel = page.get_by_role("complementary", name="Follow-up")
    expect(panel.get_by_role("heading", name="Call Acme")).to_be_focused()
    expect(panel).to_contain_text("Usage fell by half in 14 days.")
    settle(page)
    panel.get_by_label("Read the tickets").check()
    expect(panel).to_contain_text("1 of 2")

    settle(page)
    panel.get_by_role("link", name="Done").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Helped").click()
    dialog.get_by_label("Note").fill("They stay.")
    dialog.get_by_role("button", name="Mark as done").click()
    toast(page, "Done (Helped): Call Acme")
    shows(page, "Borealis")
    done = FollowUp.objects.get(title="Call Acme")
    assert (done.status, done.outcome, done.outcome_note) == ("done", "helped", "They stay.")
    assert [step["done"] for step in done.steps] == [True, False]


def test_what_can_wait_is_snoozed_and_what_is_not_hers_handed_over(page_of, chloe, cyril):
    acme, borealis, _cedar = give(chloe, "Acme", "Borealis", "Cedar")
    page = page_of(chloe)
    page.goto("/")
    row(page, "Acme").get_by_role("link", name="Call Acme").click()
    settle(page)
    page.locator("#detail").get_by_role("link", name="Snooze").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="In a week").click()
    dialog.get_by_label("Why can it wait?").fill("  ")
    dialog.get_by_role("button", name="Snooze").click()
    expect(dialog).to_contain_text("Say why it can wait.")
    dialog.get_by_label("Why can it wait?").fill("They are on holiday.")
    dialog.get_by_role("button", name="Snooze").click()
    toast(page, "Snoozed until")
    shows(page, "Borealis", "Cedar")
    expect(page.locator("#detail-title")).to_have_text("Call Borealis")

    settle(page)
    page.locator("#detail").get_by_role("link", name="Hand over").click()
    dialog.get_by_label("To").select_option("Cyril")
    dialog.get_by_label("Note").fill("You know them.")
    dialog.get_by_role("button", name="Hand over").click()
    toast(page, "Now with Cyril: Call Borealis")
    shows(page, "Cedar")

    page.goto("/?state=snoozed")
    shows(page, "Acme")
    acme.refresh_from_db()
    borealis.refresh_from_db()
    assert (acme.status, acme.snooze_reason, borealis.assignee) == ("snoozed", "They are on holiday.", cyril)


def test_several_are_done_at_once(page_of, chloe):
    give(chloe, "Acme", "Borealis", "Cedar")
    page = page_of(chloe)
    page.goto("/")
    row(page, "Acme").get_by_role("checkbox").check()
    row(page, "Cedar").get_by_role("checkbox").check()
    bar = page.get_by_role("form", name="Chosen follow-ups")
    expect(bar).to_contain_text("2 chosen")
    bar.get_by_role("button", name="Done").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 follow-ups")
    dialog.get_by_text("False alarm").click()
    dialog.get_by_role("button", name="Mark as done").click()
    toast(page, "Done: 2 follow-ups.")
    shows(page, "Borealis")
    expect(bar).to_be_hidden()


def test_what_was_done_by_mistake_is_undone_with_one_key(page_of, chloe):
    give(chloe, "Acme", "Borealis", "Cedar")
    page = page_of(chloe)
    page.goto("/")
    press = page.keyboard.press
    for name in ("Cedar", "Acme", "Borealis"):
        row(page, name).focus()
        press("d")
        page.get_by_role("dialog").get_by_text("False alarm").click()
        page.get_by_role("dialog").get_by_role("button", name="Mark as done").click()
        toast(page, f"Done (False alarm): Call {name}")
        settle(page)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_have_count(2)  # of the last two
    expect(undo.locator("kbd:visible")).to_have_count(1)
    press("u")  # the last one first
    toast(page, "Back on the list: Call Borealis")
    shows(page, "Borealis")
    expect(row(page, "Borealis")).to_be_focused()
    undo.click()
    toast(page, "Back on the list: Call Acme")
    shows(page, "Acme", "Borealis")
    expect(undo).to_have_count(0)
    work = FollowUp.objects.order_by("title").values_list("title", "status", "outcome")
    assert list(work) == [
        ("Call Acme", "open", ""),
        ("Call Borealis", "open", ""),
        ("Call Cedar", "done", "false_alarm"),
    ]


def test_search_narrows_while_she_types_and_a_view_keeps_it(page_of, chloe):
    give(chloe, "Acme", "Borealis", "Cedar")
    page = page_of(chloe)
    page.goto("/")
    page.get_by_label("Search the queue").fill("bor")
    shows(page, "Borealis")
    expect(page).to_have_url(re.compile(r"\?q=bor$"))

    page.get_by_role("link", name="Save view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("The north")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(
        page.get_by_role("navigation", name="Views").get_by_role("link", name="The north", exact=True)
    ).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="The north", exact=True).click()
    shows(page, "Borealis")

    page.get_by_label("Search the queue").fill("nobody at all")
    expect(page.get_by_text("Nothing fits these filters")).to_be_visible()


def test_a_new_one_comes_by_itself_and_takes_nothing_from_her(page_of, chloe):
    give(chloe, "Acme")
    page = page_of(chloe)
    page.clock.install()
    page.goto("/")
    row(page, "Acme").get_by_role("checkbox").check()
    give(chloe, "Borealis")
    page.clock.run_for(11_000)
    expect(row(page, "Borealis")).to_be_visible()
    expect(page.locator("#queue-says")).to_contain_text("Call Borealis")
    expect(row(page, "Acme").get_by_role("checkbox")).to_be_checked()


PRESSED = """keys => keys.forEach((key) =>
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""


def test_the_whole_morning_by_keyboard(page_of, chloe, cyril):
    give(chloe, "Acme", "Borealis", "Cedar", "Delta")
    page = page_of(chloe)
    page.goto("/")
    shows(page, "Acme", "Borealis", "Cedar", "Delta")
    press = page.keyboard.press
    press("j")
    expect(row(page, "Acme")).to_be_focused()
    press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    settle(page)
    press("d")
    expect(page.get_by_role("dialog")).to_be_visible()
    press("1")
    press("Enter")
    toast(page, "Done (Helped): Call Acme")
    expect(page.locator("#detail-title")).to_have_text("Call Borealis")

    press("Escape")
    expect(page.locator("#detail")).to_be_empty()
    expect(row(page, "Borealis")).to_be_focused()
    press("s")
    expect(page.get_by_role("dialog", name="Snooze")).to_be_visible()
    press("1")
    page.keyboard.type("Monday suits them")
    press("Enter")
    toast(page, "Snoozed until")
    expect(row(page, "Cedar")).to_be_focused()

    press("a")
    expect(page.get_by_label("To")).to_be_focused()
    page.keyboard.type("Cyril")
    press("Tab")
    page.keyboard.type("Yours")
    press("Enter")
    toast(page, "Now with Cyril: Call Cedar")
    expect(row(page, "Delta")).to_be_focused()

    press("x")
    expect(row(page, "Delta").get_by_role("checkbox")).to_be_checked()
    press("d")
    expect(page.get_by_role("dialog")).to_contain_text("1 follow-up")
    press("Escape")
    press("/")
    expect(page.get_by_label("Search the queue")).to_be_focused()
    press("Escape")
    press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Hand over")
    press("Escape")
    page.evaluate(PRESSED, ["g", "/"])  # one soon after the other, however slow the machine
    expect(page.get_by_label("Search accounts")).to_be_focused()
    found = FollowUp.objects.order_by("title").values_list("title", "status", "assignee__name")
    assert list(found) == [
        ("Call Acme", "done", "Chloe"),
        ("Call Borealis", "snoozed", "Chloe"),
        ("Call Cedar", "open", "Cyril"),
        ("Call Delta", "open", "Chloe"),
    ]


def test_a_call_that_is_sent_twice_is_logged_once(page_of, chloe):
    give(chloe, "Acme")
    page = page_of(chloe)
    page.goto("/")
    row(page, "Acme").focus()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What was said").fill("They stay.")
    dialog.locator("form").evaluate("form => { form.requestSubmit(); form.requestSubmit() }")
    toast(page, "Call with Acme logged.")
    settle(page)
    assert Activity.objects.filter(kind="call.logged").count() == 1


def test_the_panel_is_about_the_row_that_is_marked(page_of, chloe):
    give(chloe, "Acme", "Borealis")
    page = page_of(chloe)
    page.goto("/")
    row(page, "Acme").get_by_role("link", name="Call Acme").click()
    expect(page.locator("#detail-title")).to_have_text("Call Acme")
    page.route("**/follow-ups/**", lambda route: route.fulfill(status=204))  # an answer without a panel
    row(page, "Borealis").get_by_role("link", name="Call Borealis").click()
    settle(page)
    expect(page.locator("[data-row].open")).to_contain_text("Call Acme")
    page.unroute("**/follow-ups/**")
    row(page, "Borealis").get_by_role("link", name="Call Borealis").click()
    expect(page.locator("#detail-title")).to_have_text("Call Borealis")
    expect(page.locator("[data-row].open")).to_contain_text("Call Borealis")

    page.locator("#detail").get_by_role("link", name="Borealis", exact=True).click()
    expect(page).to_have_url(re.compile("/accounts/"))
    page.go_back()
    expect(page.locator("#detail-title")).to_have_text("Call Borealis")


# How high what a finger may hit is, the room around it counted in.
TOO_LOW = """(wanted) => [...document.querySelectorAll(wanted)].filter((e) => e.checkVisibility({visibilityProperty: true}))
  .map((e) => e.closest("label") ?? e)
  .filter((e) => Math.max(e.offsetHeight, ...["::before", "::after"].map((side) => {
    const room = getComputedStyle(e, side);
    return room.position === "absolute" ? parseFloat(room.height) || 0 : 0;
  })) < 44)
  .map((e) => `${e.className} ${e.textContent.trim()}`)"""


def test_a_thumb_hits_what_it_means(page_of, chloe):
    acme = give(chloe, "Acme")[0]
    page = page_of(chloe, size=PHONE)
    for path in (
        "/",
        f"/follow-ups/{acme.pk}/",
        f"/follow-ups/{acme.pk}/snooze/",
        f"/accounts/{acme.account_id}/",
        "/accounts/",
    ):
        page.goto(path)
        settle(page)
        assert (
            page.evaluate(
                TOO_LOW, ".btn, .view, .tab, .chip, .nav-link, .fu-check, select, .todo input, .user > summary"
            )
            == []
        ), path


def test_without_javascript_from_sign_in_to_done(open_page, chloe):
    give(chloe, "Acme", "Borealis")
    page = open_page(java_script_enabled=False, size=PHONE)
    page.goto("/")
    page.get_by_label("Email").fill(chloe.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Call Acme").click()
    expect(page.get_by_role("heading", name="Call Acme", level=1)).to_be_visible()
    page.get_by_label("Read the tickets").check()
    page.get_by_role("button", name="Save steps").click()
    expect(page.get_by_label("Read the tickets")).to_be_checked()
    page.get_by_role("link", name="Done").click()
    page.get_by_text("Helped").click()
    page.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("Done (Helped): Call Acme")).to_be_visible()
    page.goto("/")
    shows(page, "Borealis")
