"""How customers are lost."""

from accounts.domain.lifecycle import lapses_on
from accounts.models import Subscription

VOLUNTARY = "voluntary"
INVOLUNTARY = "involuntary"  # nobody decided to leave: a payment failed, and dunning brought nothing


def is_involuntary(subscription: Subscription) -> bool:
    """Whether it ends, or ended, because it stayed unpaid."""
    lapse = lapses_on(subscription)
    return lapse is not None and (subscription.ended_on is None or subscription.ended_on >= lapse)
