"""The fleet breaker: when a whole fleet seems to fall ill in one night, it is the feed that is ill."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext, override

from accounts.domain import rules
from accounts.domain.activity import record
from accounts.domain.followups import open_by_hand
from accounts.enums import Priority, Role
from accounts.exceptions import Conflict
from accounts.models import Account, User
from health.domain.marks import mark_all
from health.models import FrozenIndicator, RecomputeRun
from health.registry import indicator


@transaction.atomic
def check(run: RecomputeRun) -> list[FrozenIndicator]:
    """Freeze what has moved the same way for too many accounts at once. What is frozen already does not count: its
    way back to the earlier values is our own doing."""
    least, share = rules.number("breaker.accounts"), rules.share("breaker.percent")
    frozen = set(FrozenIndicator.objects.filter(released_at__isnull=True).values_list("indicator", flat=True))
    broken = [
        FrozenIndicator(indicator=key, run=run, direction=way, moved=moved, known=known, frozen_at=run.started_at)
        for key, (known, up, down) in moves(run).items()
        for way, moved in [max(("up", up), ("down", down), key=lambda move: move[1])]
        if key not in frozen and moved >= least and moved > share * known
    ]
    for row in broken:
        row.save()
        _call_an_admin(row)
    return broken


def moves(run: RecomputeRun) -> dict[str, list[int]]:
    """Indicator: accounts compared with before, moved up, moved down, over all shards."""
    total: dict[str, list[int]] = {}
    for counts in run.shards.values_list("moves", flat=True):
        for key, numbers in counts.items():
            total[key] = [a + b for a, b in zip(total.get(key, [0, 0, 0]), numbers, strict=True)]
    return total


def _call_an_admin(frozen: FrozenIndicator) -> None:
    """One follow-up. It hangs, as everything does, on an account: the one with most to lose by a wrong score."""
    account = Account.objects.live().order_by("-mrr", "id").first()
    admin = User.objects.active().filter(role=Role.ADMIN).order_by("id").first()
    if account is None:
        return
    with override(admin.language if admin else None):
        points, percent = rules.several("breaker.points", "breaker.percent")
        words = {"indicator": indicator(frozen.indicator).label, "moved": frozen.moved, "known": frozen.known}
        title = (
            ngettext(
                "%(indicator)s moved for %(moved)s of %(known)s account at once: look at its feed",
                "%(indicator)s moved for %(moved)s of %(known)s accounts at once: look at its feed",
                frozen.known,
            )
            % words
        )
        note = _(
            "More than %(points)s points the same way for more than %(percent)s%% of the accounts in one night is "
            "hardly their doing. The indicator is held at its earlier values, and no band changes because of it, until "
            "it is released under Settings, Scoring."
        ) % {"points": points, "percent": percent}
    record(
        account,
        "health.indicator_frozen",
        indicator=frozen.indicator,
        direction=frozen.direction,
        moved=frozen.moved,
        known=frozen.known,
    )
    open_by_hand(
        account,
        by="Tenure",
        title=title,
        note=note,
        due_at=timezone.now() + timedelta(hours=24),
        assignee=admin,
        priority=Priority.URGENT,
    )


@transaction.atomic
def release(frozen: FrozenIndicator, *, by: User) -> None:
    """The values are right after all, or right again: from now on they count."""
    updated = FrozenIndicator.objects.filter(pk=frozen.pk, released_at__isnull=True).update(
        released_at=timezone.now(), released_by=by
    )
    if not updated:
        raise Conflict(_("This indicator has been released already."), code="released")
    mark_all()


def frozen_now() -> list[FrozenIndicator]:
    return list(FrozenIndicator.objects.filter(released_at__isnull=True))
