"""The long tail of an admin's work on the ground floor: to be looked at only. What changes any of it has a page and a
verb of its own, which tells the timeline and the audit who did it."""

from accounts.admin import customers, house, money, outgoing, work  # noqa: F401 - register themselves
from accounts.admin.shared import OfOne, ReadOnly

__all__ = ["OfOne", "ReadOnly"]
