"""What billing has honoured: credits and discounts that were granted, marked one by one or many at once. Money for who
refers is not among them: the ledger's payouts pay it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Fact, Who, record_many
from referrals.domain.commission import left_early
from referrals.domain.entries import lock_partners
from referrals.domain.incentives import worded
from referrals.domain.telling import told
from referrals.enums import IncentiveStatus, Review
from referrals.models import Incentive


@dataclass(frozen=True)
class Marked:
    done: int
    before: int  # those that were so already: whoever came first has marked them
    refused: Sequence[str]  # a sentence for each that cannot be marked


@transaction.atomic
def mark_used(ids: Iterable[int], *, by: Who = None) -> Marked:
    """Those of them that wait for it. Told twice, one is honoured once: who did it first, and when, stays."""
    rows, refused = _locked(ids)
    waiting = [row for row in rows if row.status == IncentiveStatus.GRANTED]
    _change(waiting, status=IncentiveStatus.USED, used_at=timezone.now(), used_by=Actor.of(by).label[:120])
    record_many(_facts("referral.reward_used", waiting), by=by)
    return Marked(len(waiting), len(rows) - len(waiting), refused)


@transaction.atomic
def mark_not_used(ids: Iterable[int], *, by: Who = None) -> Marked:
    """A mistake is taken back: it waits again. One whose referral was refused or left early meanwhile would have been
    taken back then, had it not been marked, and is now. Who decides about a referral holds its partner: so do we."""
    ids = list(ids)
    lock_partners(Incentive.objects.filter(pk__in=ids).values_list("referral__partner", flat=True))
    rows, refused = _locked(ids)
    used = [row for row in rows if row.status == IncentiveStatus.USED]
    fallen = [row for row in used if _has_fallen(row)]
    _change(used, status=IncentiveStatus.GRANTED, used_at=None, used_by="")
    _change(fallen, status=IncentiveStatus.REVOKED, revoked_at=timezone.now())
    record_many(_facts("referral.reward_not_used", used), by=by)
    return Marked(len(used), len(rows) - len(used), refused)


def _locked(ids: Iterable[int]) -> tuple[list[Incentive], list[str]]:
    """In the order of their ids, so that two who mark some of the same never wait for each other."""
    rows = Incentive.objects.with_whose().filter(pk__in=set(ids)).order_by("pk")
    found = [(row, _why_not(row)) for row in rows.select_for_update(no_key=True, of=("self",))]
    return [row for row, why in found if not why], [why for _row, why in found if why]


def _why_not(row: Incentive) -> str:
    facts = {"reward": worded(row), "customer": row.referral}
    if row.in_ledger:
        return _("%(reward)s for the referral of %(customer)s is money: it is paid with the payouts.") % facts
    if row.status == IncentiveStatus.REVOKED:
        return _("%(reward)s for the referral of %(customer)s was taken back: it is not to be honoured.") % facts
    return ""


def _has_fallen(row: Incentive) -> bool:
    referral = row.referral
    signed_up_on = referral.signed_up_at.astimezone(UTC).date()
    early = left_early(signed_up_on, referral.churned_on, referral.program.clawback_days)
    return early or referral.review == Review.DENIED


def _change(rows: Sequence[Incentive], **values: Any) -> None:
    if rows:
        Incentive.objects.filter(pk__in=[row.pk for row in rows]).update(**values)


def _facts(kind: str, rows: Iterable[Incentive]) -> list[Fact]:
    return [Fact(row.account_id, kind, {"reward": worded(row), **told(row.referral)}) for row in rows if row.account_id]
