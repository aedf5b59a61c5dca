"""Plans: their versions and prices, and how customers move between them."""

from accounts.domain.plans.changing import (
    StaleQuote,
    ahead_of,
    apply_due_changes,
    cancel_at_period_end,
    confirm,
    keep_subscription,
    undo,
)
from accounts.domain.plans.migrating import migrate, preview
from accounts.domain.plans.periods import period_of
from accounts.domain.plans.quotes import Quote, Wish, quote
from accounts.domain.plans.versions import create_plan, offer, save_version, stop_offering, withdraw

__all__ = [
    "Quote",
    "StaleQuote",
    "Wish",
    "ahead_of",
    "apply_due_changes",
    "cancel_at_period_end",
    "confirm",
    "create_plan",
    "keep_subscription",
    "migrate",
    "offer",
    "period_of",
    "preview",
    "quote",
    "save_version",
    "stop_offering",
    "undo",
    "withdraw",
]
