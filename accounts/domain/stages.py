"""Stages and tags of many accounts at once, in as many statements as for one."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Fact, Who, record_facts
from accounts.domain.followups import refresh_expected_loss
from accounts.models import Account


@transaction.atomic
def move_stage(account_ids: Collection[int], before: str, after: str, *, by: Who) -> list[int]:
    """Those of them that are at `before` go on to `after`; returns their ids."""
    if not account_ids:
        return []
    waiting = Account.objects.filter(pk__in=account_ids, stage=before).order_by("pk").select_for_update(no_key=True)
    ids = list(waiting.values_list("pk", flat=True))
    Account.objects.filter(pk__in=ids).update(stage=after)
    record_facts((Fact(pk, "account.stage_changed", {"before": before, "after": after}) for pk in ids), by=by)
    refresh_expected_loss(ids)
    return ids


# Its own fields are the caller's; a tag is one more among them.
TAG = """
with told as (
    select a.id, a.custom ->> %(name)s as before, t.value as after
    from accounts_account a join json_each_text(%(values)s::json) t on t.key::bigint = a.id
    where a.custom ->> %(name)s is distinct from t.value
    order by a.id for no key update of a
)
update accounts_account a set custom = a.custom || jsonb_build_object(%(name)s::text, told.after)
from told where a.id = told.id returning a.id, told.before, told.after
"""


@transaction.atomic
def tag(name: str, values: Mapping[int, str], *, by: Who) -> int:
    """One of the accounts' own fields, by account. Returns for how many that is news."""
    params: dict[str, Any] = {"name": name, "values": json.dumps({str(pk): value for pk, value in values.items()})}
    with connection.cursor() as cursor:
        cursor.execute(TAG, params)
        changed = cursor.fetchall()
    fields = _("custom fields")
    record_facts(
        (
            Fact(pk, "account.updated", {"fields": fields, "changes": {name: [before, after]}})
            for pk, before, after in sorted(changed)
        ),
        by=by,
    )
    return len(changed)
