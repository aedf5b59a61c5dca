"""Whether what a customer let go of was in use: who was active against the seats, the dropped plan's own actions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.registry import Dropped

WINDOW = timedelta(days=28)
MOST_NAMES = 4

# Of the events of the window; where usage comes without people, nobody is counted.
ACTIVE = """
select account_id, count(distinct "user") from health_usageevent
where account_id = any(%s) and occurred_at > %s and "user" <> '' group by account_id
"""
# Actions that the plan before includes and the plan after does not, and how often they were done.
LOST = """
with dropped as (
    select * from unnest(%(keys)s::bigint[], %(accounts)s::bigint[], %(before)s::bigint[], %(after)s::bigint[])
        as d (key, account_id, before, after)
)
select d.key, a.name, coalesce(sum(u.count), 0)::bigint
from dropped d
join health_action_plans p on p.plan_id = d.before
join health_action a on a.id = p.action_id
left join health_usageday u on u.account_id = d.account_id and u.action_id = a.id and u.day > %(since)s
where d.before is distinct from d.after
  and not exists (select from health_action_plans q where q.plan_id = d.after and q.action_id = a.id)
group by d.key, a.name
"""


def was_in_use(dropped: Sequence[Dropped]) -> dict[int, dict[str, Any]]:
    """A registry.UsageAnswer: two queries, however many were dropped."""
    active, lost = _active(dropped), _lost(dropped)
    found = {one.key: _seats(one, active.get(one.account_id, 0)) | _actions(lost.get(one.key, {})) for one in dropped}
    return {key: facts for key, facts in found.items() if facts}


def _active(dropped: Sequence[Dropped]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE, [sorted({one.account_id for one in dropped}), timezone.now() - WINDOW])
        return dict(cursor.fetchall())


def _lost(dropped: Sequence[Dropped]) -> dict[int, dict[str, int]]:
    params: dict[str, Any] = {
        "keys": [one.key for one in dropped],
        "accounts": [one.account_id for one in dropped],
        "before": [one.plans[0] for one in dropped],
        "after": [one.plans[1] for one in dropped],
        "since": timezone.localdate() - WINDOW,
    }
    found: dict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(LOST, params)
        for key, name, count in cursor.fetchall():
            found[key][name] = count
    return found


def _seats(one: Dropped, active: int) -> dict[str, Any]:
    before, after = one.seats
    return {"active": active, "seats": [before, after]} if before > after and active else {}


def _actions(lost: dict[str, int]) -> dict[str, Any]:
    used = sorted(((name, count) for name, count in lost.items() if count), key=lambda pair: (-pair[1], pair[0]))
    idle = sorted(name for name, count in lost.items() if not count)
    return ({"used": _first(used)} if used else {}) | ({"idle": _first(idle)} if idle else {})


def _first(found: list[Any]) -> dict[str, Any]:
    return {"first": found[:MOST_NAMES], "more": max(len(found) - MOST_NAMES, 0)}


# For the reader ---------------------------------------------------------------------------------------


def use_in_words(facts: Mapping[str, Any]) -> str:
    parts = [_seats_in_words(facts["active"], *facts["seats"])] if "active" in facts else []
    if used := facts.get("used"):
        names = [f"{name} ({formats.number(count)}×)" for name, count in used["first"]]
        parts.append(_("In use in 28 days: %(names)s") % {"names": _listed(names, used["more"])})
    if idle := facts.get("idle"):
        parts.append(_("Not in use: %(names)s") % {"names": _listed(idle["first"], idle["more"])})
    return ". ".join(parts)


def _seats_in_words(active: int, before: int, after: int) -> str:
    counts = {"active": formats.number(active), "before": formats.number(before)}
    if active > after:
        over = ngettext(
            "%(active)s of %(before)s seats were active in 28 days: %(over)s more than are left",
            "%(active)s of %(before)s seats were active in 28 days: %(over)s more than are left",
            active - after,
        )
        return over % {**counts, "over": formats.number(active - after)}
    return _("%(active)s of %(before)s seats were active in 28 days: the dropped ones were not in use") % counts


def _listed(names: Sequence[str], more: int) -> str:
    shown = ", ".join(names)
    return _("%(names)s and %(n)s more") % {"names": shown, "n": more} if more else shown
