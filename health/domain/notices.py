"""States that are told once when they begin, and again only after they had ended: support about one theme, a drop
of usage, an overdue invoice. A row of Notice stands for each while it lasts; the database lets only one in."""

from datetime import datetime

from django.db import connection

from accounts.domain.activity import announce
from health.domain.sql import Which
from health.domain.sql.notices import KINDS, notice_text


def notice(which: Which, now: datetime) -> int:
    """Tell what has begun and what has ended with these accounts; returns how much."""
    with connection.cursor() as cursor:
        cursor.execute(notice_text(which.where), {"now": now, "kinds": list(KINDS), **which.params})
        told = cursor.fetchone()[0]
    if told:
        announce()
    return told
