"""A CSM's morning of onboarding, in a real browser: the board, a session marked and written up, the reports."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import FollowUp
from onboarding.models import Session
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong
from tests.onboarding.board import make_account, make_person, make_session, make_version, start


@pytest.fixture
def session(chloe) -> Session:
    """Acme is stuck at its second step, Beta is fine; an hour ago Chloe talked to Acme."""
    version, now = make_version(), timezone.now()
    acme = make_account("Acme", csm=chloe)
    start(acme, version, done=1, stuck_since=now - timedelta(days=2), last_progress_at=now - timedelta(days=16))
    start(make_account("Beta", csm=chloe), version, done=3)
    make_session(chloe, now - timedelta(days=9), make_person(acme, "Lee"), status="attended", friction=["import"])
    return make_session(chloe, now - timedelta(hours=1), make_person(acme))


def sound(page: Page) -> None:
    """As it stands, in both colours and widths."""
    wrong = []
    for theme, size in (("light", DESKTOP), ("dark", PHONE)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wrong += [f"{page.url} {theme}: {line}" for line in found_wrong(page)]
    assert wrong == []
    page.set_viewport_size(DESKTOP)


def test_from_the_board_to_a_follow_up(page_of, chloe, session):
    page = page_of(chloe)
    page.goto("/onboarding/")
    stuck = page.get_by_role("region", name="Stuck")
    expect(stuck.get_by_text("Import", exact=True)).to_be_visible()
    sound(page)

    # Typing narrows all three columns, and the address says it.
    page.get_by_role("searchbox", name="Account", exact=True).fill("beta")
    expect(stuck.get_by_text("Nobody is stuck.")).to_be_visible()
    expect(page).to_have_url("/onboarding/?q=beta")

    page.get_by_role("searchbox", name="Account", exact=True).fill("")
    page.get_by_role("link", name="1 session is not marked yet").click()
    page.get_by_role("link", name="Acme").first.click()
    page.get_by_role("button", name="Came").click()
    expect(page.get_by_text("Kim Doe came.")).to_be_visible()
    expect(page.get_by_text("Took place")).to_be_visible()

    # Written up in its place, with a friction point used before and a follow-up.
    page.get_by_role("link", name="Write up").click()
    expect(page.get_by_label("Takeaways")).to_be_focused()
    page.get_by_label("Takeaways").fill("They want a report by Friday.")
    page.get_by_text("import", exact=True).click()
    page.get_by_label("Next step").fill("Show the report")
    promised = page.get_by_label("Due").input_value()
    page.get_by_label("Due").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Say by when.")).to_be_visible()
    expect(page.get_by_label("Due")).to_be_focused()  # where the mistake is
    page.get_by_label("Due").fill(promised)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("They want a report by Friday.").first).to_be_visible()
    expect(page.get_by_role("link", name="Show the report")).to_be_visible()
    row = FollowUp.objects.get()
    assert (row.title, row.assignee) == ("Show the report", chloe)
    sound(page)


def test_who_did_not_come_is_taken_back_without_javascript(open_page, chloe, session):
    page = open_page(user=chloe, java_script_enabled=False)
    page.goto("/onboarding/sessions/")
    page.get_by_role("button", name="No-show").first.click()
    expect(page).to_have_url("/onboarding/sessions/")
    session.refresh_from_db()
    assert session.status == "no_show"


def test_reports_lead_to_the_accounts_behind_them(page_of, chloe, session):
    page = page_of(chloe)
    page.goto("/onboarding/reports/")
    expect(page.get_by_text("Where do they get stuck?")).to_be_visible()
    sound(page)
    page.get_by_label("Period").select_option("30")
    expect(page).to_have_url("/onboarding/reports/?period=30")
    page.get_by_role("link", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="Acme")).to_be_visible()
    expect(page.get_by_role("link", name="Beta")).to_have_count(0)
