"""What is held: money of a referral that enters no payout. Under review or refused; or, where the program wants it,
until the customer has finished onboarding and paid."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.domain.activity import Who
from accounts.models import Activity
from referrals.domain.telling import tell_many
from referrals.models import Referral

FINISHED = "checklist.finished"

REFRESH = """
update referrals_referral r set held = w.held
from (
    select r.id, r.review in ('held', 'denied')
        or (g.needs_onboarding and (r.onboarded_at is null or r.paid_at is null)) as held
    from referrals_referral r join referrals_program g on g.id = r.program_id
    where r.id = any(%(ids)s) order by r.id for no key update of r
) w
where w.id = r.id and r.held <> w.held
returning r.id, w.held
"""


def refresh_held(ids: Iterable[int], *, by: Who = None) -> list[int]:
    """Bring `held` in line with what is known of these referrals. Gives those that are free now."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"ids": list(ids)})
        released = [pk for pk, held in cursor.fetchall() if not held]
    tell_many("referral.released", [r for r in _told(released) if r.paid_at and r.onboarded_at], by=by)
    return released


def _told(ids: Iterable[int]) -> list[Referral]:
    rows = Referral.objects.filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_related("partner", "program", "account"))


def note_onboarded(account_ids: Iterable[int], *, by: Who = None) -> None:
    """These customers have finished onboarding."""
    waiting = Referral.objects.filter(account__in=list(account_ids), onboarded_at=None).order_by("pk")
    ids = list(waiting.select_for_update(no_key=True).values_list("pk", flat=True))
    Referral.objects.filter(pk__in=ids).update(onboarded_at=timezone.now())
    refresh_held(ids, by=by)


def note_finished_before(ids: Iterable[int], *, by: Who = None) -> None:
    """Referrals that have just got their account: some customers were through before we knew that they are referred."""
    finished = Activity.objects.filter(account=OuterRef("account"), kind=FINISHED)
    rows = Referral.objects.filter(pk__in=list(ids), onboarded_at=None).filter(Exists(finished))
    rows.update(onboarded_at=timezone.now())
