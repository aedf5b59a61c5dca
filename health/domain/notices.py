"""States that are told once when they begin, and again only after they had ended: support about one theme, a drop
of usage, an overdue invoice. A row of Notice stands for each while it lasts; the database lets only one in."""

from datetime import datetime

from django.db import connection

from accounts.domain.activity import announce
from health.domain.sql import Which
from health.domain.sql.notices import KINDS, notice_text
from health.domain.sql.rules import Rules, read_rules


def notice(which: Which, now: datetime, *, rules: Rules | None = None) -> int:
    """Tell what has begun and what has ended with these accounts; returns how much."""
    params = {"now": now, "kinds": list(KINDS), "impacts": (rules or read_rules()).impact_array, **which.params}
    with connection.cursor() as cursor:
        cursor.execute(notice_text(which.where), params)
        told = cursor.fetchone()[0]
    if told:
        announce()
    return told
