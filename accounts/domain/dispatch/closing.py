"""Follow-ups that close by themselves: the condition they were about has cleared.

Whatever order activities are dispatched in, the end is the same: a closing activity closes what is older than
itself (here), and keeps what is older than itself from opening afterwards (cleared_since).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone, translation

from accounts.domain.activity import Fact, record_facts
from accounts.domain.conditions import Facts, first_miss
from accounts.domain.dispatch.facts import AccountFacts
from accounts.domain.dispatch.matching import CHURNED, Opening, Prepared
from accounts.domain.prepared import ask
from accounts.domain.text import shortened
from accounts.domain.wording import sentence_of
from accounts.exceptions import DomainError
from accounts.models import Activity
from accounts.registry import activity_kinds

Mark = tuple[datetime, int]  # orders activities: when it happened, then its id


def mark(activity: Activity) -> Mark:
    return (activity.occurred_at, activity.id)


def clears(prepared: Prepared, activity: Activity, facts: Facts) -> bool:
    """Whether this activity says that what the playbook is about has cleared."""
    closes_on = prepared.playbook.closes_on
    if closes_on and activity.kind == CHURNED:
        return True  # a churned account has no band, no usage and no invoice to chase by such a playbook
    return activity.kind == closes_on and first_miss(prepared.closing, facts) is None


def closing_kinds(playbooks: Iterable[Prepared]) -> set[str]:
    kinds = {p.playbook.closes_on for p in playbooks if p.playbook.closes_on}
    return kinds | {CHURNED} if kinds else kinds


def _subject(prepared: Prepared, activity: Activity) -> str | None:
    """None where the closing activity does not name the subject: it is about all of them."""
    name = prepared.playbook.subject_field
    if activity.kind in activity_kinds and name in activity_kinds[activity.kind].declared:
        return prepared.subject_of(activity.data)
    return None


def cleared_since(openings: Sequence[Opening], accounts: dict[int, AccountFacts]) -> dict[int, Activity]:
    """Of the openings (by position) those whose condition cleared after their activity, with what cleared it."""
    states = {o.prepared.playbook.pk: o.prepared for o in openings if o.prepared.playbook.closes_on}
    if not states:
        return {}
    waiting = [(n, o) for n, o in enumerate(openings) if o.prepared.playbook.pk in states]
    later = _later_ones([o.activity for _n, o in waiting], closing_kinds(states.values()))
    found = {}
    for number, opening in waiting:
        for activity in later[opening.activity.account_id]:
            if mark(activity) > mark(opening.activity) and _is_about(opening, activity, accounts):
                found[number] = activity
                break
    return found


LATER = """
select distinct a.id
from unnest(%(accounts)s::bigint[], %(times)s::timestamptz[], %(ids)s::bigint[]) as o (account_id, occurred_at, id)
join accounts_activity a on a.account_id = o.account_id and (a.occurred_at, a.id) > (o.occurred_at, o.id)
where a.kind = any(%(kinds)s::text[])
"""


def _later_ones(activities: Sequence[Activity], kinds: Iterable[str]) -> dict[int, list[Activity]]:
    """By account, in order. Mostly there are none, and none are read."""
    params = {
        "accounts": [a.account_id for a in activities],
        "times": [a.occurred_at for a in activities],
        "ids": [a.id for a in activities],
        "kinds": list(kinds),
    }
    ids = [pk for (pk,) in ask(LATER, params)]
    later: dict[int, list[Activity]] = defaultdict(list)
    for activity in Activity.objects.filter(pk__among=ids).order_by("occurred_at", "pk") if ids else ():
        later[activity.account_id].append(activity)
    return later


def _is_about(opening: Opening, activity: Activity, accounts: dict[int, AccountFacts]) -> bool:
    if _subject(opening.prepared, activity) not in {None, opening.subject}:
        return False
    try:
        return clears(opening.prepared, activity, {**activity.data, **accounts[activity.account_id]})
    except DomainError:
        return False  # a closing condition that no longer fits: told where it is to close something


# Those that are open ------------------------------------------------------------------------------------

Clearing = dict[int, list[tuple[Activity, str | None]]]  # by account: what clears there, of which subject; latest first
Closing = list[tuple[list, Activity]]  # rows of OPEN_ONES, and what closes each

OPEN_ONES = """
select f.playbook_id, f.account_id, f.id, f.subject, f.title,
    greatest(t.occurred_at, f.last_occurrence_at, '-infinity'::timestamptz) as since, coalesce(f.activity_id, 0)
from accounts_followup f left join accounts_activity t on t.id = f.activity_id
where f.status in ('open', 'snoozed') and f.account_id = any(%(accounts)s::bigint[])
    and f.playbook_id = any(%(playbooks)s::bigint[])
order by f.id for no key update of f
"""

CLOSE = """
update accounts_followup f set
    status = 'canceled', closed_at = %(now)s, snoozed_until = null, outcome_note = c.why,
    holds = tstzrange(f.opened_at, greatest(%(until)s::timestamptz, f.opened_at))
from unnest(%(ids)s::bigint[], %(whys)s::text[]) as c (id, why) where f.id = c.id
"""


def what_clears(prepared: Prepared, activities: Iterable[Activity], facts: Mapping[int, Facts]) -> Clearing:
    """Those of the activities that clear what this playbook is about. `facts`: of each and its account, by its id."""
    found: Clearing = defaultdict(list)
    for activity in sorted(activities, key=mark, reverse=True):  # the latest word is the one that counts
        if clears(prepared, activity, facts[activity.id]):
            found[activity.account_id].append((activity, _subject(prepared, activity)))
    return found


def open_ones(clearing: Mapping[Prepared, Clearing]) -> dict[Prepared, Closing]:
    """What is open of these playbooks and older than what clears it: one look for all of them."""
    if not clearing:
        return {}
    playbooks = {prepared.playbook.pk: prepared for prepared in clearing}
    accounts = {account for found in clearing.values() for account in found}
    rows = ask(OPEN_ONES, {"accounts": list(accounts), "playbooks": list(playbooks)})
    closing: dict[Prepared, Closing] = defaultdict(list)
    for playbook, account, *row in rows:
        prepared = playbooks[playbook]
        if closer := _closer(row, clearing[prepared].get(account, [])):
            closing[prepared].append((row, closer))
    return closing


def _closer(row: list, signals: list[tuple[Activity, str | None]]) -> Activity | None:
    _pk, subject, _title, since, opened_by = row
    for activity, about in signals:
        if mark(activity) > (since, opened_by) and about in {None, subject}:
            return activity
    return None


def close(prepared: Prepared, closing: Closing) -> dict[Activity, int]:
    """Returns (one of) the follow-ups that each activity closed."""
    now, cool_down = timezone.now(), timedelta(days=prepared.playbook.cool_down_days)
    with translation.override("en"):
        whys = [shortened(sentence_of(a.kind, a.data, "en"), 400) for _row, a in closing]
    ask(CLOSE, {"now": now, "until": now + cool_down, "ids": [row[0] for row, _a in closing], "whys": whys})
    record_facts(
        Fact(activity.account_id, "followup.closed", _told(row, why), cause_id=activity.id)
        for (row, activity), why in zip(closing, whys, strict=True)
    )
    return {activity: row[0] for row, activity in closing}


def _told(row: list, why: str) -> dict[str, Any]:
    return {"follow_up": row[0], "title": row[2], "why": why}
