"""What is at stake with an account, kept on its open follow-ups so that the queue orders by an index."""

import json
from collections.abc import Sequence
from typing import Any

from accounts.domain import prepared
from accounts.domain.order import all_odds
from accounts.enums import Band

AT_ONCE = 5000

# Locked in order of id, so that two of these (or one and a bulk action) never wait for each other in a circle.
SQL = """
with stale as (
    select f.id, s.loss
    from accounts_followup f
    join accounts_account a on a.id = f.account_id
    cross join lateral (
        select round(a.mrr * 12 * coalesce(%(odds)s::jsonb ->> a.band, %(unknown)s)::numeric, 4) as loss
    ) s
    where f.status in ('open', 'snoozed') and f.expected_loss is distinct from s.loss {some}
    order by f.id {most}
    for update of f
), ranked as (
    update accounts_followup f set expected_loss = stale.loss from stale where f.id = stale.id returning f.id
)
select count(*), max(id) from ranked
"""


def refresh_expected_loss(account_ids: Sequence[int] | None = None) -> int:
    """After a change of MRR or band, in the same transaction. Returns how many rows were out of date."""
    if account_ids is not None and not account_ids:
        return 0
    some = "" if account_ids is None else "and f.account_id = any(%(ids)s::bigint[])"
    return _refresh(some, "", {"ids": list(account_ids or ())})[0]


def rank_again() -> int:
    """After the chances of loss were changed: everybody's, so many at a time that nobody waits long for a row."""
    total = last = 0
    while True:
        count, highest = _refresh("and f.id > %(last)s", f"limit {AT_ONCE}", {"last": last})
        total += count
        if count < AT_ONCE:
            return total
        last = highest


def _refresh(some: str, most: str, params: dict[str, Any]) -> tuple[int, int]:
    odds = all_odds()
    params |= {
        "odds": json.dumps({band: str(chance) for band, chance in odds.items()}),
        "unknown": str(odds[Band.UNKNOWN.value]),
    }
    ((count, highest),) = prepared.ask(SQL.format(some=some, most=most), params)
    return count, highest
