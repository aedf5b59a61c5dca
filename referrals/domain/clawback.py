"""A referred customer that leaves early: what was earned for it is taken back (RULES 6)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.domain.activity import Fact, Who, record_many
from accounts.enums import Stage
from referrals.domain import incentives
from referrals.domain.commission import left_early
from referrals.domain.entries import lock_partners, reverse_all
from referrals.domain.telling import told
from referrals.enums import EntryCause, ReferralStatus
from referrals.models import Referral

AT_ONCE = 500


def claw_back_churned(account_ids: Iterable[int], *, by: Who = None) -> int:
    """These accounts have just churned. How many referrals were clawed back."""
    return _claw_back(list(_gone().filter(account__in=list(account_ids)).values_list("pk", flat=True)), by)


def claw_back_again(referral: Referral, *, by: Who = None) -> int:
    """Of one whose money has just come back: who had left early by then keeps none of it."""
    return _claw_back(list(_gone().filter(pk=referral.pk).values_list("pk", flat=True)), by)


def sweep_clawbacks(limit: int = AT_ONCE) -> int:
    """What nobody told: customers that had left before their referral arrived, or were put off by hand. Running it
    twice changes nothing."""
    untold = _gone().exclude(status=ReferralStatus.CHURNED, churned_on=F("account__churned_on"))
    return _claw_back(list(untold.order_by("pk").values_list("pk", flat=True)[:limit]), None)


def _gone() -> QuerySet[Referral]:
    """Referrals whose customer has left since: who left before, and came again by referral, has not."""
    left = Referral.objects.filter(account__stage=Stage.CHURNED, account__churned_on__isnull=False)
    return left.filter(account__churned_on__gte=TruncDate("signed_up_at", tzinfo=UTC))


@transaction.atomic
def _claw_back(ids: Sequence[int], by: Who) -> int:
    if not ids:
        return 0
    lock_partners(Referral.objects.filter(pk__in=ids).values_list("partner", flat=True))
    rows = Referral.objects.filter(pk__in=ids).select_related("partner", "program", "account").order_by("pk")
    referrals = list(rows.select_for_update(no_key=True, of=("self",)))
    early = [r for r in referrals if left_early(_signed_up_on(r), _left_on(r), r.program.clawback_days)]
    early_ids, now = [referral.pk for referral in early], timezone.now()
    taken = {entry.referral_id for entry in reverse_all(early_ids, EntryCause.CLAWBACK, now, by=by)}
    incentives.revoke(early_ids)
    for referral in referrals:
        referral.status, referral.churned_on = ReferralStatus.CHURNED, _left_on(referral)
        referral.clawed_back_at = now if referral.pk in taken else referral.clawed_back_at
    Referral.objects.bulk_update(referrals, ["status", "churned_on", "clawed_back_at"])
    record_many(_facts(referral for referral in early if referral.pk in taken), by=by)
    return len(taken)


def _left_on(referral: Referral) -> date:
    day = referral.account.churned_on if referral.account else None
    return day or timezone.now().date()


def _signed_up_on(referral: Referral) -> date:
    return referral.signed_up_at.astimezone(UTC).date()


def _stayed(referral: Referral) -> int:
    return (_left_on(referral) - _signed_up_on(referral)).days


def _facts(referrals: Iterable[Referral]) -> list[Fact]:
    return [
        Fact(pk, "referral.clawed_back", {**told(referral), "days": _stayed(referral)})
        for referral in referrals
        for pk in dict.fromkeys([referral.partner.account_id, referral.account_id])
        if pk is not None
    ]


def came_back(account_ids: Iterable[int]) -> int:
    """Who pays again is a customer again. What was taken back stays so; what they pay from now on earns."""
    gone = Referral.objects.filter(account__in=list(account_ids), status=ReferralStatus.CHURNED)
    return gone.update(status=ReferralStatus.CUSTOMER, churned_on=None)
