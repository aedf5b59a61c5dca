"""What health keeps of onboarding: a row for each thing told of a checklist, of which two indicators are made
(RULES 1): `onboarding` (its engagement score; 100 once finished) and `ttv` (time to first value)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from accounts.models import Activity
from health.domain.marks import mark
from health.enums import OnboardingWord as Word
from health.models import OnboardingReading

# Kinds of activities, of an app beside this one: known here by name alone.
WORDS = {
    "checklist.started": Word.STARTED,
    "checklist.step_done": Word.PROGRESS,
    "checklist.step_skipped": Word.PROGRESS,
    "checklist.step_reopened": Word.REOPENED,
    "checklist.activated": Word.ACTIVATED,
    "checklist.finished": Word.FINISHED,
    "checklist.canceled": Word.CANCELED,
}


def hear(activities: Sequence[Activity]) -> None:
    """A reaction. Heard again, or in another order, it comes to the same."""
    OnboardingReading.objects.bulk_create([_reading(activity) for activity in activities], ignore_conflicts=True)
    mark(activity.account_id for activity in activities)


def _reading(activity: Activity) -> OnboardingReading:
    word = WORDS[activity.kind]
    return OnboardingReading(
        activity_id=activity.pk,
        account_id=activity.account_id,
        checklist=activity.data["checklist"],
        word=word,
        at=_started(activity) if word == Word.STARTED else activity.occurred_at,
        amount=_amount(word, activity),
    )


def _started(activity: Activity) -> datetime:
    return datetime.fromisoformat(activity.data["started_at"])


def _amount(word: Word, activity: Activity) -> int | None:
    if word == Word.STARTED:
        return 0
    if word == Word.ACTIVATED:
        return max(0, int(activity.data["hours"]))  # what was done before the start took no time
    engagement = activity.data.get("engagement")
    return None if engagement is None else round(Decimal(engagement) * 1000)
