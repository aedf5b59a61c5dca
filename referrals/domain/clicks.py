"""Clicks on referral links: which of them are a person's, and how they are told apart without saying whose they are."""

import hashlib
import hmac
import re
from collections.abc import Mapping

# Programs that look at a link before a person does, or instead of one: search engines, the previews of chats and mail
# programs, monitors, scanners, libraries. Many name an address of theirs, which no browser does. Cubot makes phones;
# people read within Telegram, Snapchat and Teams, whose previews are called otherwise.
MACHINES = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot[/;_-]|crawl|spider|slurp|preview|unfurl|linkexpanding|\+https?://|facebookexternalhit"
    r"|facebookcatalog|facebot|^whatsapp/|mastodon|iframely|embedly|pingdom|uptime|statuscake|lighthouse|headless"
    r"|phantomjs|validator|imgproxy|imageproxy|safelinks|proofpoint|barracuda|mimecast|urlscan|nessus|googleother"
    r"|google-inspection|mediapartners|^(curl|wget|python|httpx|aiohttp|urllib|java|okhttp|go-http|node|axios|undici|ruby"
    r"|perl|php|libwww|guzzle|apache-http|postman|insomnia|dart|scrapy)\b",
    re.IGNORECASE,
)
# A browser says so when it loads a page that nobody has asked for yet.
AHEAD_OF_TIME = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")


def is_a_persons(method: str, headers: Mapping[str, str]) -> bool:
    """Whether somebody went there; False for link previews, robots, pages loaded ahead, and for links that a page of
    others follows behind its reader's back (as a picture, in a frame, by script)."""
    agent = headers.get("User-Agent", "").strip()
    if method != "GET" or not agent or MACHINES.search(agent):
        return False
    if any(headers.get(name, "").strip() for name in AHEAD_OF_TIME):
        return False
    # Older browsers do not tell; those that do tell the truth.
    mode, dest = headers.get("Sec-Fetch-Mode", "navigate"), headers.get("Sec-Fetch-Dest", "document")
    return mode == "navigate" and dest == "document"


def visitor_hash(salt: bytes, address: str, agent: str) -> str:
    """The same for the same visitor within a day; without the day's salt, which is thrown away, it is nobody's."""
    told = f"{address}\0{agent}".encode(errors="replace")
    return hmac.new(salt, told, hashlib.sha256).hexdigest()[:32]
