"""Which account a row is about, when a file may name it by its id, its name, its domain or a subscription.

The names of a file repeat: each distinct one is looked up once, in joins, and rows are joined to what was found.
"""

from django.utils.translation import gettext as _

from accounts.domain.imports.staging import ROWS, Stage

NAMES = "import_names"
# The rows `r` with the accounts that were found for them: `account_id`.
FOUND = f"""{ROWS} r
            LEFT JOIN {NAMES} by_account ON by_account.field = 'account' AND by_account.name = {{account}}
            LEFT JOIN {NAMES} by_subscription
                ON by_subscription.field = 'subscription' AND by_subscription.name = {{subscription}}"""
ACCOUNT_ID = "coalesce(by_account.account_id, by_subscription.account_id)"


def find_accounts(stage: Stage) -> None:
    """Look the names up; rows whose account nobody knows leave with that sentence."""
    stage.run(f"DROP TABLE IF EXISTS {NAMES}")
    stage.run(f"CREATE TEMP TABLE {NAMES} (field text, name text, account_id bigint) ON COMMIT DROP")
    for field in ("account", "subscription"):
        if field in stage.mapped:
            stage.run(f"INSERT INTO {NAMES} SELECT DISTINCT '{field}', {field} FROM {ROWS} WHERE {field} IS NOT NULL")
    _match("accounts_account", "external_id", stage)
    _match(_only_ones("domain"), "domain", stage, "lower(n.name) = s.domain")
    _match(_only_ones("name"), "name", stage, "lower(n.name) = s.name")
    stage.run(f"""UPDATE {NAMES} n SET account_id = s.account_id FROM accounts_subscription s
                  WHERE n.field = 'subscription' AND s.external_id = n.name""")
    stage.run(f"ANALYZE {NAMES}")
    _refuse_unknown(stage)


def _only_ones(column: str) -> str:
    """What two accounts share names neither."""
    return f"""(SELECT min(id) AS id, lower({column}) AS {column} FROM accounts_account WHERE {column} <> ''
                GROUP BY lower({column}) HAVING count(*) = 1)"""


def _match(accounts: str, column: str, stage: Stage, condition: str = "") -> None:
    if stage.ask(f"SELECT 1 FROM {NAMES} WHERE field = 'account' AND account_id IS NULL LIMIT 1"):
        condition = condition or f"n.name = s.{column}"
        stage.run(f"""UPDATE {NAMES} n SET account_id = s.id FROM {accounts} s
                      WHERE n.field = 'account' AND n.account_id IS NULL AND {condition}""")


def _refuse_unknown(stage: Stage) -> None:
    sentences = {"account": _("There is no account “%s”."), "subscription": _("There is no subscription “%s”.")}
    told = [field for field in sentences if field in stage.mapped]
    for field in told:
        others = "".join(f" AND r.{other} IS NULL" for other in told if other != field)
        stage.refuse(
            f"n.field = '{field}' AND n.name = r.{field} AND n.account_id IS NULL{others}",
            sentences[field],
            f"r.{field}",
            using=f"{NAMES} n",
        )
    if len(told) > 1:
        _refuse_unknown_pairs(stage, told)
    empty = " AND ".join(f"r.{field} IS NULL" for field in told)
    stage.refuse(empty, _("Nothing in this row says which account it is about."))


def _refuse_unknown_pairs(stage: Stage, told: list[str]) -> None:
    """Rows that say it twice, where neither is known."""
    one, other = told
    stage.refuse(
        f"""n.field = '{one}' AND n.name = r.{one} AND n.account_id IS NULL
            AND m.field = '{other}' AND m.name = r.{other} AND m.account_id IS NULL""",
        _("There is no account “%s” and no subscription “%s”."),
        f"r.{one}",
        f"r.{other}",
        using=f"{NAMES} n, {NAMES} m",
    )


def found(stage: Stage) -> str:
    """FROM: the rows `r` beside what was found; ACCOUNT_ID says it."""
    names = {field: f"r.{field}" if field in stage.mapped else "NULL" for field in ("account", "subscription")}
    return FOUND.format(**names)


def fill_account_ids(stage: Stage) -> None:
    """A column `account_id` for kinds that go through verbs taking rows."""
    stage.run(f"ALTER TABLE {ROWS} ADD COLUMN account_id bigint")
    inner = found(stage).replace(f"{ROWS} r", f"{ROWS} x", 1).replace("r.", "x.")
    stage.run(f"UPDATE {ROWS} r SET account_id = {ACCOUNT_ID} FROM {inner} WHERE x.row_no = r.row_no")


def resolve_accounts(stage: Stage) -> None:
    find_accounts(stage)
    fill_account_ids(stage)
