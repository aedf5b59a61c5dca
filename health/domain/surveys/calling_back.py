"""A survey that is paused or ended sends nothing more, not even what was written already."""

from django.db.models import F

from accounts.domain.mails import take_back
from health.enums import InviteStatus
from health.models import Invite, Survey

REMINDER = "survey.reminder"


def call_back(survey: Survey) -> int:
    """Mails of it that have not gone leave the outbox; their invites wait again. Returns how many."""
    invites = Invite.objects.filter(survey=survey)
    written = invites.filter(status=InviteStatus.QUEUED, mail__isnull=False)
    taken = take_back(ids=written.values_list("mail", flat=True))
    written.filter(mail__in=list(taken)).update(mail=None)
    reminded = {f"{REMINDER} {pk}": pk for pk in _lately_reminded(survey)}
    held = take_back(keys=reminded)
    invites.filter(pk__in=[reminded[key] for key in held.values()]).update(reminded_at=None)
    return len(taken) + len(held)


def _lately_reminded(survey: Survey) -> list[int]:
    """Whose reminder may still lie there: unanswered ones."""
    rows = Invite.objects.filter(survey=survey, status=InviteStatus.SENT, reminded_at__gte=F("sent_at"))
    return list(rows.filter(answer__isnull=True).values_list("pk", flat=True))
