"""Someone leaves: nothing of theirs is orphaned."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, Who, record_many
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
    rows = list(
        FollowUp.objects.open().of(user).order_by("pk").select_for_update().values_list("pk", "account_id", "title")
    )
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
            )
            for pk, account_id, title in rows
        ],
        by=by,
    )
    return len(rows)
