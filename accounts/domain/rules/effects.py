"""What is kept that was computed with the rules' numbers, and follows when they change: in the same transaction, or
soon after by the tasks that look anyway."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.domain.renewals.disputes import review_accounts
from accounts.enums import SubscriptionStatus as Status
from accounts.models import Renewal, Subscription


def look_at_terms_again() -> int:
    """Undecided terms have their next announcement on another day now: the next sweep finds out which."""
    rows = Renewal.objects.undecided().filter(decision_date__gte=_somewhere_today())
    return rows.update(attention_on=_somewhere_today())


def look_at_unpaid_again() -> int:
    """Dunning ends on another day, for those that it has not ended for."""
    rows = Subscription.objects.filter(status=Status.PAST_DUE, past_due_since__isnull=False, mrr__gt=0)
    return rows.update(attention_on=_somewhere_today())


def look_at_trials_again() -> int:
    rows = Subscription.objects.filter(status=Status.TRIALING, trial_ends_on__isnull=False)
    return rows.update(attention_on=_somewhere_today())


def review_opinions() -> int:
    return review_accounts()


def _somewhere_today() -> date:
    """Due by now in every time zone."""
    return timezone.now().date() - timedelta(days=1)
