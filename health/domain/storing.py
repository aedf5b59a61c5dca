"""The statements that take usage in: each event counted once, with the daily totals kept by the same one."""

MOST_A_DAY = 2**31 - 1

# Accounts and actions go by their names; an event that names one that does not exist is not among these. The accounts
# are looked up together, in their order: neighbours in the index are read at once.
BATCH = """
SELECT a.id AS account_id, event_id, x.id AS action_id, count, occurred_at, who, time_zone
FROM (SELECT unnest(%(account)s::text[]) AS account, unnest(%(event_id)s::text[]) AS event_id,
    unnest(%(action)s::text[]) AS action, unnest(%(count)s::int[]) AS count,
    unnest(%(occurred_at)s::timestamptz[]) AS occurred_at, unnest(%(user)s::text[]) AS who) i
JOIN (
    SELECT id, external_id, time_zone FROM accounts_account WHERE external_id = ANY(%(accounts)s::text[]) OFFSET 0
) a ON a.external_id = account
JOIN health_action x ON x.key = action
"""
# Everybody stores in the same order, events first (what comes after asks for them), so that two batches never wait for
# each other in a circle.
EVENTS = """
INSERT INTO health_usageevent (account_id, event_id, action_id, count, occurred_at, "user")
SELECT account_id, event_id, action_id, count, occurred_at, who FROM input {where}
ORDER BY account_id, event_id COLLATE "C"
"""
# All of a batch, or nothing.
WHOLE = "WHERE (SELECT count(*) FROM input) = cardinality(%(event_id)s::text[])"
TOTALS = f"""
SELECT account_id, (occurred_at AT TIME ZONE time_zone)::date AS day, action_id,
    least(sum(count), {MOST_A_DAY})::int AS count
FROM {{source}} WHERE count > 0 AND (SELECT count(*) FROM fresh) > 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608 - a constant
MARKS = "INSERT INTO health_scoremark (accounts) SELECT array_agg(DISTINCT account_id) FROM fresh HAVING count(*) > 0"
# Any of it may have come before, and others may add to the same totals meanwhile.
STORE = f"""
WITH input AS ({{source}}), fresh AS (
    {EVENTS} ON CONFLICT DO NOTHING RETURNING account_id, action_id, count, occurred_at
), days AS (
    INSERT INTO health_usageday AS kept (account_id, day, action_id, count)
    {TOTALS.format(source="fresh JOIN (SELECT id, time_zone FROM accounts_account) a ON a.id = account_id")}
    ON CONFLICT (account_id, day, action_id)
        DO UPDATE SET count = least(kept.count::bigint + excluded.count, {MOST_A_DAY})
), marks AS ({MARKS})
SELECT count(*), (SELECT count(*) FROM input), min(occurred_at) FROM fresh
"""  # noqa: S608 - a constant
# Of a batch that is new from end to end: no event is looked up first, no total is locked before it grows. What is known
# already, or a total that another batch begins at the same moment, ends the statement, and STORE comes instead.
# Most likely all have come before where the last one has: then nothing of it is even read, and no row is written.
STORE_NEW = f"""
WITH input AS (
    {BATCH} WHERE NOT EXISTS (
        SELECT FROM accounts_account a JOIN health_usageevent e ON e.account_id = a.id
        WHERE a.external_id = %(last_account)s AND e.event_id = %(last_id)s
    )
), fresh AS ({EVENTS.format(where=WHOLE)} RETURNING account_id), marks AS ({MARKS})
MERGE INTO health_usageday AS kept USING ({TOTALS.format(source="input")}) AS new
ON kept.account_id = new.account_id AND kept.day = new.day AND kept.action_id = new.action_id
WHEN MATCHED THEN UPDATE SET count = least(kept.count::bigint + new.count, {MOST_A_DAY})
WHEN NOT MATCHED THEN INSERT (account_id, day, action_id, count)
    VALUES (new.account_id, new.day, new.action_id, new.count)
"""  # noqa: S608 - a constant
STORE_BATCH = STORE.format(source=BATCH, where=WHOLE)

# Against deletion until the commit, all with one lock (migration 0010): the events' own rows have no foreign-key check
# each. A statement for itself: the next one sees what is committed when it begins.
HOLD_ACCOUNTS = """
SELECT (SELECT first_on FROM health_firstreading WHERE kind = 'usage') FROM pg_advisory_xact_lock_shared(7406)
"""
