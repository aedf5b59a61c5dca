"""Overdue follow-ups go to the manager: once, as an activity, and in one mail a sweep."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation

from accounts import formats
from accounts.domain.activity import Fact, record_many
from accounts.domain.dispatch.facts import Team
from accounts.domain.mails import Letter, write_mails
from accounts.domain.retelling import title_of
from accounts.models import Activity, FollowUp, User

AT_ONCE = 1000
LISTED = 50

# A conditional update claims them: any number of sweeps may run at once, each row is escalated by one of them.
CLAIM = """
update accounts_followup f set escalated_at = %s
where f.id in (
    select id from accounts_followup
    where status in ('open', 'snoozed') and escalated_at is null and due_at < %s and (status = 'open' or promise)
    order by due_at limit %s for update skip locked
)
returning f.id, f.account_id, f.title, f.activity_id, f.assignee_id
"""


def escalate_overdue() -> int:
    """Until none is left. Returns how many."""
    total = 0
    while count := _escalate():
        total += count
    return total


@transaction.atomic
def _escalate() -> int:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [now, now, AT_ONCE])
        rows = cursor.fetchall()
    if rows:
        team = Team()
        csms = dict(FollowUp.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "account__csm_id"))
        record_many(_fact(row, team.boss_of(row[4] or csms[row[0]])) for row in rows)
    return len(rows)


def _fact(row: tuple, manager: User | None) -> Fact:
    pk, account_id, title, cause_id, _assignee = row
    data = {"follow_up": pk, "title": title, "to": str(manager or ""), "manager": manager.pk if manager else None}
    return Fact(account_id, "followup.escalated", data, cause_id=cause_id)


# The mail: a reaction to the activity, written into the outbox -----------------------------------------


def mail_managers(activities: Sequence[Activity]) -> None:
    """One mail to each manager, in their language, listing what is late."""
    told = {a.data["follow_up"]: a.data["manager"] for a in activities if a.data.get("manager")}
    managers = User.objects.active().in_bulk(set(told.values()))
    late: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(list(told)):
        late[told[row["pk"]]].append(row)
    first = min(activity.pk for activity in activities)
    write_mails(_digest(managers[pk], rows, first) for pk, rows in late.items() if pk in managers)


def _rows(ids: Sequence[int]) -> list[Any]:
    """What is still open: who did it meanwhile need not be told on. The longest overdue first."""
    rows = FollowUp.objects.open().filter(pk__in=ids).order_by("due_at", "pk")
    return list(
        rows.values(
            *("pk", "title", "due_at", "promise", "activity__kind", "activity__data", "account__name"),
            who=F("assignee__name"),
        )
    )


def _digest(manager: User, rows: list[dict[str, Any]], first: int) -> Letter:
    with translation.override(manager.language), timezone.override(manager.time_zone):
        listed = [_listed(row) for row in rows[:LISTED]]
    context = {
        "manager": manager,
        "count": len(rows),
        "rows": listed,
        "more": max(0, len(rows) - LISTED),
        "url": f"{settings.BASE_URL}/?who=team",
    }
    return Letter(
        "escalation",
        f"escalation {first} {manager.pk}",
        to=manager.email,
        language=manager.language,
        zone=manager.time_zone,
        template="escalation",
        context=context,
    )


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """As the mail tells it: in the language and the zone of who gets it."""
    told = {name: row[name] for name in ("pk", "promise", "who")}
    return told | {"account_name": row["account__name"], "title": title_of(row), "due": formats.moment(row["due_at"])}
