"""The numbers of the scoring rule that an admin can change. A model's version keeps those it was published with."""

from dataclasses import asdict, dataclass, field
from typing import Any

from health.enums import Severity


@dataclass(frozen=True)
class Thresholds:
    """The highest whole score of each band, the value up to which an indicator caps, the least known weight."""

    red: int = 40
    yellow: int = 70
    green: int = 100
    cap: int = 40
    known: int = 50

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Thresholds":
        return cls(**stored)


@dataclass(frozen=True)
class Parameters:
    """Windows and validities in days of the account's zone, today included."""

    usage_days: int = 28
    usage_most: int = 150
    nps_days: int = 180
    support_days: int = 30
    severity: dict[str, int] = field(
        default_factory=lambda: {Severity.LOW: 10, Severity.NORMAL: 25, Severity.HIGH: 40, Severity.URGENT: 60}
    )
    # From this many days overdue on, this value; the last that fits holds.
    billing: tuple[tuple[int, int], ...] = ((1, 60), (15, 30), (31, 0))
    relationship_days: int = 90
    # Days to first value that are worth 100, and from which on it is 0.
    ttv_target_days: int = 3
    ttv_zero_days: int = 14
    pulse_days: int = 30
    custom_days: int = 30

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Parameters":
        billing = stored.get("billing", cls.billing)
        return cls(**{**stored, "billing": tuple((int(days), int(value)) for days, value in billing)})

    def stored(self) -> dict[str, Any]:
        return asdict(self)
