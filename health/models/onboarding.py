from django.db import models
from django.db.models import Q

from accounts.models import Account
from health.enums import OnboardingWord


class OnboardingReading(models.Model):
    """What was told of an account's way through a checklist: a row for each activity, so that hearing it twice or in
    another order changes nothing, and a past day is scored by what was known then."""

    # Its number orders what was told: an automatic tick may have happened before what was known already.
    activity_id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="onboarding_readings", db_index=False)
    checklist = models.BigIntegerField()
    word = models.CharField(max_length=9, choices=OnboardingWord)
    at = models.DateTimeField()
    # The engagement score in thousandths; of an activation, the hours it took.
    amount = models.IntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="onboarding_amount_not_negative")]
        indexes = [
            # Scoring reads it alone: the latest checklist, then what was told of it.
            models.Index(
                fields=["account", "activity_id"],
                include=["checklist", "word", "at", "amount"],
                name="onboarding_by_account",
            ),
        ]
