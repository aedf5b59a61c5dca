"""How many people use the product."""

from datetime import UTC, date, datetime, time

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

KEPT_FOR = 60 * 60  # seconds: there are as many events to look at as customers did things
STATEMENT = """
select count(*) from (
    select distinct account_id, "user" from health_usageevent
    where occurred_at >= %s and occurred_at < %s and "user" <> '' and count > 0
) people
"""


def active_users(first: date, until: date) -> int:
    """Whose use was told of in these days of UTC [first, until): within an hour, the same answer."""
    try:
        return cache.get_or_set(f"active-users:{first}:{until}", lambda: _count(first, until), KEPT_FOR) or 0
    except RedisError:
        return _count(first, until)


def _count(first: date, until: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [datetime.combine(day, time(), UTC) for day in (first, until)])
        return cursor.fetchone()[0]
