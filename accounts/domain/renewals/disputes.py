"""Where health, the CSM and the customer are far apart about a renewal, somebody finds out who is right, by a date."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.domain.activity import SYSTEM, Fact, Who, record_facts
from accounts.domain.renewals.deciding import term_facts
from accounts.domain.renewals.rules import far_apart, odds_of_renewal, settle_within
from accounts.models import Renewal

AGREED = gettext_noop("They agree again.")


def opinions(row: Renewal) -> dict[str, Decimal | None]:
    """What each side says; health by the account's band now, or as it was when the term was decided."""
    model = row.model_probability
    if row.decided_at is None or model is None:
        model = odds_of_renewal(row.account.band)
    return {"model": model, "call": row.call_probability, "intent": row.intent_probability}


def apart(row: Renewal) -> bool:
    said = [chance for chance in opinions(row).values() if chance is not None]
    return max(said) - min(said) > far_apart()


def per_cent(chance: Decimal | None) -> Decimal | None:
    return None if chance is None else (chance * 100).quantize(Decimal(1))


def review(renewal_ids: Iterable[int], *, by: Who = SYSTEM) -> int:
    """After a word of one of the three: who is apart now begins to disagree, who is not any more has settled it.
    Gives the number of renewals that changed."""
    now = timezone.now()
    rows = Renewal.objects.undecided().filter(pk__among=list(renewal_ids)).select_related("account", "subscription")
    opened, settled = [], []
    for row in rows.order_by("pk").select_for_update(of=("self",)):
        disputed = row.disagreement_since is not None and row.settled_at is None
        if apart(row) and not disputed:
            row.disagreement_since, row.settled_at, row.settled_note = now, None, ""
            row.settle_by = now.astimezone(row.account.time_zone).date() + settle_within()
            opened.append(row)
        elif disputed and not apart(row):
            row.settled_at, row.settled_note = now, AGREED
            settled.append(row)
    changed = opened + settled
    fields = ["disagreement_since", "settle_by", "settled_at", "settled_note", "updated_at"]
    for row in changed:
        row.updated_at = now
    Renewal.objects.bulk_update(changed, fields, batch_size=1000)
    facts = [Fact(row.account_id, "renewal.disputed", _disputed(row)) for row in opened]
    facts += [Fact(row.account_id, "renewal.settled", about(row) | {"note": row.settled_note}) for row in settled]
    record_facts(facts, by=by)
    return len(changed)


def review_accounts(account_ids: Iterable[int] | None = None, *, by: Who = SYSTEM) -> int:
    """After their bands changed; without ids, after the rules did."""
    said = Q(call_probability__isnull=False) | Q(intent_probability__isnull=False)
    rows = Renewal.objects.undecided().filter(said)
    if account_ids is not None:
        rows = rows.filter(account_id__among=list(account_ids))
    ids = list(rows.values_list("pk", flat=True))
    return review(ids, by=by) if ids else 0


def about(row: Renewal) -> dict[str, Any]:
    return term_facts(row.pk, row.subscription.external_id, row.decision_date, row.ends_on)


def _disputed(row: Renewal) -> dict[str, Any]:
    return {
        **about(row),
        **{side: per_cent(chance) for side, chance in opinions(row).items()},
        "settle_by": row.settle_by,
    }
