"""Clicks on referral links: which of them are a person's, and how they are told apart without saying whose they are."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from referrals.models import Click, DaySalt, Program

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


# Who came, without saying who --------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """A click on its way into the database: all that a message carries of it. Neither address nor program of whoever
    came is in it."""

    code: int
    key: str
    visitor: str
    occurred_at: str  # ISO
    channel: str
    referrer: str = ""
    browser: str = ""


_salts: dict[date, bytes] = {}


def salt_of(day: date) -> bytes:
    """The same for all processes; kept in memory for as long as the day lasts."""
    if day not in _salts:
        DaySalt.objects.bulk_create([DaySalt(day=day, salt=secrets.token_bytes(32))], ignore_conflicts=True)
        _salts.clear()
        _salts[day] = bytes(DaySalt.objects.get(day=day).salt)
    return _salts[day]


def visitor_now(address: str, agent: str) -> str:
    return visitor_hash(salt_of(timezone.now().date()), address, agent)


# Keeping it ---------------------------------------------------------------------------------------

# One visitor's clicks on one code are looked at one after the other, whichever workers have them. A message that comes
# twice writes nothing the second time; those that come late are compared with what came before and after them.
LOCK = "select pg_advisory_xact_lock(hashtextextended(%(visitor)s || %(code)s::text, 0))"
KEEP = """
insert into referrals_click (code_id, partner_id, key, visitor, browser, occurred_at, channel, referrer, counted)
select c.id, c.partner_id, %(key)s, %(visitor)s, %(browser)s, %(occurred_at)s, %(channel)s, %(referrer)s, not exists (
    select from referrals_click k where k.code_id = c.id and k.visitor = %(visitor)s and k.counted
        and k.occurred_at > %(occurred_at)s::timestamptz - make_interval(hours => g.dedupe_hours)
        and k.occurred_at < %(occurred_at)s::timestamptz + make_interval(hours => g.dedupe_hours)
)
from referrals_code c
join referrals_partner p on p.id = c.partner_id
join referrals_program g on g.id = p.program_id
where c.id = %(code)s
on conflict (key) do nothing
"""


@transaction.atomic
def keep(visit: Visit) -> bool:
    """False where it stood there already. Within the program's hours one visitor counts once; later clicks are kept
    all the same: sign-ups name them."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, asdict(visit))
        cursor.execute(KEEP, asdict(visit))
        return bool(cursor.rowcount)


# Forgetting ---------------------------------------------------------------------------------------

TOLD_APART_FOR = timedelta(days=30)  # beyond the longest window of any program
KEPT_FOR = timedelta(days=760)  # two years of reports
PRUNE_AT_ONCE = 5000


def prune(now: datetime | None = None) -> int:
    """Salts of past days go, and with them whoever could tell who a visitor was. Old clicks are only counted, and in
    the end not even that."""
    now = now or timezone.now()
    DaySalt.objects.filter(day__lt=now.date()).delete()
    longest = Program.objects.aggregate(days=Max("window_days"))["days"] or 0
    known = Click.objects.exclude(visitor="", browser="", referrer="")
    told_apart = known.filter(occurred_at__lt=now - timedelta(days=longest) - TOLD_APART_FOR)
    count = _first(told_apart).update(visitor="", browser="", referrer="")
    deleted, _models = _first(Click.objects.filter(occurred_at__lt=now - KEPT_FOR)).delete()
    return count + deleted


def _first(rows: "QuerySet[Click]") -> "QuerySet[Click]":
    """As many as one run touches, the oldest first."""
    return Click.objects.filter(pk__in=rows.order_by("occurred_at").values("pk")[:PRUNE_AT_ONCE])
