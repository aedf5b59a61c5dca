"""Trial conversion by start cohort: those that have had their whole time, and those that have not, kept apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.domain.metrics.ratios import ratio


@dataclass(frozen=True)
class Trial:
    started_on: date
    converted_on: date | None = None

    def converted_within(self, days: int) -> bool:
        return self.converted_on is not None and self.converted_on <= self.started_on + timedelta(days=days)


@dataclass(frozen=True)
class Conversion:
    mature: int  # have had the whole window
    immature: int
    converted_in_window: int  # of the mature
    converted_ever: int  # of all, by the day of asking

    @property
    def rate(self) -> Decimal | None:
        return ratio(self.converted_in_window, self.mature)

    @property
    def ever_rate(self) -> Decimal | None:
        return ratio(self.converted_ever, self.mature + self.immature)


def conversion(trials: Iterable[Trial], window: int, as_of: date) -> Conversion:
    """`window` days, the last one included. What comes after `as_of` is not known yet."""
    begun = [trial for trial in trials if trial.started_on <= as_of]
    mature = [trial for trial in begun if trial.started_on + timedelta(days=window) <= as_of]
    return Conversion(
        mature=len(mature),
        immature=len(begun) - len(mature),
        converted_in_window=sum(trial.converted_within(window) for trial in mature),
        converted_ever=sum(trial.converted_on is not None and trial.converted_on <= as_of for trial in begun),
    )
