"""The order of the queue, and the line that explains it.

Breached promises first, then promises that are to be kept by tomorrow: a call that is promised within a day is not
done in time where it waits behind all that is worth more. Then everything else; each by expected loss = yearly
value × P(loss by band) × nearness. The first two factors are kept on the row (FollowUp.expected_loss), the third moves
with the clock. A page of the queue in this order: domain/queue/.
"""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
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


def yearly_loss(mrr: Decimal | float, band: str) -> Decimal:
    """Yearly value × P(loss by band), as kept in FollowUp.expected_loss."""
    return round(Decimal(mrr) * 12 * odds_of_loss(band), 4)


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


def why_here(row: dict[str, Any], now: datetime, *, detailed: bool = True) -> Why:
    """`row` as queue_page() gives it: promise, due_at, account__mrr, account__band. A list does without the sum."""
    say = _phrases(formats.language(), rules.several(*LOSS))
    odds, band = say.odds.get(row["account__band"]) or say.odds[Band.UNKNOWN.value]
    yearly = row["account__mrr"] * 12
    value = formats.money(yearly, settings.REPORTING_CURRENCY)
    sum_ = _sum(row, now) if detailed else ""
    if row["promise"] and row["due_at"] < now:
        return Why(say.broken % {"ago": formats.relative(row["due_at"])}, sum_, broken=True)
    facts = {"value": value, "odds": odds, "band": band, "due": _due(row["due_at"], now)}
    if row["promise"] and row["due_at"] < kept_until(now, timezone.get_current_timezone()):
        return Why((say.promised if yearly else say.promised_nothing) % facts, sum_)
    return Why((say.line if yearly else say.nothing) % facts, sum_)


def _sum(row: dict[str, Any], now: datetime) -> str:
    say = _phrases(formats.language(), rules.several(*LOSS))
    odds, band = say.odds.get(row["account__band"]) or say.odds[Band.UNKNOWN.value]
    yearly, near = row["account__mrr"] * 12, nearness(row["due_at"], now)
    loss = float(yearly) * float(odds_of_loss(row["account__band"])) * near
    return say.sum % {
        "value": formats.money(yearly, settings.REPORTING_CURRENCY),
        "odds": odds,
        "band": band,
        "near": formats.number(near, 2),
        "loss": formats.money(loss, settings.REPORTING_CURRENCY),
    }


class _Phrases(NamedTuple):
    broken: str
    promised: str
    promised_nothing: str
    line: str
    nothing: str
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
        _("%(value)s a year × %(odds)s chance of loss (%(band)s) × nearness %(near)s = %(loss)s"),
        {
            band.value: (formats.percent(Decimal(chance) / 100), str(band.label))
            for band, chance in zip(Band, chances, strict=True)
        },
    )


def _due(due_at: datetime, now: datetime) -> str:
    if due_at < now:
        return _("overdue")
    days = (timezone.localtime(due_at).date() - timezone.localtime(now).date()).days
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return ngettext("due in %(n)s day", "due in %(n)s days", days) % {"n": days}
