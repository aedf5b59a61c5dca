"""Which account a row is about, when a file may name it by its id, its name, its domain or a subscription."""

from django.utils.translation import gettext as _

from accounts.domain.imports.staging import ROWS, Stage


def resolve_accounts(stage: Stage, *, by_subscription: bool = False) -> None:
    """Fill `account_id`; rows whose account nobody knows leave with that sentence. Joins, never a loop."""
    stage.run(f"ALTER TABLE {ROWS} ADD COLUMN account_id bigint")
    if "account" in stage.mapped:
        _match(stage, "a.external_id = r.account")
        _match(stage, "lower(a.domain) = lower(r.account) AND a.domain <> ''", unique="lower(domain)")
        _match(stage, "lower(a.name) = lower(r.account)", unique="lower(name)")
    if by_subscription and "subscription" in stage.mapped:
        stage.run(f"""UPDATE {ROWS} r SET account_id = s.account_id FROM accounts_subscription s
                      WHERE s.external_id = r.subscription AND r.account_id IS NULL""")
    _refuse_unknown(stage, by_subscription=by_subscription)


def _match(stage: Stage, condition: str, unique: str = "") -> None:
    """`unique`: what two accounts may share; shared, it names neither."""
    if not stage.ask(f"SELECT 1 FROM {ROWS} WHERE account_id IS NULL LIMIT 1"):
        return
    accounts = "accounts_account"
    if unique:
        accounts = f"""(SELECT min(id) AS id, min(external_id) AS external_id, min(name) AS name, min(domain) AS domain
                        FROM accounts_account GROUP BY {unique} HAVING count(*) = 1)"""
    stage.run(f"UPDATE {ROWS} r SET account_id = a.id FROM {accounts} a WHERE r.account_id IS NULL AND {condition}")


def _refuse_unknown(stage: Stage, *, by_subscription: bool) -> None:
    account = "account" in stage.mapped
    subscription = by_subscription and "subscription" in stage.mapped
    if account:
        only = " AND r.account IS NOT NULL"
        stage.refuse(f"r.account_id IS NULL{only}", _("There is no account “%s”."), "r.account")
    if subscription:
        stage.refuse(
            "r.account_id IS NULL AND r.subscription IS NOT NULL", _("There is no subscription “%s”."), "r.subscription"
        )
    stage.refuse("r.account_id IS NULL", _("Nothing in this row says which account it is about."))
