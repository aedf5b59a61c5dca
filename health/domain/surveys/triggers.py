"""Surveys that wait for something to happen to an account: it has left, a session was held."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Activity, Contact
from health.domain.surveys.audience import queue_people
from health.domain.surveys.hinting import announce
from health.enums import SurveyStatus
from health.models import Survey

# What may set a survey off, where an app registers it.
TRIGGERS = {
    "account.churned": _("An account has left"),
    "session.attended": _("A session was held"),
}
# What was recorded so long after it happened is history: nobody is asked about it.
NEWS = timedelta(days=14)


def ask_about(activities: Sequence[Activity]) -> None:
    """A reaction: whoever it concerns is queued in each running survey that waits for this. One question about one
    thing, however often it is told."""
    news = [activity for activity in activities if activity.recorded_at - activity.occurred_at <= NEWS]
    if not news:
        return
    surveys = Survey.objects.filter(status=SurveyStatus.RUNNING, trigger=news[0].kind).order_by("pk")
    for survey in surveys.prefetch_related("segments"):
        people = _people(survey, news)
        if people and queue_people(survey, people):
            announce()


def _people(survey: Survey, activities: Sequence[Activity]) -> list[tuple[int, str]]:
    """Contacts with what they are asked about."""
    contacts: dict[int, list[Contact]] = defaultdict(list)
    rows = Contact.objects.filter(account__in={a.account_id for a in activities}, left_on=None)
    if segments := list(survey.segments.all()):
        rows = rows.filter(account__segment__in=segments)
    for contact in rows.order_by("-champion", "-decides", "pk"):
        contacts[contact.account_id].append(contact)
    return [
        (contact.pk, f"{activity.kind}:{activity.data.get('session') or activity.pk}")
        for activity in activities
        for contact in _chosen(survey.roles, contacts[activity.account_id], activity.data.get("contact_id"))
    ]


def _chosen(roles: Collection[str], contacts: Sequence[Contact], named: object) -> list[Contact]:
    """Who took part, where that is known; else those of the survey's roles; where nobody has such a role, whom we
    would talk to first."""
    if named is not None:
        return [contact for contact in contacts if contact.pk == named]
    fitting = [contact for contact in contacts if not roles or set(roles) & _roles_of(contact)]
    return fitting or list(contacts[:1])


def _roles_of(contact: Contact) -> set[str]:
    roles = {name for name in ("decides", "champion") if getattr(contact, name)}
    return roles or {"other"}
