"""The touch model from what is known (RULES 5). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import TouchModel

LOW, MID, HIGH = TouchModel.LOW, TouchModel.MID, TouchModel.HIGH
# Low, mid and high count 0, 1 and 2; complexity and value together say how much of a hand somebody needs and pays for.
POINTS = {"low": 0, "mid": 1, "high": 2}
LOWER = {HIGH: MID, MID: LOW}


@dataclass(frozen=True)
class Limits:
    """What admins have set: values in the reporting currency, hours a week that a new customer takes."""

    low_value: Decimal
    high_value: Decimal
    hours: Mapping[str, Decimal]


@dataclass(frozen=True)
class Recommendation:
    model: TouchModel
    wanted: TouchModel
    needed: Decimal  # hours of the model that was wanted
    free: Decimal | None  # None: nobody has planned any

    @property
    def short(self) -> Decimal:
        return Decimal(0) if self.model == self.wanted or self.free is None else self.needed - self.free


def level(value: Decimal, limits: Limits) -> str:
    """Low under the one limit, high over the other: what lies on a limit is in the middle."""
    if value < limits.low_value:
        return "low"
    return "high" if value > limits.high_value else "mid"


def wanted(complexity: str, value: str) -> TouchModel:
    together = POINTS[complexity] + POINTS[value]
    if together <= 1:
        return LOW
    return MID if together == 2 else HIGH


def recommended(complexity: str, value: Decimal, free: Decimal | None, limits: Limits) -> Recommendation:
    """What is wanted; where the week has no hours for it, the next lower one that it has hours for."""
    best = model = wanted(complexity, level(value, limits))
    while free is not None and model != LOW and limits.hours[model] > free:
        model = LOWER[model]
    return Recommendation(model, best, limits.hours[best], free)
