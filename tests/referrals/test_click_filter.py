"""Which requests are a person's click."""

import pytest

from referrals.domain.clicks import is_a_persons, visitor_hash

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        PHONE,
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 Telegram-Android/11",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 Safari/605.1.15 Snapchat/13.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ],
)
def test_a_browser_is_a_person(agent):
    assert is_a_persons("GET", {"User-Agent": agent})


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "  ",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; bingbot/2.0) Chrome/116.0 Safari/537.36",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36",
        "curl/8.5.0",
        "python-requests/2.32",
        "Go-http-client/2.0",
    ],
)
def test_a_program_is_none(agent):
    assert not is_a_persons("GET", {"User-Agent": agent})


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    ],
)
def test_what_nobody_asked_for_is_none(headers):
    assert not is_a_persons("GET", {"User-Agent": BROWSER, **headers})


def test_a_look_at_the_headers_alone_is_none():
    assert not is_a_persons("HEAD", {"User-Agent": BROWSER})
    assert is_a_persons("GET", {"User-Agent": BROWSER, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})


def test_a_visitor_is_the_same_for_a_day_and_a_stranger_afterwards():
    first = visitor_hash(b"monday", "192.0.2.7", BROWSER)

    assert first == visitor_hash(b"monday", "192.0.2.7", BROWSER)
    assert (
        len({first, visitor_hash(b"tuesday", "192.0.2.7", BROWSER), visitor_hash(b"monday", "192.0.2.7", PHONE)}) == 3
    )
    assert "192.0.2.7" not in first
    assert visitor_hash(b"monday", "192.0.2.7", "\ud800")  # half a character, as servers hand them on
