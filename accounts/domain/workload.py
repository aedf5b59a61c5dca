"""Who has how much to do: the manager's look at the team."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from accounts.models import FollowUp, User


@dataclass(frozen=True)
class Load:
    """One person's open follow-ups. Without a person: those that nobody has."""

    user_id: int | None
    name: str
    open: int
    overdue: int
    broken: int  # promises past their time


def loads(user: User, now: datetime) -> list[Load]:
    """The people `user` leads, or everybody who works; who carries most comes first."""
    late = Q(due_at__lt=now)
    counted = FollowUp.objects.workable().order_by().values_list("assignee_id")
    counts = {
        pk: numbers
        for pk, *numbers in counted.annotate(
            n=Count("pk"), overdue=Count("pk", filter=late), broken=Count("pk", filter=late & Q(promise=True))
        )
    }
    people = User.objects.workers()
    team = people.filter(Q(manager=user) | Q(pk=user.pk))
    names = dict((team if user.team.exists() else people).values_list("pk", "name"))
    found = [Load(pk, name, *counts.get(pk, (0, 0, 0))) for pk, name in names.items()]
    found.sort(key=lambda load: (-load.broken, -load.overdue, -load.open, load.name))
    return [*found, Load(None, "", *counts[None])] if None in counts else found
