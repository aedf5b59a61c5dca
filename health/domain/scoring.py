"""Values into a score and its band: the rule in plain Python, without a database.

Everything is in whole thousandths of a point, so that what is computed here and in SQL is the same number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.enums import Band
from health.domain.indicators import FULL, Readings, Value, value_of
from health.domain.parameters import Parameters, Thresholds


@dataclass(frozen=True)
class Model:
    """A version of a score model, as the rule needs it."""

    weights: Mapping[str, int]
    thresholds: Thresholds = field(default_factory=Thresholds)
    parameters: Parameters = field(default_factory=Parameters)


@dataclass(frozen=True)
class Scored:
    score: int | None
    band: Band
    capped_by: str
    known_weight: int
    low: int
    high: int
    values: tuple[Value, ...]
    contributions: tuple[int | None, ...]


def score_readings(known: Readings, day: date, model: Model) -> Scored:
    values = [value_of(key, known, day, model.parameters) for key in model.weights]
    return score_values(values, model)


def score_values(values: Sequence[Value], model: Model) -> Scored:
    weights = list(model.weights.values())
    parts = [(w, v.value) for w, v in zip(weights, values, strict=True) if v.value is not None]
    known = sum(w for w, _ in parts)
    total = sum(w * v for w, v in parts)
    score = rounded(total, known) if known else None
    band, capped_by = band_of(score, known, values, model)
    return Scored(
        score=score,
        band=band,
        capped_by=capped_by,
        known_weight=known,
        low=rounded(total, 100),
        high=rounded(total + (100 - known) * FULL, 100),
        values=tuple(values),
        contributions=tuple(
            None if v.value is None else rounded(w * v.value, known) for w, v in zip(weights, values, strict=True)
        ),
    )


def rounded(total: int, by: int) -> int:
    """total / by, half up, for what is never negative."""
    return (2 * total + by) // (2 * by)


def whole(score: int) -> int:
    """As people see it: half up."""
    return (score + 500) // 1000


def band_of(score: int | None, known_weight: int, values: Sequence[Value], model: Model) -> tuple[Band, str]:
    limits = model.thresholds
    if score is None or known_weight < limits.known:
        return Band.UNKNOWN, ""
    band = plain_band(whole(score), limits)
    if band in (Band.RED, Band.YELLOW):
        return band, ""
    lowest = min(v.value for v in values if v.value is not None)
    if lowest > limits.cap * 1000:
        return band, ""
    return Band.YELLOW, next(key for key, v in zip(model.weights, values, strict=True) if v.value == lowest)


def plain_band(score: int, limits: Thresholds) -> Band:
    if score <= limits.red:
        return Band.RED
    if score <= limits.yellow:
        return Band.YELLOW
    return Band.GREEN if score <= limits.green else Band.THRIVING
