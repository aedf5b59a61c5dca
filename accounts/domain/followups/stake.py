"""What is at stake with an account, kept on its open follow-ups so that the queue orders by an index."""

from collections.abc import Sequence

from django.db import connection

from accounts.domain.order import LOSS, UNKNOWN_LOSS

# Locked in order of id, so that two of these (or one and a bulk action) never wait for each other in a circle.
SQL = """
with stale as (
    select f.id, s.loss
    from accounts_followup f
    join accounts_account a on a.id = f.account_id
    cross join lateral (select round(a.mrr * 12 * {odds}, 4) as loss) s
    where f.status in ('open', 'snoozed') and f.expected_loss is distinct from s.loss {some}
    order by f.id
    for update of f
)
update accounts_followup f set expected_loss = stale.loss from stale where f.id = stale.id
"""


def refresh_expected_loss(account_ids: Sequence[int] | None = None) -> int:
    """After a change of MRR or band, in the same transaction. Returns how many rows were out of date."""
    if account_ids is not None and not account_ids:
        return 0
    some = "" if account_ids is None else "and f.account_id = any(%s)"
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(odds=_odds(), some=some), [list(account_ids)] if account_ids is not None else None)
        return cursor.rowcount


def _odds() -> str:
    cases = " ".join(f"when '{band}' then {odds}" for band, odds in LOSS.items())
    return f"case a.band {cases} else {UNKNOWN_LOSS} end"
