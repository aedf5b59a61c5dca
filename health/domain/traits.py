"""What customers have in common, as health knows it: the actions they used in their first months."""

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

FIRST_DAYS = 90
USED = """
select a.name, array_agg(distinct d.account_id)
from health_usageday d
join health_action a on a.id = d.action_id
join accounts_account c on c.id = d.account_id
where d.account_id = any(%(ids)s) and d.day < c.started_on + %(days)s
group by a.id, a.name
"""


def used_early(account_ids: Sequence[int]) -> Mapping[str, Collection[int]]:
    """By action: who used it in the first months."""
    with connection.cursor() as cursor:
        cursor.execute(USED, {"ids": list(account_ids), "days": FIRST_DAYS})
        return dict(cursor.fetchall())
