"""Triggers that mark an account whose figures must be counted again (domain/numbers/counting.py): whoever writes, in
whatever way and however many rows at once, cannot forget it."""

import pgtrigger

# What an account is counted under.
MEMBERS = ("segment", "csm", "plan", "currency", "channel", "touch_model")

_MARK = "INSERT INTO accounts_uncounted (account_id) SELECT DISTINCT account_id FROM %s; RETURN NULL;"


def _movements(name: str, operation: pgtrigger.Operation, rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**{rows: "rows"}),
        func=_MARK % "rows",
    )


MOVEMENTS = [
    _movements("uncounted_added", pgtrigger.Insert, "new"),
    _movements("uncounted_changed", pgtrigger.Update, "new"),
    _movements("uncounted_gone", pgtrigger.Delete, "old"),
]
ACCOUNT = pgtrigger.Trigger(
    name="uncounted_moved",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("segment_id", "csm_id", "plan_id", "currency", "channel", "touch_model"),
    condition=pgtrigger.AnyChange(*MEMBERS),
    func="INSERT INTO accounts_uncounted (account_id) VALUES (NEW.id); RETURN NULL;",
)
