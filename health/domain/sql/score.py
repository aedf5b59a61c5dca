"""First half of a recompute: the snapshots of a range of accounts, as one statement per version in force."""

from datetime import datetime

from health.domain.parameters import Thresholds
from health.domain.sql.rules import Rules, VersionInForce
from health.domain.sql.values import Part, frozen_part, part_of
from health.domain.sql.which import Statement, Which

# What a snapshot says; contributions follow from the rest.
COMPARED = ("version_id", "score", "band", "capped_by", "known_weight", "low", "high", "values", "readings", "ages")
STORED = (*COMPARED, "contributions")


def score_statement(version: VersionInForce, rules: Rules, which: Which, now: datetime, moved: int) -> Statement:
    """Scores `which` accounts by `version`; returns (accounts, snapshots written, accounts that could be compared with
    an earlier snapshot, then for each indicator how many of these are up by more than `moved`, and down).

    The caller holds these accounts' locks (domain/recompute.py): nobody else writes their snapshots meanwhile."""
    parts = [_part(n, key, version, rules, which) for n, key in enumerate(version.model.weights)]
    params = {"now": now, "version": version.id, "segment": version.segment, "own_segments": rules.own_segments}
    params |= {"impacts": rules.impact_array, **which.params}
    for part in parts:
        params |= part.params
    return Statement(_text(version, rules, which, parts, moved), params)


def _part(position: int, key: str, version: VersionInForce, rules: Rules, which: Which) -> Part:
    if key in rules.frozen:
        return frozen_part(position, key, rules)
    return part_of(position, key, rules, version.model.parameters, which)


def _text(version: VersionInForce, rules: Rules, which: Which, parts: list[Part], moved: int) -> str:
    columns = ", ".join(STORED)
    return f"""
WITH {_scope(version, rules, which)}, scored AS MATERIALIZED (
    SELECT id AS account_id, day, {columns}, was_same_version, was_day IS NOT DISTINCT FROM day AS again,
        was_day IS NOT DISTINCT FROM day AND ({", ".join(f"was_{c}" for c in COMPARED)}) IS NOT DISTINCT FROM
            ({", ".join(COMPARED)}) AS unchanged{_moved(parts, moved)}
    FROM ({_banded(version, rules, which, parts)}) banded
    LEFT JOIN LATERAL (
        SELECT h.day AS was_day, h.version_id = %(version)s AS was_same_version,
            {", ".join(f"h.{c} AS was_{c}" for c in COMPARED)}, {_list("h.values[{1}] AS was_v{0}", parts)}
        FROM health_score h WHERE h.account_id = banded.id AND h.day <= banded.day ORDER BY h.day DESC LIMIT 1
    ) was ON true
), added AS (
    INSERT INTO health_score (account_id, day, {columns}) SELECT account_id, day, {columns} FROM scored WHERE NOT again
), changed AS (
    UPDATE health_score h SET {", ".join(f"{column} = s.{column}" for column in STORED)}
    FROM scored s WHERE h.account_id = s.account_id AND h.day = s.day AND again AND NOT unchanged
)
SELECT count(*), count(*) FILTER (WHERE NOT unchanged), count(*) FILTER (WHERE was_same_version){_moves(parts)}
FROM scored"""


def _moved(parts: list[Part], moved: int) -> str:
    """Nothing has moved that was not known before, or is not now."""
    by = (
        f",\n        v{n} - was_v{n} > {moved} AS up{n}, was_v{n} - v{n} > {moved} AS down{n}"
        for n in range(len(parts))
    )
    return "".join(by)


def _moves(parts: list[Part]) -> str:
    by = (
        f",\n    count(*) FILTER (WHERE was_same_version AND {way}{n})"
        for n in range(len(parts))
        for way in ("up", "down")
    )
    return "".join(by)


def _banded(version: VersionInForce, rules: Rules, which: Which, parts: list[Part]) -> str:
    limits = version.model.thresholds
    return f"""
    SELECT id, day, %(version)s::int AS version_id, score, low, high, known_weight, values, readings, ages,
        contributions, {_list("v{0}", parts)}, {_band(limits)} AS band,
        CASE WHEN {_known(limits)} AND {_capped(limits)} THEN capped_by ELSE '' END AS capped_by
    FROM ({_summed(version, rules, which, parts)}) summed OFFSET 0"""


WHOLE = "(score + 500) / 1000"


def _known(limits: Thresholds) -> str:
    return f"score IS NOT NULL AND known_weight >= {limits.known}"


def _capped(limits: Thresholds) -> str:
    return f"{WHOLE} > {limits.yellow} AND lowest <= {limits.cap * 1000}"


def _band(limits: Thresholds) -> str:
    return f"""CASE WHEN NOT ({_known(limits)}) THEN 'unknown'
            WHEN {WHOLE} <= {limits.red} THEN 'red'
            WHEN {WHOLE} <= {limits.yellow} OR lowest <= {limits.cap * 1000} THEN 'yellow'
            WHEN {WHOLE} <= {limits.green} THEN 'green' ELSE 'thriving' END"""


def _summed(version: VersionInForce, rules: Rules, which: Which, parts: list[Part]) -> str:
    weights = list(enumerate(version.model.weights.values()))
    keys = {f"key{n}": key for n, key in enumerate(version.model.weights)}
    shares = ", ".join(f"(2 * {w}::bigint * v{n} + known) / nullif(2 * known, 0)" for n, w in weights)
    lowest = " ".join(f"WHEN v{n} = lowest THEN {_literal(key)}" for n, key in enumerate(keys.values()))
    return f"""
    SELECT id, day, known::smallint AS known_weight, lowest,
        ((2 * total + known) / nullif(2 * known, 0))::int AS score,
        ((2 * total + 100) / 200)::int AS low,
        ((2 * (total + (100 - known) * 100000) + 100) / 200)::int AS high,
        ARRAY[{_list("v{0}", parts)}] AS values, ARRAY[{shares}]::int[] AS contributions,
        ARRAY[{_list("r{0}", parts)}] AS readings, ARRAY[{_list("g{0}", parts)}] AS ages,
        CASE {lowest} END AS capped_by, {_list("v{0}", parts)}
    FROM (
        SELECT *, {" + ".join(f"coalesce({w}::bigint * v{n}, 0)" for n, w in weights)} AS total,
            {" + ".join(f"CASE WHEN v{n} IS NULL THEN 0 ELSE {w}::bigint END" for n, w in weights)} AS known,
            least({_list("v{0}", parts)}) AS lowest
        FROM ({_values(version, rules, which, parts)}) valued OFFSET 0
    ) added OFFSET 0"""


def _list(each: str, parts: list[Part]) -> str:
    """{0} counts indicators, {1} as PostgreSQL does, from 1."""
    return ", ".join(each.format(n, n + 1) for n in range(len(parts)))


def _literal(key: str) -> str:
    """An indicator's key is checked when its model is saved (domain/models.py): letters, digits, _, - and :."""
    if not key.replace(":", "").replace("_", "").replace("-", "").isalnum():
        raise ValueError(key)
    return f"'{key}'"


def _values(version: VersionInForce, rules: Rules, which: Which, parts: list[Part]) -> str:
    joins = "".join(dict.fromkeys(join for part in parts for join in part.joins))
    values = ",\n            ".join(
        f"{p.value} AS v{n}, {p.reading} AS r{n}, {p.age} AS g{n}" for n, p in enumerate(parts)
    )
    return f"""
        SELECT s.id, s.day, {values}
        FROM scope s{joins}
        OFFSET 0"""


def _scope(version: VersionInForce, rules: Rules, which: Which) -> str:
    """The accounts, with the bounds of their day. There are few time zones: reckoned once each, not once an account.
    In the order of their ids, as readings lie in their indexes: sets are merged with them, without a sort or a hash."""
    rule = version.model.parameters
    day = "%(on)s::date" if which.on else "(%(now)s::timestamptz AT TIME ZONE time_zone)::date"
    return f"""accounts AS MATERIALIZED (
    SELECT a.id, a.time_zone, a.plan_id, a.last_contact_at, {_target(rules)} * greatest(a.seats, 1)::float8 AS target
    FROM accounts_account a
    WHERE {which.where} AND {_alive(which)}{_segment(version, rules)}
), zones AS MATERIALIZED (
    SELECT time_zone, day, (day + 1)::timestamp AT TIME ZONE time_zone AS until,
        (day - {rule.support_days - 1})::timestamp AT TIME ZONE time_zone AS support_from,
        (day - {rule.nps_days - 1})::timestamp AT TIME ZONE time_zone AS nps_from
    FROM (SELECT time_zone, {day} AS day FROM (SELECT DISTINCT time_zone FROM accounts) z) z
), scope AS MATERIALIZED (
    SELECT * FROM accounts JOIN zones USING (time_zone) ORDER BY id
)"""


def _target(rules: Rules) -> str:
    default = rules.targets.get(None, "NULL")
    own = " ".join(f"WHEN {int(segment)} THEN {int(points)}" for segment, points in rules.targets.items() if segment)
    return f"CASE a.segment_id {own} ELSE {default} END" if own else f"{default}"


def _alive(which: Which) -> str:
    if which.on is None:
        return "a.stage <> 'churned'"
    return """coalesce(a.started_on, a.created_at::date) <= %(on)s::date
                    AND (a.churned_on IS NULL OR a.churned_on > %(on)s::date)"""


def _segment(version: VersionInForce, rules: Rules) -> str:
    if version.segment is not None:
        return " AND a.segment_id = %(segment)s"
    others = " AND (a.segment_id IS NULL OR a.segment_id <> ALL(%(own_segments)s::bigint[]))"
    return others if rules.own_segments else ""
