"""A score taken apart: each indicator with its reading, freshness, weight and contribution, adding up as printed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import formats
from accounts.exceptions import DomainError
from accounts.models import Account
from health.domain.explain import share_out, tenths
from health.domain.history import latest_score
from health.domain.parameters import Thresholds
from health.enums import Freshness
from health.models import FrozenIndicator, Score, ScoreModelVersion, points
from health.registry import indicator


@dataclass(frozen=True)
class Part:
    key: str
    label: str
    help: str
    weight: int
    value: Decimal | None
    contribution: Decimal | None  # printed: they add up to the score
    reading: str
    freshness: Freshness
    as_of: date | None
    caps: bool


@dataclass(frozen=True)
class Breakdown:
    day: date
    score: Decimal | None
    band: str
    capped_by: str
    known_weight: int
    low: Decimal
    high: Decimal
    version: ScoreModelVersion
    parts: tuple[Part, ...]
    source: Score

    @property
    def capped_label(self) -> str:
        return str(indicator(self.capped_by).label) if self.capped_by else ""

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds.of(self.version.thresholds)

    @property
    def stale(self) -> list[Part]:
        return [part for part in self.parts if part.freshness == Freshness.STALE]


def breakdown(account: Account, on: date | None = None) -> Breakdown | None:
    """Of the latest score, or of a past day's; None where the account has never been scored. DomainError for a day
    without a score."""
    score = latest_score(account, on)
    if score is None and on:
        sentence = _("There is no score of %(day)s.") % {"day": formats.day(on)}
        raise DomainError(sentence, code="no_score", status=404)
    return taken_apart(score) if score else None


def taken_apart(score: Score) -> Breakdown:
    return Breakdown(
        day=score.day,
        score=score.points,
        band=score.band,
        capped_by=score.capped_by,
        known_weight=score.known_weight,
        low=Decimal(tenths(score.low)).scaleb(-1),
        high=Decimal(tenths(score.high)).scaleb(-1),
        version=score.version,
        parts=tuple(_parts(score)),
        source=score,
    )


def _parts(score: Score) -> list[Part]:
    contributions, frozen = _contributions(score), _frozen_on(score.day)
    rows = zip(score.version.indicators, score.version.weights, score.values, score.readings, score.ages, strict=True)
    return [
        Part(
            key=key,
            label=str(indicator(key).label),
            help=str(indicator(key).help),
            weight=weight,
            value=points(value),
            contribution=contributions.get(key),
            reading=_reading(key, reading),
            freshness=_freshness(value, age, key in frozen),
            as_of=None if age is None else score.day - timedelta(days=age),
            caps=key == score.capped_by,
        )
        for key, weight, value, reading, age in rows
    ]


def _contributions(score: Score) -> dict[str, Decimal]:
    """In tenths, adding up to the score in tenths."""
    version = score.version
    known = {
        key: (weight, value)
        for key, weight, value in zip(version.indicators, version.weights, score.values, strict=True)
        if value is not None
    }
    if score.score is None:
        return {}
    exact = {key: Fraction(weight * value, score.known_weight) for key, (weight, value) in known.items()}
    return {key: Decimal(n).scaleb(-1) for key, n in share_out(exact, tenths(score.score)).items()}


def _freshness(value: int | None, age: int | None, frozen: bool) -> Freshness:
    if value is None:
        return Freshness.MISSING if age is None else Freshness.STALE
    return Freshness.FROZEN if frozen else Freshness.FRESH


def _frozen_on(day: date) -> set[str]:
    held = FrozenIndicator.objects.filter(frozen_at__date__lte=day)
    held = held.filter(Q(released_at__isnull=True) | Q(released_at__date__gt=day))
    return set(held.values_list("indicator", flat=True))


class Shown(int):
    """A number that chooses its plural and is written in the reader's way."""

    def __str__(self) -> str:
        return formats.number(int(self))


def _reading(key: str, number: int | None) -> str:
    text = indicator(key).reading
    return "" if number is None or not text else str(text % {"n": Shown(number)})
