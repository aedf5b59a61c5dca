"""From what to what, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.audit.who import trigger_of
from accounts.domain.conditions import describe
from accounts.domain.text import shortened
from accounts.models import AuditEntry, Playbook
from accounts.registry import activity_kinds

LONGEST = 240
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Line:
    label: str
    before: str
    after: str


def lines(entry: AuditEntry, model: type[models.Model], names: Mapping, reader: formats.Reader) -> list[Line]:
    """What changed; of what came or went, what there was to say about it."""
    trigger = trigger_of(model)
    told = []
    for name in trigger.columns if trigger else ():
        field: Any = model._meta.get_field(name)
        before, after = entry.before.get(field.column), entry.after.get(field.column)
        if before in EMPTY and after in EMPTY:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            before, after = _differing(before, after), _differing(after, before)
        label = trigger.labels.get(name) or field.verbose_name  # type: ignore[union-attr]
        told.append(Line(str(capfirst(label)), *(_value(field, v, names, reader) for v in (before, after))))
    return told


def _differing(these: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in these.items() if others.get(key) != value}


def _value(field: models.Field, value: Any, names: Mapping, reader: formats.Reader) -> str:
    if value in EMPTY:
        return formats.NOTHING
    if isinstance(field, models.ForeignKey):
        return names[field.related_model].get(value) or _("no. %(id)s, which is gone") % {"id": value}
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return shortened(_by_type(field, value, reader), LONGEST)


def _by_type(field: models.Field, value: Any, reader: formats.Reader) -> str:
    if isinstance(field, models.DateTimeField):
        return reader.moment(parse_datetime(value))
    if isinstance(field, models.DateField):
        return reader.day(date.fromisoformat(value), form="medium")
    if isinstance(field, models.DecimalField | models.IntegerField):
        return (
            f"{Decimal(str(value)).normalize():f}" if isinstance(field, models.DecimalField) else reader.number(value)
        )
    if field.model is Playbook and field.name in ("trigger", "closes_on") and value in activity_kinds:
        return str(activity_kinds[value].label)
    return _nested(value)


def _nested(value: Any) -> str:
    """Lists and tables of an admin's settings, flat enough for a line."""
    if isinstance(value, dict) and {"field", "op", "value"} <= value.keys():
        return describe("", value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_nested(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(_nested(one) for one in value)
    return formats.NOTHING if value is None else str(value)
