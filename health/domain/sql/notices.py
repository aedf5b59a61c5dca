"""States that are told once when they begin: what is so now, what has begun, what has ended."""

DROP_DAYS = 28

# What begins, and what tells that it has ended.
KINDS = {
    "support.red_theme": "support.theme_cleared",
    "usage.dropped": "usage.recovered",
    "invoice.overdue": "invoice.settled",
}

# The accounts, with what their latest snapshot says of support and usage. A reading that the breaker holds at its
# earlier value is no drop.
SCOPE = """
SELECT a.id, a.time_zone, d.day, h.support, h.red, h.support_days,
    CASE WHEN h.day = d.day AND h.usage_days = %(drop_days)s THEN h.points END AS points
FROM accounts_account a
CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE a.time_zone)::date AS day) d
LEFT JOIN LATERAL (
    SELECT h.day, h.values[array_position(v.indicators::text[], 'support')] AS support,
        h.readings[array_position(v.indicators::text[], 'usage')] AS points,
        (v.thresholds ->> 'red')::int * 1000 AS red, (v.parameters ->> 'support_days')::int AS support_days,
        (v.parameters ->> 'usage_days')::int AS usage_days
    FROM health_score h JOIN health_scoremodelversion v ON v.id = h.version_id
    WHERE h.account_id = a.id ORDER BY h.day DESC LIMIT 1
) h ON true
WHERE {where} AND a.stage <> 'churned'
"""

# The theme of most of the recent tickets, where support is in the red.
THEMES = """
SELECT s.id, 'support.red_theme' AS kind, t.theme AS subject,
    jsonb_build_object('theme', t.theme, 'count', t.n, 'tickets', t.total) AS data
FROM scope s
CROSS JOIN LATERAL (
    SELECT theme, count(*) AS n, sum(count(*)) OVER () AS total FROM health_ticket
    WHERE account_id = s.id AND opened_at >= (s.day - s.support_days + 1)::timestamp AT TIME ZONE s.time_zone
        AND opened_at < (s.day + 1)::timestamp AT TIME ZONE s.time_zone
    GROUP BY theme ORDER BY n DESC, theme LIMIT 1
) t
WHERE s.support <= s.red AND t.theme <> '' AND t.n * 100 >= %(theme_percent)s::int * t.total
"""

# Each half by itself, with impacts as an array by action id: one look with FILTERs and a join took five times as long.
HALF = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.count * coalesce((%(impacts)s::float8[])[d.action_id], 1)), 0)::bigint AS points
    FROM health_usageday d
    WHERE d.account_id = s.id AND d.day > s.day - {begins} AND d.day <= s.day - {ends}{where}
) {name}"""

DROPS = f"""
SELECT s.id, 'usage.dropped', '',
    jsonb_build_object('points', now.points, 'before', before.points,
        'percent', (100 - 100 * now.points::numeric / before.points)::int)
FROM scope s{HALF.format(name="before", begins=2 * DROP_DAYS, ends=DROP_DAYS, where="")}
{HALF.format(name="counted", begins=DROP_DAYS, ends=0, where=" AND s.points IS NULL")}
CROSS JOIN LATERAL (SELECT coalesce(s.points, counted.points) AS points) now
WHERE before.points > 0 AND now.points * 100 <= (100 - %(drop_percent)s::int) * before.points
"""

OVERDUE = """
SELECT s.id, 'invoice.overdue', i.external_id,
    jsonb_build_object('invoice', i.external_id, 'days', s.day - i.due_on, 'amount', i.amount::text,
        'currency', i.currency, 'due_on', i.due_on)
FROM scope s JOIN health_invoice i ON i.account_id = s.id
WHERE i.status = 'open' AND i.due_on <= s.day - %(overdue_days)s::int
"""

STATEMENT = """
WITH scope AS MATERIALIZED (
    {scope}
), facts AS MATERIALIZED (
    {themes} UNION ALL {drops} UNION ALL {overdue}
), ended AS (
    DELETE FROM health_notice n USING accounts_account a
    WHERE a.id = n.account_id AND {where} AND n.kind = ANY(%(kinds)s)
        AND NOT EXISTS (SELECT FROM facts f WHERE (f.id, f.kind, f.subject) = (n.account_id, n.kind, n.subject))
    RETURNING n.account_id, n.kind, n.subject, a.stage
), begun AS (
    INSERT INTO health_notice (account_id, kind, subject, noticed_at)
    SELECT id, kind, subject, %(now)s FROM facts ORDER BY id, kind, subject
    ON CONFLICT DO NOTHING RETURNING account_id, kind, subject
), told AS (
    INSERT INTO accounts_activity (account_id, kind, occurred_at, recorded_at, actor_label, data)
    SELECT f.id, f.kind, %(now)s, %(now)s, 'Tenure', f.data
    FROM facts f JOIN begun b ON (f.id, f.kind, f.subject) = (b.account_id, b.kind, b.subject)
    UNION ALL
    SELECT account_id, ending, %(now)s, %(now)s, 'Tenure',
        CASE kind WHEN 'invoice.overdue' THEN jsonb_build_object('invoice', subject)
            WHEN 'support.red_theme' THEN jsonb_build_object('theme', subject) ELSE '{{}}' END
    FROM ended JOIN (VALUES {endings}) e (begins, ending) ON begins = kind WHERE stage <> 'churned'
    RETURNING 1
)
SELECT count(*) FROM told
"""

ENDINGS = ", ".join(f"('{begins}', '{ends}')" for begins, ends in KINDS.items())


def notice_text(where: str) -> str:
    return STATEMENT.format(
        where=where, scope=SCOPE.format(where=where), themes=THEMES, drops=DROPS, overdue=OVERDUE, endings=ENDINGS
    )
