"""Which column says what: made by guessing, changed on the page, saved per source, given to the command as JSON."""

from collections.abc import Iterable, Mapping as MappingABC
from typing import Any

from django.utils.translation import gettext as _

from accounts.domain.imports.fields import ImportField, Source
from accounts.domain.imports.loader import Loader
from accounts.exceptions import DomainError

ORDERS = ("dmy", "mdy")


class MappingError(DomainError):
    code = "mapping"


Mapping = dict[str, Source]


def parse(raw: Any) -> Mapping:
    """{"name": "Company", "id": ["a", "b"], "currency": {"constant": "EUR"}}, whatever the form of each."""
    if isinstance(raw, MappingABC) and isinstance(raw.get("fields"), MappingABC):
        raw = raw["fields"]
    if not isinstance(raw, MappingABC):
        raise MappingError(_("A mapping is an object: field → column."))
    return {str(name): source for name, value in raw.items() if (source := _source(str(name), value))}


def _source(name: str, value: Any) -> Source:
    if value is None:
        return Source()
    if isinstance(value, str):
        return Source((value,)) if value else Source()
    if isinstance(value, list) and all(isinstance(column, str) for column in value):
        return Source(tuple(value))
    if isinstance(value, MappingABC):
        return _source_of_object(name, value)
    raise MappingError(_("The mapping of %(field)s is neither a column nor a list of columns.") % {"field": name})


def _source_of_object(name: str, value: MappingABC) -> Source:
    columns = value.get("columns", value.get("column", []))
    if isinstance(columns, str):
        columns = [columns] if columns else []
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise MappingError(_("The columns of %(field)s are not a list of names.") % {"field": name})
    order, decimal = value.get("order", "dmy"), value.get("decimal", ".")
    if order not in ORDERS or decimal not in {".", ","}:
        raise MappingError(_("The mapping of %(field)s has an unknown order or decimal sign.") % {"field": name})
    return Source(tuple(columns), str(value.get("join", "-")), str(value.get("constant", "")), order, decimal)


def as_json(mapping: Mapping) -> dict[str, Any]:
    return {name: source.as_json() for name, source in mapping.items() if source}


def check(mapping: Mapping, loader: Loader, header: Iterable[str]) -> None:
    """Every field exists, every column exists, everything needed is there; else one error with all sentences."""
    errors: dict[str, list[str]] = {}
    known = {f.name for f in loader.all_fields()}
    for name in mapping.keys() - known:
        errors.setdefault(name, []).append(_("There is no field %(field)s.") % {"field": name})
    columns = set(header)
    for name, source in mapping.items():
        for column in source.columns:
            if column not in columns:
                errors.setdefault(name, []).append(_("The file has no column “%(column)s”.") % {"column": column})
    for declared, sentence in _missing(mapping, loader):
        errors.setdefault(declared.name, []).append(sentence)
    if errors:
        raise MappingError(" ".join(s for sentences in errors.values() for s in sentences), errors=errors)


def _missing(mapping: Mapping, loader: Loader) -> list[tuple[ImportField, str]]:
    missing = [
        (f, _("Choose the column that says “%(field)s”.") % {"field": f.label})
        for f in loader.fields
        if f.required and not source_of(mapping, f)
    ]
    for group in loader.one_of:
        if not any(mapping.get(name) for name in group):
            labels = _(" or ").join(str(loader.field(name).label) for name in group)
            sentence = _("Choose the column that says “%(field)s”.") % {"field": labels}
            missing.append((loader.field(group[0]), sentence))
    return missing


def source_of(mapping: Mapping, declared: ImportField) -> Source:
    """The field's own source, or that of the field it falls back to."""
    return mapping.get(declared.name) or mapping.get(declared.falls_back_to) or Source()
