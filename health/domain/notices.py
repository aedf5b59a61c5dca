"""States that are told once when they begin, and again only after they had ended: support about one theme, a drop
of usage, an overdue invoice. A row of Notice stands for each while it lasts; the database lets only one in."""

from datetime import datetime

from accounts.domain.activity import announce
from accounts.domain.rules import several
from health.domain.sql import Statement, Which, run
from health.domain.sql.notices import DROP_DAYS, KINDS, notice_text
from health.domain.sql.rules import Rules, read_rules


def notice(which: Which, now: datetime, *, rules: Rules | None = None) -> int:
    """Tell what has begun and what has ended with these accounts; returns how much."""
    theme, drop, overdue = several("notices.theme_percent", "notices.drop_percent", "notices.overdue_days")
    params = {
        "now": now,
        "kinds": list(KINDS),
        "impacts": (rules or read_rules()).impact_array,
        "drop_days": DROP_DAYS,
        "theme_percent": theme,
        "drop_percent": drop,
        "overdue_days": overdue,
        **which.params,
    }
    (told,) = run(Statement(notice_text(which.where), params), which)
    if told:
        announce()
    return told
