"""Handing books of accounts to CSMs."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from accounts.domain.accounts import assign_csm
from accounts.domain.activity import Who
from accounts.enums import Role, Stage
from accounts.exceptions import DomainError
from accounts.models import Account, Segment, User


def books() -> list[User]:
    """Everybody who has accounts or could have some, with `account_count`, `account_mrr` and `red_count`."""
    live = ~Q(accounts__stage=Stage.CHURNED)
    return list(
        User.objects.annotate(
            account_count=Count("accounts", filter=live),
            account_mrr=Sum("accounts__mrr", filter=live, default=0),
            red_count=Count("accounts", filter=live & Q(accounts__band="red")),
        )
        .filter(Q(account_count__gt=0) | Q(is_active=True, role=Role.CSM))
        .order_by("-is_active", "name")
    )


@transaction.atomic
def share_out(
    *, source: User | None, segment: Segment | None, targets: Sequence[User], by: Who, follow_ups: bool = True
) -> int:
    """Hand the live accounts of `source` (None: nobody's yet) to `targets`, so that each of them ends with
    about as many accounts, with or without what `source` has open there. Gives the number of accounts that moved."""
    if not targets:
        raise DomainError(_("Choose who gets the accounts."))
    if source in targets and len(targets) == 1:
        raise DomainError(_("These accounts are there already."))
    accounts = Account.objects.live().filter(csm=source)
    if segment:
        accounts = accounts.filter(segment=segment)
    ids = list(accounts.order_by("-mrr", "id").values_list("pk", flat=True).select_for_update(of=("self",)))
    held = dict(
        Account.objects.live().filter(csm__in=targets).exclude(pk__in=ids).values_list("csm").annotate(n=Count("pk"))
    )
    shares = _fair_shares(ids, {user.pk: held.get(user.pk, 0) for user in targets})
    return sum(assign_csm(shares[user.pk], user, by=by, follow_ups=follow_ups) for user in targets if shares[user.pk])


def _fair_shares(ids: Sequence[int], held: dict[int, int]) -> dict[int, list[int]]:
    shares: dict[int, list[int]] = {pk: [] for pk in held}
    for account_id in ids:
        least = min(held, key=lambda pk: (held[pk] + len(shares[pk]), pk))
        shares[least].append(account_id)
    return shares
