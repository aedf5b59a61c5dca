"""Rows made by the database itself: a model's columns from expressions over a series, the rest from its defaults."""

from typing import Any

from django.db import connection, models
from django.utils import timezone


def fill(model: type[models.Model], source: str, /, **columns: str) -> None:
    """insert … select `columns` from `source`. What is not named gets the field's default, so that a new column
    of a model does not break the bench."""
    values = {name: value.replace("%", "%%") for name, value in columns.items()}
    params = {}
    for field in model._meta.concrete_fields:
        if field.column in values or isinstance(field, models.AutoField) or field.generated:
            continue
        if field.null and not field.has_default():
            continue
        values[field.column] = f"%({field.column})s"
        params[field.column] = _default(field)
    names = ", ".join(f'"{name}"' for name in values)
    chosen = f"select {', '.join(values.values())} from {source.replace('%', '%%')}"
    execute(f"insert into {model._meta.db_table} ({names}) {chosen}", params)


def _default(field: models.Field) -> Any:
    value = timezone.now() if field.default is timezone.now else field.get_default()
    return field.get_db_prep_save(value, connection)


def execute(statement: str, params: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def ask(statement: str, params: Any = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
