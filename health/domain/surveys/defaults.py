"""What a new installation starts with: a survey to begin with, and the question to those who leave."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from health.enums import SurveyKind, SurveyStatus
from health.models import Survey


@transaction.atomic
def install_defaults() -> None:
    """Only where there is no survey yet: what an admin has deleted stays deleted. Who leaves is asked from the first
    day (the survey runs); everybody else is asked when an admin says so (a draft)."""
    if Survey.objects.exists():
        return
    with translation.override("en"):
        Survey.objects.bulk_create([_first(), _leaving()], ignore_conflicts=True)


def _first() -> Survey:
    return Survey(slug="nps", name=_("How likely to recommend us"), kind=SurveyKind.NPS)


def _leaving() -> Survey:
    return Survey(
        slug="leaving",
        name=_("Why they left"),
        kind=SurveyKind.CHURN,
        status=SurveyStatus.RUNNING,
        started_at=timezone.now(),
        trigger="account.churned",
        roles=["decides"],
        min_account_days=0,
        recontact_days=0,
    )
