"""Where /r/<code> leads, and what becomes of the click: kept by a worker, so that nobody waits for it."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from django.utils import timezone

from referrals.domain import clicks
from referrals.domain.addresses import landing, with_reference
from referrals.domain.codes import LONGEST, code_key
from referrals.enums import Channel, PartnerStatus, ProgramStatus
from referrals.models import Code

log = structlog.get_logger(__name__)

MOST_HOST = 253


class Target(NamedTuple):
    """What one look at the database tells about a code: these columns, in this order."""

    id: int
    code: str
    active: bool
    channel: str
    landing_url: str
    partner_status: str
    program_status: str
    starts_on: date | None
    ends_on: date | None
    landing_urls: list[str]

    @property
    def open(self) -> bool:
        """Whether the program takes anybody today."""
        today = timezone.now().date()
        begun = self.starts_on is None or self.starts_on <= today
        return self.program_status == ProgramStatus.RUNNING and begun and (self.ends_on is None or today < self.ends_on)

    @property
    def binds(self) -> bool:
        """Codes that are switched off, and those of partners who rest, lead there all the same, for nobody's gain."""
        return self.active and self.partner_status == PartnerStatus.APPROVED


COLUMNS = (
    "id", "code", "active", "channel", "landing_url", "partner__status", "partner__program__status",
    "partner__program__starts_on", "partner__program__ends_on", "partner__program__landing_urls",
)  # fmt: skip


# What a process has just looked up: a link that many follow asks the database every few seconds. So much later, at the
# most, does everybody hear that a program rests.
KNOWN_FOR, MOST_KNOWN = 5.0, 10_000
_known: dict[str, tuple[float, Target]] = {}


def target_of(text: str) -> Target | None:
    """None for a code that nobody has, or of a program that is not ready."""
    key, now = code_key(text[: 4 * LONGEST]), time.monotonic()
    since, known = _known.get(key, (now - 2 * KNOWN_FOR, None))
    if known and 0 <= now - since < KNOWN_FOR:
        return known
    row = Code.objects.filter(key=key).values_list(*COLUMNS).first() if key else None
    found = Target(*row) if row else None
    if found is None or found.program_status == ProgramStatus.DRAFT:
        return None
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[key] = now, found
    return found


@dataclass(frozen=True)
class Visitor:
    """Whoever follows the link, as far as the request tells. It goes no further than this process."""

    method: str
    headers: Mapping[str, str]
    address: str
    channel: str = ""
    wanted: str = ""  # another of the program's addresses
    browser: str = ""  # of a cookie, where the house keeps one


def follow(target: Target, visitor: Visitor, keep: Callable[[dict[str, Any]], None]) -> str:
    """The address to go to. A person's click gets a key of its own, which sign-ups name, and is handed to `keep`."""
    address = landing(target.landing_urls, visitor.wanted, target.landing_url)
    if not target.binds or not address:
        return address
    if not clicks.is_a_persons(visitor.method, visitor.headers):
        return with_reference(address, target.code)
    click = _visit(target, visitor)
    keep(asdict(click))
    return with_reference(address, target.code, click.key)


def _visit(target: Target, visitor: Visitor) -> clicks.Visit:
    channel = visitor.channel if visitor.channel in Channel.values else target.channel
    return clicks.Visit(
        code=target.id,
        key=secrets.token_hex(16),
        visitor=clicks.visitor_now(visitor.address, visitor.headers.get("User-Agent", "")),
        occurred_at=timezone.now().isoformat(),
        channel=channel,
        referrer=_host(visitor.headers.get("Referer", "")),
        browser=visitor.browser,
    )


def _host(referrer: str) -> str:
    """Never the path: what somebody read there is nobody's business."""
    try:
        return (urlsplit(referrer).hostname or "")[:MOST_HOST].replace("\0", "")
    except ValueError:
        return ""


# Handing it over ------------------------------------------------------------------------------------------------

PATIENCE = 5.0  # seconds without asking a broker that has just not answered


class Keeper:
    """Hands clicks to a worker. While the broker is away they are written at once: slower, and none is lost."""

    def __init__(self, publish: Callable[[dict[str, Any]], Any]) -> None:
        self.publish = publish
        self.away_until = 0.0

    def __call__(self, visit: dict[str, Any]) -> None:
        if time.monotonic() >= self.away_until:
            try:
                self.publish(visit)
            except Exception as error:
                # Whether it has arrived nobody knows: the key makes it one click, however often it is written.
                log.warning("clicks are written at once", error=str(error))
                self.away_until = time.monotonic() + PATIENCE
            else:
                return
        clicks.keep(clicks.Visit(**visit))
