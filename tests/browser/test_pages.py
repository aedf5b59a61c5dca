"""Every page, small and large, light and dark: axe finds nothing, nothing sticks out, nothing is heavy."""

import pytest

from accounts.models import User
from config.demo.seed import seed
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.pages import SIGNED_OUT, places
from tests.browser.sound import MOST_BYTES, found_wrong, settle, too_wide


@pytest.fixture
def admin() -> User:
    seed(30, number=7, days=120, say=lambda _text: None)
    return User.objects.get(email="admin@tenure.example")


def look_over(page, found) -> list[str]:
    wrong = []
    for place in found:
        answer = page.goto(place.path)
        if answer.status != 200 or len(answer.body()) > MOST_BYTES:
            wrong.append(f"{place.name}: {answer.status}, {len(answer.body()) // 1024} KB")
        settle(page)
        for theme, size in (("light", DESKTOP), ("dark", PHONE)):  # each colour and each width; the cross says no more
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            wrong += [f"{place.name}, {theme}: {line}" for line in found_wrong(page)]
    return wrong


@pytest.mark.parametrize(
    "part",
    [
        "work",
        "renewals",
        "customers",
        "voice",
        "mails",
        "settings",
        "security",
        "checklists",
        "onboarding",
        "sessions",
        "referrals",
        "numbers",
    ],
)
def test_every_page_is_sound(page_of, admin, part):
    page = page_of(admin)

    assert "\n".join(look_over(page, [place for place in places() if place.part == part])) == ""


def test_the_entrance_is_sound(open_page):
    assert "\n".join(look_over(open_page(), SIGNED_OUT)) == ""


def test_french_fits_on_a_phone(page_of, admin):
    User.objects.update(language="fr")
    page, wrong = page_of(admin, size=PHONE), []
    for place in places():
        if place.part in {
            "work",
            "renewals",
            "customers",
            "voice",
            "mails",
            "settings",
            "checklists",
            "onboarding",
            "sessions",
            "referrals",
            "numbers",
        }:
            page.goto(place.path)
            settle(page)
            wrong += [f"{place.name}: {line}" for line in too_wide(page)]

    assert "\n".join(wrong) == ""
