"""The filters of the queue as conditions in SQL."""

# ruff: noqa: S608 - statements are put together from constants of this package; values travel as parameters

from typing import Any

from django.db import connection

from accounts.domain.queue.asked import QueueFilters
from accounts.domain.retelling import kept_titles

# The patterns are matched as the account list does it: both have their trigram index.
TEXT = """(upper(f.title) like upper(%(text)s){kept}
    or f.account_id in (select id from accounts_account where upper(name) like upper(%(text)s)))"""


# Few rows have it: their ids are looked up once, by index. Many have it: walking the order finds a page soon.
FEW = 1000


HITS = f"""
(select f.id from accounts_followup f where f.status = any(%(states)s) and upper(f.title) like upper(%(text)s)
    limit {FEW + 1})
union all
(select f.id from accounts_account a join accounts_followup f on f.account_id = a.id
    where f.status = any(%(states)s) and upper(a.name) like upper(%(text)s) limit {FEW + 1})
"""


# What the reader reads in their language, and is kept in another.
KEPT = "upper(f.title) like any(array[{patterns}])"
MORE_HITS = f"""
union all
(select f.id from accounts_followup f where f.status = any(%(states)s) and {{kept}} limit {FEW + 1})
"""


def conditions(filters: QueueFilters) -> tuple[str, dict[str, Any]]:
    """The reader's filters as SQL; every value travels as a parameter."""
    chosen = [
        (filters.assignee, "f.assignee_id = %(assignee)s", "assignee"),
        (
            filters.team_of,
            "f.assignee_id in (select id from accounts_user where manager_id = %(team_of)s or id = %(team_of)s)",
            "team_of",
        ),
        (list(filters.kinds), "f.kind = any(%(kinds)s)", "kinds"),
        (list(filters.bands), "f.account_id in (select id from accounts_account where band = any(%(bands)s))", "bands"),
        (
            list(filters.segments),
            "f.account_id in (select id from accounts_account where segment_id = any(%(segments)s))",
            "segments",
        ),
        (list(filters.priorities), "f.priority = any(%(priorities)s)", "priorities"),
        (filters.account, "f.account_id = %(account)s", "account"),
        (list(filters.ids), "f.id = any(%(ids)s)", "ids"),
    ]
    used = [(value, sql, name) for value, sql, name in chosen if value]
    sql = "".join(f" and {fragment}" for _value, fragment, _name in used)
    params: dict[str, Any] = {name: value for value, _sql, name in used}
    if filters.unassigned:
        sql += " and f.assignee_id is null"
    if filters.playbooks:
        sql += _by_playbook(filters, params)
    if pattern := _pattern(filters.text):
        kept, patterns = _kept(filters.text)
        hits = _hits(pattern, kept, patterns, filters)
        if len(hits) <= FEW:
            return sql + " and f.id = any(%(hits)s)", params | {"hits": hits}
        sql += " and " + TEXT.format(kept=f" or {kept}" if kept else "")
        params |= {"text": pattern, **patterns}
    return sql, params


def _by_playbook(filters: QueueFilters, params: dict[str, Any]) -> str:
    """One that has little or nothing open is found by its index, where walking the order would look at all rows."""
    params["playbooks"] = [pk for pk in filters.playbooks if pk is not None]
    some = "f.playbook_id = any(%(playbooks)s)"
    by_hand = " or f.playbook_id is null" if None in filters.playbooks else ""
    return f" and ({some}{by_hand}){'' if filters.closed else ' and f.closed_at is null'}"


def _kept(text: str) -> tuple[str, dict[str, str]]:
    patterns = {f"kept_{number}": pattern for number, pattern in enumerate(kept_titles(text))}
    return KEPT.format(patterns=", ".join(f"upper(%({name})s)" for name in patterns)) if patterns else "", patterns


def _hits(pattern: str, kept: str, patterns: dict[str, str], filters: QueueFilters) -> list[int]:
    states = ["snoozed"] if filters.snoozed else ["done", "canceled"] if filters.closed else ["open"]
    with connection.cursor() as cursor:
        statement = HITS + (MORE_HITS.format(kept=kept) if kept else "")
        cursor.execute(statement, {"text": pattern, "states": states, **patterns})
        return list({pk for (pk,) in cursor.fetchall()})


def _pattern(text: str) -> str:
    text = text.replace("\x00", "").strip()
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%" if text else ""
