"""Booking in a real browser: three clicks on a phone, in one's own zone; another time, and none, from the mail."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from accounts.domain.links import address_of as personal_link
from accounts.models import Mail, User
from onboarding.domain.letters import address_of
from onboarding.models import Seat, Session, SessionType
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.sound import found_wrong
from tests.onboarding.factories import make_contact, make_host, make_type

WORDS = {
    "en": ("Kick-off", "Your name", "Book it", "You are booked"),
    "fr": ("Lancement", "Votre nom", "Réserver", "Votre réservation est confirmée"),
    "ro": ("Pornire", "Numele dumneavoastră", "Programează", "Programarea este confirmată"),
}


@pytest.fixture
def host() -> User:
    return make_host(weekly={str(day): [[540, 1020]] for day in range(7)})


@pytest.fixture
def kind(host: User) -> SessionType:
    texts = {code: {"name": words[0], "about": "45′"} for code, words in WORDS.items()}
    return make_type(host, minutes=45, every=45, after=15, texts=texts, where="https://meet.example/x")


def sound(page: Page) -> None:
    """As it stands, in both colours and widths."""
    wrong = []
    for theme, size in (("light", DESKTOP), ("dark", PHONE)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wrong += [f"{page.url} {theme}: {line}" for line in found_wrong(page)]
    assert wrong == []


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_stranger_books_in_three_clicks_in_their_own_zone(open_page, kind, zone):
    page = open_page(size=PHONE, timezone_id=zone)
    page.goto("/book/kickoff/")
    expect(page.get_by_label("Your time zone")).to_have_value(zone)
    sound(page)
    page.set_viewport_size(PHONE)
    day = page.locator("button.month-day").nth(1)  # one
    title = day.get_attribute("aria-label")
    day.click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(title)
    page.locator("button.slot").first.click()  # two
    expect(page.get_by_text("This time is kept for you for five minutes.")).to_be_visible()
    sound(page)
    page.get_by_label("Your name").fill("Ann <b>Ö</b>")
    page.get_by_label("Your e-mail address").fill("ann@example.com")
    page.get_by_role("button", name="Book it").click()  # three
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    sound(page)
    seat = Seat.objects.select_related("session").get()
    assert (seat.name, seat.time_zone, seat.session.status) == ("Ann <b>Ö</b>", zone, "confirmed")
    assert Mail.objects.get().attachments[0]["type"] == "text/calendar; method=REQUEST"


@pytest.mark.parametrize("language", ["fr", "ro"])
def test_it_speaks_the_visitors_language_without_scripts_too(open_page, kind, language):
    page = open_page(size=PHONE, java_script_enabled=False)
    page.goto(f"/book/kickoff/?tz=Europe/Bucharest&lang={language}")
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS[language][0])
    page.locator("button.slot").first.click()
    page.locator("[name=name]").fill("Ana")
    page.locator("[name=email]").fill("ana@example.com")
    page.locator("[name=confirm]").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(WORDS[language][0])
    assert Seat.objects.get().language == language


def test_a_contact_moves_and_cancels_from_the_mail(open_page, host):
    contact = make_contact(host, language="en")
    make_type(host, public=False)
    page = open_page(size=PHONE)
    page.goto("/c/" + personal_link(contact, "portal").split("/c/")[1] + "book/kickoff/")
    expect(page.get_by_text("Chloe")).to_be_visible()
    page.locator("button.slot").first.click()
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    before = Session.objects.get()

    page.goto("/c/" + personal_link(contact, "portal").split("/c/")[1] + "book/kickoff/")
    expect(page.get_by_role("heading", name="You have booked this already")).to_be_visible()
    sound(page)
    page.get_by_role("link", name="Book another one besides").click()
    expect(page.locator("button.slot").first).to_be_visible()

    page.goto("/b/" + address_of(Seat.objects.get()).split("/b/")[1])  # as the mail has it
    page.get_by_role("link", name="Choose another time").click()
    sound(page)
    page.locator("button.slot").nth(1).click()
    expect(page.get_by_role("heading", name="Move your booking?")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
    after = Session.objects.get()
    assert (after.uid, after.sequence, after.starts_at != before.starts_at) == (before.uid, 1, True)

    page.get_by_role("link", name="Cancel").click()
    sound(page)
    page.get_by_label("Would you tell us why?").fill("Ill")
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_role("heading", name="Your booking is canceled")).to_be_visible()
    expect(page.get_by_role("link", name="Book another time")).to_be_visible()
    sound(page)
    assert Session.objects.get().cancel_reason == "Ill"
    assert [mail.kind for mail in Mail.objects.order_by("pk")] == [
        "session.booked",
        "session.moved",
        "session.canceled",
    ]


def test_answers_come_first_and_times_in_ones_own_zone_after(open_page, host):
    make_type(host, questions=[{"key": "goal", "text": {"en": {"text": "What for?"}}, "kind": "text"}])
    page = open_page(size=PHONE, timezone_id="America/Los_Angeles")
    page.goto("/book/kickoff/")
    page.get_by_label("What for?").fill("Reports")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Your time zone")).to_have_value("America/Los_Angeles")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["390", "1440"])
@pytest.mark.parametrize("language", WORDS)
def test_book_move_and_cancel_in_every_language_width_and_zone(open_page, host, kind, language, size, zone):
    contact = make_contact(host, language=language, time_zone=zone)
    page = open_page(size=size, timezone_id="UTC")
    page.goto("/c/" + personal_link(contact, "portal").split("/c/")[1] + "book/kickoff/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("h1")).to_have_text(WORDS[language][0])
    expect(page.locator("#tz")).to_have_value(zone)
    page.locator("button.slot").first.click()
    page.get_by_role("button", name=WORDS[language][2]).click()
    expect(page.get_by_role("heading", name=WORDS[language][3])).to_be_visible()
    expect(page.locator(".booking-facts")).to_contain_text(f"({zone})")
    before = Session.objects.get()

    page.goto("/b/" + address_of(Seat.objects.get()).split("/b/")[1])
    page.locator("a[href$='/move/']").click()
    expect(page.locator("#tz")).to_have_value(zone)
    page.locator("button.slot").nth(1).click()
    page.locator("button[name=confirm]").click()
    expect(page.get_by_role("heading", name=WORDS[language][3])).to_be_visible()
    after = Session.objects.get()
    assert (after.sequence, after.starts_at > before.starts_at) == (1, True)
    page.locator("a[href$='/cancel/']").click()
    page.locator("button.btn-danger").click()
    expect(page.locator(".booking-canceled")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (Session.objects.get().status, Mail.objects.filter(language=language).count()) == ("canceled", 3)


def test_who_is_too_late_keeps_what_was_typed(open_page, kind, host):
    page = open_page(size=PHONE, timezone_id="Europe/Paris")
    page.goto("/book/kickoff/")
    expect(page.get_by_label("Your time zone")).to_have_value("Europe/Paris")
    start = page.locator("button.slot").first.get_attribute("value")
    page.locator("button.slot").first.click()
    page.get_by_label("Your name").fill("Bea")
    page.get_by_label("Your e-mail address").fill("bea@example.com")
    Session.objects.update(held_by="somebody else")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("This time is not free any more.")).to_be_visible()
    expect(page.locator(f'button.slot[value="{start}"]')).to_have_count(0)
    sound(page)
    page.set_viewport_size(PHONE)
    page.locator("button.slot").first.click()
    expect(page.get_by_label("Your name")).to_have_value("Bea")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", name="You are booked")).to_be_visible()


def test_only_listed_sites_may_show_it_in_a_frame(open_page, kind, live_server):
    SessionType.objects.update(embed_hosts=[live_server.url])
    page = open_page()
    page.goto("/healthz")
    page.set_content(
        f'<iframe src="{live_server.url}/book/kickoff/?tz=UTC" title="x" width="800" height="900"></iframe>'
    )
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Kick-off")).to_be_visible()
    frame.locator("button.slot").first.click()
    frame.get_by_label("Your name").fill("Ann")
    frame.get_by_label("Your e-mail address").fill("ann@example.com")
    frame.get_by_role("button", name="Book it").click()
    expect(frame.get_by_role("heading", name="You are booked")).to_be_visible()
    assert SessionType.objects.get().embed_hosts == [live_server.url]


# The team's side ------------------------------------------------------------------------------------


def test_hours_and_session_types_are_kept_and_sound(page_of, alice, host):
    page = page_of(alice)
    page.goto("/settings/session-types/add/")
    sound(page)
    page.get_by_label("Name").first.fill("Review")
    page.get_by_label("Length, minutes").fill("25")
    page.get_by_label("Chloe").fill("100")
    expect(page.locator("#type-free li").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    sound(page)
    page.goto("/settings/session-types/")
    sound(page)
    page.goto("/settings/hours/")
    page.get_by_role("textbox", name="Monday").fill("9-12, 1pm-5pm")
    page.get_by_role("button", name="Save the hours").click()
    expect(page.get_by_role("textbox", name="Monday")).to_have_value("09:00–12:00, 13:00–17:00")
    page.get_by_label("From").fill(str(date.today()))
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("row").filter(has_text="off")).to_be_visible()
    sound(page)
    page.goto("/settings/hours/team/")
    sound(page)
    assert SessionType.objects.get().minutes == 25
