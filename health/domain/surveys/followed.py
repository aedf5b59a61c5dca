"""What became of answers: the follow-up each has opened, or has joined as another occurrence."""

from collections.abc import Sequence

from accounts.models import FollowUp, Occurrence
from health.domain.surveys.telling import KINDS
from health.models import Answer


def follow_ups_of(answers: Sequence[Answer]) -> dict[int, FollowUp]:
    """By answer, the latest one; two queries for a page of them."""
    about = {
        "activity__account__in": {answer.account_id for answer in answers},
        "activity__kind__in": list(KINDS),
        "activity__data__answer__in": [answer.pk for answer in answers],
    }
    if not answers:
        return {}
    opened = FollowUp.objects.filter(**about).select_related("activity", "assignee").order_by("pk")
    joined = Occurrence.objects.filter(**about).select_related("activity", "follow_up__assignee").order_by("pk")
    found = {row.activity.data["answer"]: row for row in opened if row.activity}
    return found | {row.activity.data["answer"]: row.follow_up for row in joined}
