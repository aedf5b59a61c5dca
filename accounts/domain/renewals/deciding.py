"""A term is decided exactly once: by a person, by its subscription's end, by the clock. One statement for many."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.domain.activity import Actor, Fact, Who, record_facts
from accounts.domain.mrr import displayed
from accounts.domain.renewals.rules import all_odds
from accounts.enums import RenewalStage as Stage


@dataclass(frozen=True)
class Decision:
    renewal_id: int
    outcome: str = ""  # worked out from the MRR before and after where nobody said it
    mrr: Decimal | None = None  # at stake; None: what the subscription is worth now
    after: Decimal | None = None
    reason: str = ""
    comment: str = ""
    unit_amount: Decimal | None = None  # what the next term costs, where that changes
    quantity: int | None = None
    on: date | None = None  # on a day of the past: that is when it was decided

    def at(self, now: datetime) -> datetime:
        past = self.on is not None and self.on < now.date()
        return datetime.combine(self.on, time(12), UTC) if past and self.on else now


# What was disputed is settled by the outcome; each side's word stays as it was, for the hit rates.
DECIDE = """
with given as (
    select * from unnest(
        %(ids)s::bigint[], %(outcomes)s::text[], %(mrrs)s::numeric[], %(afters)s::numeric[], %(reasons)s::text[],
        %(comments)s::text[], %(amounts)s::numeric[], %(quantities)s::int[], %(ats)s::timestamptz[]
    ) as g (id, outcome, mrr, after, reason, comment, unit_amount, quantity, at)
), worth as (
    select g.*, coalesce(g.mrr, s.mrr) as at_stake, coalesce(g.after, s.mrr) as worth_after,
           r.disagreement_since is not null and r.settled_at is null as disputed,
           (%(odds)s::jsonb ->> a.band)::numeric as odds, s.external_id, p.name as plan
    from given g
    join accounts_renewal r on r.id = g.id
    join accounts_account a on a.id = r.account_id
    join accounts_subscription s on s.id = r.subscription_id
    left join accounts_plan p on p.id = s.plan_id
)
update accounts_renewal r set
    stage = coalesce(nullif(w.outcome, ''), case when w.worth_after > w.at_stake then 'expanded'
        when w.worth_after < w.at_stake then 'contracted' else 'renewed' end),
    mrr = w.at_stake, outcome_mrr = w.worth_after, reason = w.reason, comment = w.comment,
    next_unit_amount = w.unit_amount, next_quantity = w.quantity,
    decided_at = w.at, decided_by_id = %(user)s, model_probability = w.odds,
    settled_at = case when w.disputed then w.at else r.settled_at end,
    attention_on = case when w.unit_amount is not null or w.quantity is not null then r.ends_on end,
    sequence = r.sequence + 1, updated_at = %(now)s
from worth w
where r.id = w.id and r.decided_at is null
returning r.id, r.account_id, r.decision_date, r.ends_on, w.external_id, coalesce(w.plan, ''), r.stage, r.mrr,
    r.outcome_mrr, r.reason, r.comment, w.disputed
"""


def decided(decisions: Sequence[Decision], *, by: Who, by_itself: bool = False) -> set[int]:
    """The ids of those decided here and now; what somebody else had decided before stays as it is."""
    if not decisions:
        return set()
    actor, now = Actor.of(by), timezone.now()
    ats = {d.renewal_id: d.at(now) for d in decisions}
    odds = json.dumps({band: str(chance) for band, chance in all_odds().items()})
    params = {"ats": list(ats.values()), "now": now, "user": actor.user and actor.user.pk, "odds": odds}
    with connection.cursor() as cursor:
        cursor.execute(DECIDE, _params(decisions) | params)
        rows = cursor.fetchall()
    record_facts([fact for row in rows for fact in _facts(row, ats[row[0]], by_itself)], by=by)
    return {row[0] for row in rows}


def _params(decisions: Sequence[Decision]) -> dict[str, Any]:
    return {
        "ids": [d.renewal_id for d in decisions],
        "outcomes": [str(d.outcome) for d in decisions],
        "mrrs": [d.mrr for d in decisions],
        "afters": [d.after for d in decisions],
        "reasons": [str(d.reason) for d in decisions],
        "comments": [d.comment for d in decisions],
        "amounts": [d.unit_amount for d in decisions],
        "quantities": [d.quantity for d in decisions],
    }


def _facts(row: tuple, at: datetime, by_itself: bool) -> list[Fact]:
    pk, account_id, decides_on, ends_on, external_id, plan, stage, before, after, reason, comment, disputed = row
    about = term_facts(pk, external_id, decides_on, ends_on)
    data = {
        **about, "plan": plan, "outcome": stage, "before": displayed(before), "after": displayed(after),
        "currency": settings.REPORTING_CURRENCY, "reason": reason, "comment": comment, "by_itself": by_itself,
    }  # fmt: skip
    facts = [Fact(account_id, "renewal.decided", data, at)]
    if disputed:
        facts.append(Fact(account_id, "renewal.settled", {**about, "note": Stage(stage).label, "decided": True}, at))
    return facts


def term_facts(renewal_id: int, external_id: str, decides_on: date, ends_on: date) -> dict[str, Any]:
    """What every activity about a term says of it."""
    return {
        "renewal": renewal_id,
        "term": term_name(external_id, decides_on),
        "subscription": external_id,
        "decision_date": decides_on,
        "ends_on": ends_on,
    }


def term_name(external_id: str, decides_on: date) -> str:
    """The subject of follow-ups: a term that is moved is another thing to decide."""
    return f"{decides_on.isoformat()} {external_id}"[:200]
