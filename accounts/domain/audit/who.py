"""Who changes something: told to the database beside the statements that touch what is audited, and only those."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import Audited, User

# {"user": 5} or {"actor": "API: billing"}; asked only when something audited is written.
Tell = Callable[[], dict[str, Any]]


def trigger_of(model: type[models.Model]) -> Audited | None:
    return next((t for t in getattr(model._meta, "triggers", ()) if isinstance(t, Audited)), None)


@cache
def audited_models() -> dict[str, type[models.Model]]:
    """By the name an AuditEntry has for them."""
    return {model._meta.label_lower: model for model in apps.get_models() if trigger_of(model)}


@cache
def _audited_writes() -> re.Pattern[str]:
    tables = "|".join(model._meta.db_table for model in audited_models().values())
    return re.compile(rf'\b(?:insert\s+into|update|delete\s+from)\s+"?(?:{tables})\b', re.IGNORECASE)


@lru_cache(maxsize=1000)
def _touches(sql: str) -> bool:
    """Most statements come again and again; reading a long one takes longer than many of them."""
    return bool(_audited_writes().search(sql))


def of_user(user: User) -> dict[str, Any]:
    return {"user": user.pk}


@contextmanager
def acting(tell: Tell) -> Iterator[None]:
    """What is changed inside is done by whom `tell` names. No statement more: it goes in front of the write."""

    def beside(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if many or not isinstance(sql, str) or not _touches(sql):
            return execute(sql, params, many, context)
        return _last_of(execute(*_with_who(sql, params, json.dumps(tell())), many, context))

    with connection.execute_wrapper(beside):
        yield


def _with_who(sql: str, params: Any, who: str) -> tuple[str, Any]:
    """Kept to the end of the transaction, as the triggers read it."""
    if isinstance(params, dict):
        return f"SELECT set_config('tenure.who', %(tenure_who)s, true); {sql}", params | {"tenure_who": who}
    if params is None:
        sql, params = sql.replace("%", "%%"), ()
    return f"SELECT set_config('tenure.who', %s, true); {sql}", (who, *params)


def _last_of(result: Any) -> Any:
    """Two statements have two results: the caller waits for its own."""
    while result is not None and result.nextset():
        pass
    return result
