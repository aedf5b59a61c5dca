"""The numbers of the rules, as an admin has set them. How to register and use one: registry.Rule."""

from accounts.domain.rules.changing import change, read, reset
from accounts.domain.rules.reading import current, days, hours, number, numbers, several, share

__all__ = ["change", "current", "days", "hours", "number", "numbers", "read", "reset", "several", "share"]
