"""Someone leaves, or an account gets another CSM: nothing is orphaned."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, Who, record_facts, record_many
from accounts.enums import Role
from accounts.exceptions import DomainError
from accounts.models import FollowUp, User


def heir_of(user: User) -> User | None:
    """Who gets the work of someone who cannot do it: their manager, else another manager, else an admin."""
    able = User.objects.active().exclude(pk=user.pk).order_by("pk")
    return (
        able.filter(pk=user.manager_id, role__in=[Role.MANAGER, Role.ADMIN, Role.CSM]).first()
        or able.filter(role=Role.MANAGER).first()
        or able.filter(role=Role.ADMIN).first()
    )


@transaction.atomic
def hand_over_all(user: User, *, by: Who, to: User | None = None) -> int:
    """All open follow-ups of `user`, snoozed ones too, go to their manager (or `to`). Returns how many."""
    theirs = FollowUp.objects.open().of(user).order_by("pk").select_for_update()
    rows = list(theirs.values_list("pk", "account_id", "title", "activity_id"))
    if not rows:
        return 0
    heir = to or heir_of(user)
    if heir is None:
        raise DomainError(_("Nobody is left to take over the follow-ups of %(name)s.") % {"name": user})
    FollowUp.objects.filter(pk__in=[pk for pk, *_rest in rows]).update(assignee=heir)
    record_many(
        [
            Fact(
                account_id,
                "followup.reassigned",
                {"follow_up": pk, "title": title, "before": str(user), "after": str(heir), "note": ""},
                cause_id=cause_id,
            )
            for pk, account_id, title, cause_id in rows
        ],
        by=by,
    )
    return len(rows)


# Locked in order of id, as everybody locks them.
WITH_THE_OLD = """
select f.id, f.account_id, f.title, f.activity_id,
       coalesce(nullif(old.name, ''), old.email), coalesce(nullif(new.name, ''), new.email)
from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) as c (account_id, before, after)
join accounts_followup f on f.account_id = c.account_id and f.assignee_id = c.before
join accounts_user old on old.id = c.before join accounts_user new on new.id = c.after
where f.status in ('open', 'snoozed') order by f.id for no key update of f
"""
MOVE = """
update accounts_followup f set assignee_id = c.after
from unnest(%s::bigint[], %s::bigint[]) as c (account_id, after)
where f.account_id = c.account_id and f.id = any(%s)
"""


def move_along(changes: Mapping[int, tuple[int | None, int | None]], *, by: Who) -> int:
    """In the transaction that gives accounts another CSM, {account: (id before, id after)}: what the old one had open
    there goes to the new one. What others do there stays theirs, and with nobody to take it all stays where it is.
    Returns how many moved."""
    moved = [(pk, before, after) for pk, (before, after) in changes.items() if before and after and before != after]
    if not moved:
        return 0
    accounts, before, after = map(list, zip(*moved, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(WITH_THE_OLD, [accounts, before, after])
        rows = cursor.fetchall()
        if rows:
            cursor.execute(MOVE, [accounts, after, [pk for pk, *_rest in rows]])
    return record_facts(
        (
            Fact(
                account_id,
                "followup.reassigned",
                {"follow_up": pk, "title": title, "before": old, "after": new, "note": ""},
                cause_id=cause_id,
            )
            for pk, account_id, title, cause_id, old, new in rows
        ),
        by=by,
    )
