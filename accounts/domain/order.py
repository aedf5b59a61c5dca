"""The order of the queue, and the line that explains it.

Breached promises first, then promises that are to be kept by tomorrow: a call that is promised within a day is not
done in time where it waits behind all that is worth more. Then everything else; each by expected loss = yearly
value × P(loss by band) × nearness. The first two factors are kept on the row (FollowUp.expected_loss), the third moves
with the clock. A page of the queue in this order: domain/queue/.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain import rules
from accounts.enums import Band

BANDS = tuple(band.value for band in Band)
LOSS = tuple(f"queue.loss_{band}" for band in BANDS)  # rules


def odds_of_loss(band: str) -> Decimal:
    """How likely a customer of this band is to leave within the year."""
    return rules.share(f"queue.loss_{band if band in BANDS else Band.UNKNOWN.value}")


def all_odds() -> dict[str, Decimal]:
    return dict(zip(BANDS, (Decimal(chance) / 100 for chance in rules.several(*LOSS)), strict=True))


class Nearness(NamedTuple):
    """1 when due (and after), falling to `least` so many `seconds` before that."""

    seconds: float
    least: float

    @classmethod
    def now(cls) -> "Nearness":
        days, least = rules.several("queue.near_days", "queue.near_least")
        return cls(days * 86_400.0, least / 100)

    def of(self, due_at: datetime, now: datetime) -> float:
        ahead = (due_at - now).total_seconds() / self.seconds
        return min(1.0, max(self.least, 1 - (1 - self.least) * ahead))


def yearly_loss(mrr: Decimal | float, band: str, odds: Mapping[str, Decimal] | None = None) -> Decimal:
    """Yearly value × P(loss by band), as kept in FollowUp.expected_loss. For many: with all_odds(), asked once."""
    chance = odds.get(band, odds[Band.UNKNOWN.value]) if odds else odds_of_loss(band)
    return round(Decimal(mrr) * 12 * chance, 4)


def nearness(due_at: datetime, now: datetime) -> float:
    return Nearness.now().of(due_at, now)


def kept_until(now: datetime, tz: tzinfo) -> datetime:
    """Promises due before the end of the reader's tomorrow come next after those that are broken."""
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight + timedelta(days=2)


class Why(NamedTuple):
    """Why a row stands where it does: a line for the list, and the sum with its result for who wants to check."""

    text: str
    detail: str
    broken: bool = False


class Places:
    """Says why rows stand where they do. What is the same for all rows of a page is looked up once.

    A row is one of queue_page(): promise, due_at, account__mrr, account__band.
    """

    def __init__(self, now: datetime) -> None:
        self.now, self.read = now, formats.Reader()
        self.today, self.kept_until = self.read.local(now).date(), kept_until(now, self.read.zone)
        self.say = _phrases(self.read.code, rules.several(*LOSS))

    def line(self, row: dict[str, Any]) -> tuple[str, bool]:
        """For the list; and whether a promise is broken."""
        due_at = row["due_at"]
        if row["promise"] and due_at < self.now:
            return self.say.broken % {"ago": self.read.relative(due_at)}, True
        facts = self._facts(row)
        if row["promise"] and due_at < self.kept_until:
            return (self.say.promised if row["account__mrr"] else self.say.promised_nothing) % facts, False
        facts["due"] = self._due(due_at)
        return (self.say.line if row["account__mrr"] else self.say.nothing) % facts, False

    def why(self, row: dict[str, Any]) -> Why:
        """The line, and the sum behind it."""
        text, broken = self.line(row)
        near = nearness(row["due_at"], self.now)
        loss = float(row["account__mrr"] * 12) * float(odds_of_loss(row["account__band"])) * near
        facts = self._facts(row) | {
            "near": self.read.percent(near),
            "due": self._due(row["due_at"]),
            "loss": self._money(loss),
        }
        return Why(text, self.say.sum % facts, broken)

    def _facts(self, row: dict[str, Any]) -> dict[str, str]:
        odds, band = self.say.odds.get(row["account__band"]) or self.say.odds[Band.UNKNOWN.value]
        return {"value": self._money(row["account__mrr"] * 12), "odds": odds, "band": band}

    def _money(self, amount: Decimal | float) -> str:
        return self.read.money(amount, settings.REPORTING_CURRENCY)

    def _due(self, due_at: datetime) -> str:
        if due_at < self.now:
            return self.say.overdue
        return _due_in(self.read.code, (self.read.local(due_at).date() - self.today).days)


class _Phrases(NamedTuple):
    broken: str
    promised: str
    promised_nothing: str
    line: str
    nothing: str
    overdue: str
    sum: str
    odds: dict[str, tuple[str, str]]


@lru_cache(maxsize=16)
def _phrases(code: str, chances: tuple[int, ...]) -> _Phrases:
    """A page says these fifty times: looked up once per language (and chances of loss, by band)."""
    return _Phrases(
        _("Promise broken %(ago)s"),
        _("Promise to keep · %(value)s a year × %(odds)s (%(band)s)"),
        _("Promise to keep"),
        _("%(value)s a year × %(odds)s (%(band)s) × %(due)s"),
        _("No revenue at stake × %(due)s"),
        _("overdue"),
        _("%(value)s a year × %(odds)s chance of loss (%(band)s) × %(near)s (%(due)s) = %(loss)s"),
        {
            band.value: (formats.percent(Decimal(chance) / 100), str(band.label))
            for band, chance in zip(Band, chances, strict=True)
        },
    )


@lru_cache(maxsize=256)
def _due_in(_code: str, days: int) -> str:
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return ngettext("due in %(n)s day", "due in %(n)s days", days) % {"n": days}
