"""Figures of many accounts at once, for whoever compares groups of customers (accounts.registry.AccountMeasure)."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from health.domain.parameters import Parameters

# A score older than this is not "now": who has left is not scored any more.
FRESH_DAYS = 7
USAGE = """
SELECT a.id, s.thousandths
FROM unnest(%(ids)s::bigint[]) a (id)
CROSS JOIN LATERAL (
    SELECT h.day, h.values[array_position(v.indicators::text[], 'usage')] AS thousandths
    FROM health_score h JOIN health_scoremodelversion v ON v.id = h.version_id
    WHERE h.account_id = a.id ORDER BY h.day DESC LIMIT 1
) s
WHERE s.thousandths IS NOT NULL AND s.day >= current_date - %(days)s
"""
NPS = """
SELECT account_id, avg(CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END)
FROM (
    SELECT DISTINCT ON (account_id, coalesce(contact_id, -id)) account_id, score FROM health_answer
    WHERE kind = 'nps' AND account_id = ANY(%(ids)s) AND answered_at > now() - make_interval(days => %(days)s)
    ORDER BY account_id, coalesce(contact_id, -id), answered_at DESC, id DESC
) latest GROUP BY account_id
"""


def usage(account_ids: Sequence[int]) -> dict[int, Decimal]:
    """The usage indicator of the latest score: 100 is the target of its segment."""
    with connection.cursor() as cursor:
        cursor.execute(USAGE, {"ids": list(account_ids), "days": FRESH_DAYS})
        return {pk: Decimal(thousandths).scaleb(-3) for pk, thousandths in cursor.fetchall()}


def nps(account_ids: Sequence[int]) -> dict[int, Decimal]:
    """Each account's own NPS, by the latest answer of each of its people: their mean is the NPS by account (N11)."""
    with connection.cursor() as cursor:
        cursor.execute(NPS, {"ids": list(account_ids), "days": Parameters.nps_days})
        return {pk: Decimal(value) for pk, value in cursor.fetchall()}
