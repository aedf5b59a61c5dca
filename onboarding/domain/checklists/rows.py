"""What a checklist's working out changes, written in two statements, however many checklists."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from onboarding.models import Checklist, ChecklistStep

STEP = {
    "state": "text", "due_on": "date", "opened_at": "timestamptz", "closed_at": "timestamptz",
    "closed_by_id": "bigint", "closed_by_contact_id": "bigint", "note": "text", "reopened_at": "timestamptz",
    "reminded_at": "timestamptz",
}  # fmt: skip
CHECKLIST = {
    "status": "text", "finished_at": "timestamptz", "activated_at": "timestamptz", "last_progress_at": "timestamptz",
    "required_steps": "smallint", "required_done": "smallint", "engagement": "numeric", "next_due_on": "date",
    "behind_since": "timestamptz", "behind_key": "text", "stuck_since": "timestamptz", "mailed_at": "timestamptz",
    "attention_at": "timestamptz",
}  # fmt: skip

Before = dict[tuple[str, int], tuple]


class Encoder(DjangoJSONEncoder):
    """To the microsecond: Django's own cuts moments to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def as_stored(checklist: Checklist, steps: Iterable[ChecklistStep]) -> Before:
    kept: Before = {("step", step.pk): _values(step, STEP) for step in steps}
    return kept | {("checklist", checklist.pk): _values(checklist, CHECKLIST)}


def write(pairs: Iterable[tuple[Checklist, Sequence[ChecklistStep]]], before: Mapping[tuple[str, int], tuple]) -> None:
    """What differs from how it was stored."""
    checklists, steps = [], []
    for checklist, own in pairs:
        checklists += _changed(checklist, ("checklist", checklist.pk), CHECKLIST, before)
        for step in own:
            steps += _changed(step, ("step", step.pk), STEP, before)
    _update("onboarding_checkliststep", STEP, steps)
    _update("onboarding_checklist", CHECKLIST, checklists)


def _changed(row: Model, key: tuple[str, int], columns: Mapping[str, str], before: Mapping) -> list[dict[str, Any]]:
    values = _values(row, columns)
    return [] if values == before.get(key) else [{"id": row.pk, **dict(zip(columns, values, strict=True))}]


def _values(row: Model, columns: Iterable[str]) -> tuple:
    return tuple(getattr(row, name) for name in columns)


def _update(table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    settings = ", ".join(f"{name} = r.{name}" for name in columns)
    types = ", ".join(f"{name} {kind}" for name, kind in {"id": "bigint", **columns}.items())
    sql = f"update {table} t set {settings} from json_to_recordset(%s::json) as r ({types}) where t.id = r.id"  # noqa: S608 - the names are the constants above
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, cls=Encoder)])
