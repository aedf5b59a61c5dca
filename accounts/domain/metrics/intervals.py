"""Shares, means and differences with how sure one can be of them. Knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

Z95 = 1.959964
ENOUGH = 30  # with fewer there is no telling
ENOUGH_EVENTS = 5  # of what happens seldom: customers lost


@dataclass(frozen=True)
class Interval:
    """A figure and the range it may lie in, in 19 of 20 such samples. None: there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    # Why there is no telling, though there is a figure.
    too_few: bool = False

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


NOTHING = Interval()


def share(k: int, n: int) -> Interval:
    """k of n, with Wilson's interval: it stays between 0 and 1, also where all or none are."""
    if not n:
        return NOTHING
    p, z2 = k / n, Z95**2
    middle, half = (p + z2 / (2 * n)) / (1 + z2 / n), Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half), n, n < ENOUGH)


def shares_apart(a: Interval, b: Interval) -> Interval:
    """a − b by Newcombe's method: from the two intervals of Wilson."""
    if a.value is None or b.value is None or None in {a.low, a.high, b.low, b.high}:
        return NOTHING
    low = sqrt((a.value - float(a.low or 0)) ** 2 + (float(b.high or 0) - b.value) ** 2)
    high = sqrt((float(a.high or 0) - a.value) ** 2 + (b.value - float(b.low or 0)) ** 2)
    apart = a.value - b.value
    return Interval(apart, apart - low, apart + high, min(a.n, b.n), a.too_few or b.too_few)


@dataclass(frozen=True)
class Sample:
    """What is needed of many values: how many, their mean and their variance."""

    n: int = 0
    mean: float = 0.0
    variance: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sample":
        n = len(values)
        if not n:
            return cls()
        middle = sum(values) / n
        return cls(n, middle, sum((value - middle) ** 2 for value in values) / (n - 1) if n > 1 else 0.0)

    def interval(self, least: float = -inf, most: float = inf) -> Interval:
        """Cut where no mean can be: it holds the true one as often as before."""
        if not self.n:
            return NOTHING
        if self.n == 1:
            return Interval(self.mean, None, None, 1, too_few=True)
        half = t95(self.n - 1) * sqrt(self.variance / self.n)
        low, high = max(self.mean - half, least), min(self.mean + half, most)
        return Interval(self.mean, low, high, self.n, self.n < ENOUGH)


def means_apart(a: Sample, b: Sample) -> Interval:
    """a − b by Welch: the two may spread differently."""
    if min(a.n, b.n) < 2:
        return NOTHING
    parts = a.variance / a.n, b.variance / b.n
    spread, apart = sum(parts), a.mean - b.mean
    freedom = spread**2 / (parts[0] ** 2 / (a.n - 1) + parts[1] ** 2 / (b.n - 1)) if spread else 1.0
    half = t95(freedom) * sqrt(spread)
    return Interval(apart, apart - half, apart + half, min(a.n, b.n), min(a.n, b.n) < ENOUGH)


def t95(freedom: float) -> float:
    """Student's t, two-sided: the series in 1/v, within one per cent from three degrees on, a thousandth from six."""
    z, v = Z95, max(freedom, 1.0)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def value_of_life(mrr: Sample, lost: int, months: float) -> Interval:
    """LTV = ARPA / churn, churn being customers lost by customer-month watched. On the logarithm, where both parts
    are near enough to normal."""
    if not mrr.n or mrr.mean <= 0 or not lost or months <= 0:
        return NOTHING
    value = mrr.mean * months / lost
    spread = sqrt(mrr.variance / mrr.n / mrr.mean**2 + 1 / lost)
    too_few = mrr.n < ENOUGH or lost < ENOUGH_EVENTS
    return Interval(value, exp(log(value) - Z95 * spread), exp(log(value) + Z95 * spread), mrr.n, too_few)


def ratio_apart(a: Interval, b: Interval) -> Interval:
    """log(a / b) of two such values: whether it excludes zero is whether they differ."""
    if not a.value or not b.value or not a.low or not b.low:
        return NOTHING
    spread = sqrt(((log(a.value) - log(a.low)) / Z95) ** 2 + ((log(b.value) - log(b.low)) / Z95) ** 2)
    apart = log(a.value / b.value)
    return Interval(apart, apart - Z95 * spread, apart + Z95 * spread, min(a.n, b.n), a.too_few or b.too_few)
