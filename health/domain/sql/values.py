"""One indicator in SQL: what to look up for an account `s`, and value, reading and age made of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from health.domain.parameters import Parameters
from health.domain.sql.rules import Rules
from health.domain.sql.which import Which
from health.registry import CUSTOM


@dataclass(frozen=True)
class Part:
    value: str
    reading: str = "NULL::int"
    age: str = "NULL::int"
    joins: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)


NOTHING = Part("NULL::int")


def part_of(position: int, key: str, rules: Rules, rule: Parameters, which: Which) -> Part:
    """Beware: everything set into the text is a whole number or a day; texts travel as parameters."""
    if key == "billing":
        return _billing_then(rules, rule) if which.on else _billing_now(rules, rule, which)
    if key == "nps":
        return _nps(rules, rule, which)
    if key in PARTS:
        return PARTS[key](rules, rule)
    return _custom(f"custom{position}", key.removeprefix(CUSTOM), rule)


def frozen_part(position: int, key: str, rules: Rules) -> Part:
    """The breaker's: what the last snapshot before the freeze had."""
    name = f"frozen{position}"
    join = f"""
    LEFT JOIN LATERAL (
        SELECT h.values[p] AS value, h.readings[p] AS reading, h.ages[p] + (s.day - h.day) AS age
        FROM health_score h JOIN health_scoremodelversion v ON v.id = h.version_id,
            LATERAL array_position(v.indicators::text[], %({name}_key)s::text) p
        WHERE h.account_id = s.id AND h.day < (%({name}_at)s::timestamptz AT TIME ZONE s.time_zone)::date
        ORDER BY h.day DESC LIMIT 1
    ) {name} ON true"""
    params = {f"{name}_key": key, f"{name}_at": rules.frozen[key]}
    return Part(f"{name}.value", f"{name}.reading", f"{name}.age", (join,), params)


def _received(rules: Rules, kind: str) -> str | None:
    first = rules.first.get(kind)
    return None if first is None else f"s.day >= {_day(first)}"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _whole(number: str) -> str:
    """Half up, and within four bytes."""
    return f"floor({number} + 0.5)::int"


def _clamped(number: str) -> str:
    return f"least({number}, 2147483647)::int"


def _usage_join(name: str, newest: int, days: int) -> str:
    # Impacts come as an array by action id: a join would be planned, and built, anew for every account.
    # An action that was born since they were read is worth 1.
    return f"""
    CROSS JOIN LATERAL (
        SELECT max(d.day) AS last,
            coalesce(sum(d.count * coalesce((%(impacts)s::float8[])[d.action_id], 1)), 0) AS points
        FROM health_usageday d
        WHERE d.account_id = s.id AND d.day > s.day - {newest + days} AND d.day <= s.day - {newest}
    ) {name}"""


def _usage(rules: Rules, rule: Parameters) -> Part:
    received = _received(rules, "usage")
    if received is None or not rules.targets:
        return NOTHING
    known = f"{received} AND s.target IS NOT NULL"
    most = rule.usage_most * 1000
    value = f"""CASE WHEN {known} THEN
        CASE WHEN used.points * 100000.0::float8 >= {most}.0::float8 * s.target THEN {most}
        ELSE {_whole("100000.0::float8 * used.points / s.target")} END END"""
    return Part(
        value,
        f"CASE WHEN {known} THEN {_clamped('used.points')} END",
        f"CASE WHEN {known} THEN s.day - used.last END",
        (_usage_join("used", 0, rule.usage_days),),
    )


def _momentum(rules: Rules, rule: Parameters) -> Part:
    received = _received(rules, "usage")
    if received is None:
        return NOTHING
    change = "least(1, greatest(-1, (used.points - earlier.points) / greatest(earlier.points, 1)))"
    return Part(
        f"CASE WHEN {received} THEN {_whole(f'50000.0::float8 + 50000.0::float8 * {change}')} END",
        f"CASE WHEN {received} THEN {_clamped('earlier.points')} END",
        f"CASE WHEN {received} THEN s.day - used.last END",
        (_usage_join("used", 0, rule.usage_days), _usage_join("earlier", rule.usage_days, rule.usage_days)),
    )


def _depth(rules: Rules, rule: Parameters) -> Part:
    received = _received(rules, "usage")
    if received is None:
        return NOTHING
    join = f"""
    CROSS JOIN LATERAL (
        SELECT (SELECT count(*) FROM health_action_plans p WHERE p.plan_id = s.plan_id) AS included,
            count(DISTINCT d.action_id) AS used, max(d.day) AS last
        FROM health_usageday d JOIN health_action_plans p ON p.action_id = d.action_id AND p.plan_id = s.plan_id
        WHERE d.account_id = s.id AND d.day > s.day - {rule.usage_days} AND d.day <= s.day
    ) depth"""
    known = f"{received} AND depth.included > 0"
    return Part(
        f"CASE WHEN {known} THEN {_whole('100000.0::float8 * depth.used / depth.included')} END",
        f"CASE WHEN {known} THEN depth.used::int END",
        f"CASE WHEN {known} THEN s.day - depth.last END",
        (join,),
    )


# Of each contact the latest answer; of answers without a contact every one.
_LATEST_OF_CONTACT = "coalesce(h.contact_id, -h.id)"
_NPS = """sum(score) FILTER (WHERE answered_at >= nps_from)::float8 AS total,
            count(*) FILTER (WHERE answered_at >= nps_from) AS n, max(answered_at) AS last"""


def _nps_each() -> str:
    return f"""
    CROSS JOIN LATERAL (
        SELECT {_NPS}
        FROM (
            SELECT DISTINCT ON ({_LATEST_OF_CONTACT}) h.score, h.answered_at, s.nps_from FROM health_answer h
            WHERE h.account_id = s.id AND h.answered_at < s.until AND h.kind = 'nps'
            ORDER BY {_LATEST_OF_CONTACT}, h.answered_at DESC, h.id DESC
        ) latest
    ) nps"""


def _nps_all(which: Which) -> str:
    """As a set, for many: a sort for each account would take three times as long."""
    return f"""
    LEFT JOIN (
        SELECT account_id, {_NPS}
        FROM (
            SELECT DISTINCT ON (h.account_id, {_LATEST_OF_CONTACT}) h.account_id, h.score, h.answered_at, a.nps_from
            FROM health_answer h JOIN scope a ON a.id = h.account_id
            WHERE {which.of("h.account_id")} AND h.answered_at < a.until AND h.kind = 'nps'
            ORDER BY h.account_id, {_LATEST_OF_CONTACT}, h.answered_at DESC, h.id DESC
        ) latest GROUP BY account_id
    ) nps ON nps.account_id = s.id"""


def _nps(rules: Rules, rule: Parameters, which: Which) -> Part:
    received = _received(rules, "answer")
    if received is None:
        return NOTHING
    join = _nps_each() if which.ids is not None else _nps_all(which)
    return Part(
        f"CASE WHEN {received} AND nps.n > 0 THEN {_whole('10000.0::float8 * nps.total / nps.n')} END",
        f"CASE WHEN {received} THEN nullif(nps.n, 0)::int END",
        f"CASE WHEN {received} THEN s.day - (nps.last AT TIME ZONE s.time_zone)::date END",
        (join,),
    )


def _tickets_join(rule: Parameters) -> str:
    weights = " ".join(f"WHEN '{key}' THEN {int(weight)}" for key, weight in rule.severity.items())
    return f"""
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, coalesce(sum(CASE severity {weights} END), 0) AS weight,
            count(*) FILTER (WHERE strategic) AS strategic, max(opened_at) AS last
        FROM health_ticket
        WHERE account_id = s.id AND opened_at >= s.support_from AND opened_at < s.until
    ) tickets"""


def _support(rules: Rules, rule: Parameters) -> Part:
    received = _received(rules, "ticket")
    if received is None:
        return NOTHING
    return Part(
        f"CASE WHEN {received} THEN (greatest(0, 100 - tickets.weight) * 1000)::int END",
        f"CASE WHEN {received} THEN tickets.n::int END",
        f"CASE WHEN {received} THEN s.day - (tickets.last AT TIME ZONE s.time_zone)::date END",
        (_tickets_join(rule),),
    )


def _support_quality(rules: Rules, rule: Parameters) -> Part:
    received = _received(rules, "ticket")
    if received is None:
        return NOTHING
    known = f"{received} AND tickets.n > 0"
    return Part(
        f"CASE WHEN {known} THEN {_whole('100000.0::float8 * tickets.strategic / tickets.n')} END",
        f"CASE WHEN {known} THEN tickets.strategic::int END",
        f"CASE WHEN {known} THEN s.day - (tickets.last AT TIME ZONE s.time_zone)::date END",
        (_tickets_join(rule),),
    )


def _billing_now(rules: Rules, rule: Parameters, which: Which) -> Part:
    if which.ids is not None:
        return _billing(rules, rule, _EACH.format(open="status = 'open'"))
    # Few have an open invoice: those are joined as a set, which is cheaper than looking everybody up.
    join = f"""
    LEFT JOIN (
        SELECT account_id, min(due_on) AS due FROM health_invoice
        WHERE status = 'open' AND {which.of("account_id")} GROUP BY account_id
    ) billing ON billing.account_id = s.id"""
    return _billing(rules, rule, join)


def _billing_then(rules: Rules, rule: Parameters) -> Part:
    """Without what was paid later."""
    return _billing(
        rules, rule, _EACH.format(open="due_on < s.day AND status <> 'void' AND (paid_on IS NULL OR paid_on > s.day)")
    )


_EACH = """
    CROSS JOIN LATERAL (
        SELECT min(due_on) AS due FROM health_invoice WHERE account_id = s.id AND {open}
    ) billing"""


def _billing(rules: Rules, rule: Parameters, join: str) -> Part:
    received = _received(rules, "invoice")
    if received is None:
        return NOTHING
    late = "s.day - billing.due"
    steps = " ".join(f"WHEN {late} >= {days} THEN {value * 1000}" for days, value in reversed(rule.billing))
    return Part(
        f"CASE WHEN {received} THEN CASE {steps} ELSE 100000 END END",
        f"CASE WHEN {received} THEN greatest({late}, 0) END",
        f"CASE WHEN {received} THEN 0 END",
        (join,),
    )


# What was told of the latest checklist.
_CHECKLIST = """
    CROSS JOIN LATERAL (
        SELECT max(at) AS last, bool_or(word = 'canceled') AS canceled,
            (array_agg(word ORDER BY activity_id DESC) FILTER (
                WHERE word IN ('started', 'reopened', 'finished')))[1] = 'finished' AS finished,
            bool_or(word = 'finished') AS ever_finished,
            (array_agg(amount ORDER BY activity_id DESC) FILTER (
                WHERE word IN ('started', 'progress', 'reopened')))[1] AS engagement,
            (array_agg(amount ORDER BY activity_id DESC) FILTER (WHERE word = 'activated'))[1] AS hours,
            (array_agg(at ORDER BY activity_id DESC) FILTER (WHERE word = 'activated'))[1] AS activated,
            (array_agg(at ORDER BY activity_id DESC) FILTER (WHERE word = 'started'))[1] AS started
        FROM health_onboardingreading o
        WHERE o.account_id = s.id AND o.at < s.until AND o.checklist = (
            SELECT l.checklist FROM health_onboardingreading l
            WHERE l.account_id = s.id AND l.at < s.until ORDER BY l.activity_id DESC LIMIT 1)
    ) checklist"""


def _on(moment: str) -> str:
    return f"({moment} AT TIME ZONE s.time_zone)::date"


def _or_sent(own: Part, known: str, key: str, rule: Parameters) -> Part:
    """What a program has sent under the indicator's own key, where nothing of ours is known."""
    sent = _custom(f"sent_{key}", key, rule)

    def either(one: str, other: str) -> str:
        return f"CASE WHEN {known} THEN {one} ELSE {other} END"

    return Part(
        either(own.value, sent.value),
        either(own.reading, sent.reading),
        either(own.age, sent.age),
        joins=(*own.joins, *sent.joins),
        params={**own.params, **sent.params},
    )


def _onboarding(rules: Rules, rule: Parameters) -> Part:
    value = "CASE WHEN checklist.finished THEN 100000 ELSE checklist.engagement END"
    going = "NOT checklist.canceled"
    own = Part(
        f"CASE WHEN {going} THEN {value} END",
        f"CASE WHEN {going} THEN ({value} + 500) / 1000 END",
        f"CASE WHEN {going} THEN s.day - {_on('checklist.last')} END",
        (_CHECKLIST,),
    )
    return _or_sent(own, "checklist.last IS NOT NULL", "onboarding", rule)


def _ttv(rules: Rules, rule: Parameters) -> Part:
    waited = f"(s.day - {_on('checklist.started')})"
    reached = "checklist.hours IS NOT NULL AND NOT checklist.canceled"
    waits = f"NOT checklist.canceled AND NOT checklist.ever_finished AND {waited} > {rule.ttv_target_days}"

    def either(then: str, so_far: str) -> str:
        return f"CASE WHEN {reached} THEN {then} WHEN {waits} THEN {so_far} END"

    own = Part(
        either(_in_time("checklist.hours", rule), _in_time(f"24 * {waited}", rule)),
        either("checklist.hours / 24", waited),
        either(f"s.day - {_on('checklist.activated')}", "0"),
        (_CHECKLIST,),
    )
    return _or_sent(own, "checklist.last IS NOT NULL", "ttv", rule)


def _in_time(hours: str, rule: Parameters) -> str:
    falls = 24 * (rule.ttv_zero_days - rule.ttv_target_days)
    left = f"greatest(0, least({24 * rule.ttv_zero_days} - {hours}, {falls}))"
    return _whole(f"100000.0::float8 * {left} / {falls}")


def _relationship(rules: Rules, rule: Parameters) -> Part:
    days = "(s.day - (s.last_contact_at AT TIME ZONE s.time_zone)::date)"
    known = "s.last_contact_at < s.until"
    left = f"greatest(0, {rule.relationship_days} - {days})"
    return Part(
        f"CASE WHEN {known} THEN {_whole(f'100000.0::float8 * {left} / {rule.relationship_days}')} END",
        f"CASE WHEN {known} THEN {days} END",
        f"CASE WHEN {known} THEN {days} END",
    )


def _pulse(rules: Rules, rule: Parameters) -> Part:
    join = """
    LEFT JOIN LATERAL (
        SELECT p.value, s.day - (p.at AT TIME ZONE s.time_zone)::date AS age FROM health_pulse p
        WHERE p.account_id = s.id AND p.at < s.until ORDER BY p.at DESC LIMIT 1
    ) pulse ON true"""
    value = f"CASE WHEN pulse.age < {rule.pulse_days} THEN (pulse.value - 1) * 25000 END"
    return Part(value, "pulse.value::int", "pulse.age", (join,))


def _custom(name: str, key: str, rule: Parameters) -> Part:
    join = f"""
    LEFT JOIN LATERAL (
        SELECT (r.value * 1000)::int AS value, s.day - (r.at AT TIME ZONE s.time_zone)::date AS age
        FROM health_customreading r
        WHERE r.account_id = s.id AND r.key = %({name})s AND r.at < s.until ORDER BY r.at DESC LIMIT 1
    ) {name} ON true"""
    value = f"CASE WHEN {name}.age < {rule.custom_days} THEN {name}.value END"
    return Part(value, "NULL::int", f"{name}.age", (join,), {name: key})


PARTS: dict[str, Callable[[Rules, Parameters], Part]] = {
    "usage": _usage,
    "depth": _depth,
    "momentum": _momentum,
    "support": _support,
    "support_quality": _support_quality,
    "onboarding": _onboarding,
    "ttv": _ttv,
    "relationship": _relationship,
    "pulse": _pulse,
}
