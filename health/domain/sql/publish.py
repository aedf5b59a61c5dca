"""Second half of a recompute: what the latest snapshots mean for their accounts, and the activities that tell it."""

from datetime import datetime

from health.domain.sql.which import Statement, Which

TREND_DAYS = 28

# What the account shows. A churned account has no score and no band.
SHOWN = ("score", "band", "capped_by", "known_weight", "trend")


def publish_statement(which: Which, now: datetime) -> Statement:
    """Writes the accounts whose score, band or trend is not what their latest snapshot says, and an activity for
    each changed band; returns (accounts written, ids of those whose band changed).

    What is written is named by its ids once more: a shard's few would else be sought in everybody's rows."""
    shown = ", ".join(SHOWN)
    text = f"""
WITH fresh AS MATERIALIZED (
    SELECT id, was_band, was_score, {shown}, values, version_id, points FROM ({_latest(which)}) latest
    WHERE (was_score, was_band, was_capped_by, was_known_weight, was_trend) IS DISTINCT FROM ({shown})
), written AS (
    UPDATE accounts_account a SET scored_at = %(now)s, {", ".join(f"{c} = fresh.{c}" for c in SHOWN)}
    FROM fresh WHERE a.id = fresh.id AND a.id = ANY(ARRAY(SELECT id FROM fresh))
), moved AS (
    UPDATE accounts_scoreorder o SET score = fresh.points
    FROM fresh WHERE o.account_id = fresh.id AND o.account_id = ANY(ARRAY(SELECT id FROM fresh))
        AND o.score IS DISTINCT FROM fresh.points
), placed AS (
    INSERT INTO accounts_scoreorder (account_id, score) SELECT id, points FROM fresh WHERE was_score IS NULL
    ON CONFLICT DO NOTHING
), told AS (
    INSERT INTO accounts_activity (account_id, kind, occurred_at, recorded_at, actor_label, data)
    SELECT fresh.id, 'health.band_changed', %(now)s, %(now)s, 'Tenure', {DATA}
    FROM fresh LEFT JOIN health_scoremodelversion v ON v.id = fresh.version_id
    WHERE band <> was_band
)
SELECT count(*), coalesce(array_agg(id) FILTER (WHERE band <> was_band), '{{}}') FROM fresh"""
    return Statement(text, {"now": now, **which.params})


# A query of its own for each: as EXISTS it might become a hash of all activities there ever were.
FIRST = """(SELECT true FROM accounts_activity earlier
        WHERE earlier.account_id = fresh.id AND earlier.kind = 'health.band_changed' LIMIT 1) IS NULL"""
LOWEST = "array_position(values, (SELECT min(v) FROM unnest(values) v))"
DATA = f"""jsonb_build_object('before', was_band, 'after', band, 'score', points, 'known_weight', known_weight,
        'capped_by', capped_by, 'weakest', coalesce(v.indicators[{LOWEST}], ''),
        'weakest_value', (values[{LOWEST}] + 500) / 1000,
        'first', CASE WHEN was_band = 'unknown' THEN {FIRST} ELSE false END)"""


def _latest(which: Which) -> str:
    return f"""
    SELECT a.id, a.score AS was_score, a.band AS was_band, a.capped_by AS was_capped_by,
        a.known_weight AS was_known_weight, a.trend AS was_trend,
        h.score * 0.001::numeric(7, 3) AS score, coalesce(h.band, '') AS band, coalesce(h.capped_by, '') AS capped_by,
        coalesce(h.known_weight, 0) AS known_weight, (h.score - earlier.score) * 0.001::numeric(7, 3) AS trend,
        h.values, h.version_id, (h.score + 500) / 1000 AS points
    FROM accounts_account a
    LEFT JOIN LATERAL (
        SELECT day, score, band, capped_by, known_weight, values, version_id FROM health_score
        WHERE account_id = a.id AND a.stage <> 'churned' ORDER BY day DESC LIMIT 1
    ) h ON true
    LEFT JOIN LATERAL (
        SELECT score FROM health_score WHERE account_id = a.id AND day = h.day - {TREND_DAYS} LIMIT 1
    ) earlier ON true
    WHERE {which.where} AND (h.day IS NOT NULL OR a.stage = 'churned') OFFSET 0"""
