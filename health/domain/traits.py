"""What customers have in common, as health knows it: the actions they used in their first months."""

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

FIRST_DAYS = 90
# Each account's first days are a stretch of the index: what came later is not read.
USED = """
select a.name, array_agg(c.id)
from accounts_account c
cross join lateral (
    select distinct d.action_id from health_usageday d where d.account_id = c.id and d.day < c.started_on + %(days)s
) u
join health_action a on a.id = u.action_id
where c.id = any(%(ids)s)
group by a.id, a.name
"""


def used_early(account_ids: Sequence[int]) -> Mapping[str, Collection[int]]:
    """By action: who used it in the first months."""
    with connection.cursor() as cursor:
        cursor.execute(USED, {"ids": list(account_ids), "days": FIRST_DAYS})
        return dict(cursor.fetchall())
