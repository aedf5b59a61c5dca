"""The audit as people read it: newest first, by kind and person, a page at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import QuerySet
from django.utils.text import capfirst

from accounts import formats
from accounts.domain import keyset
from accounts.domain.audit.told import Line, lines
from accounts.domain.audit.who import audited_models, trigger_of
from accounts.formats import NOTHING
from accounts.models import AuditEntry, User

ORDER = keyset.Order("at", descending=True, pk="id")
TONES = {"insert": "green", "update": "accent", "delete": "red"}
Names = Mapping[type[models.Model], Mapping[int, str]]


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what cannot be is not asked for."""

    kind: str = ""
    person: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        kind, person = query.get("kind", ""), query.get("person", "")
        known = person.isascii() and person.isdigit() and len(person) < 19
        return cls(kind if kind in audited_models() else "", int(person) if known else None)

    def __bool__(self) -> bool:
        return bool(self.kind or self.person is not None)

    def among(self, rows: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        rows = rows.filter(kind=self.kind) if self.kind else rows
        return rows.filter(user=self.person) if self.person is not None else rows


@dataclass(frozen=True)
class Told:
    """One change, ready to be shown."""

    entry: AuditEntry
    who: str  # "": the product itself
    what: str
    name: str
    tone: str
    lines: list[Line]


def kinds() -> list[tuple[str, str]]:
    return sorted(
        ((key, str(capfirst(m._meta.verbose_name))) for key, m in audited_models().items()), key=lambda k: k[1]
    )


def page(asked: Asked, *, after: str = "", before: str = "", size: int = 50) -> keyset.Page:
    column = AuditEntry._meta.get_field("at")
    found = keyset.page(
        asked.among(AuditEntry.objects.all()),
        ORDER,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=size,
        at=lambda entry: (entry.at.isoformat(), entry.pk),
    )
    return keyset.Page(tell(found.rows), found.previous, found.next)


def tell(entries: Sequence[AuditEntry]) -> list[Told]:
    """In one query for each kind of thing that is named, however many changes there are."""
    names, reader = _names(entries), formats.Reader()
    return [_told(entry, names, reader) for entry in entries if entry.kind in audited_models()]


def _told(entry: AuditEntry, names: Names, reader: formats.Reader) -> Told:
    model = audited_models()[entry.kind]
    return Told(
        entry,
        names[User].get(entry.user_id or 0, "") or entry.actor,
        str(capfirst(model._meta.verbose_name)),
        names[model].get(entry.object_id) or _owner(model, entry, names) or _called_then(model, entry.name) or NOTHING,
        TONES[entry.operation],
        lines(entry, model, names, reader),
    )


def _owner(model: type[models.Model], entry: AuditEntry, names: Names) -> str:
    """What it belongs to, or belonged to."""
    trigger = trigger_of(model)
    if not trigger or not trigger.owner:
        return ""
    field: models.ForeignKey = model._meta.get_field(trigger.owner)  # type: ignore[assignment]
    values = entry.after or entry.before
    return names[field.related_model].get(values.get(field.column) or 0, "")  # type: ignore[index]


def _called_then(model: type[models.Model], name: str) -> str:
    """Of what is gone: by the name the audit has for it."""
    return getattr(model, "called", str)(name) if name else ""


def _names(entries: Sequence[AuditEntry]) -> Names:
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for entry in entries:
        if model := audited_models().get(entry.kind):
            wanted[model].add(entry.object_id)
            _references(model, entry, wanted)
        if entry.user_id:
            wanted[User].add(entry.user_id)
    return defaultdict(dict, {model: _called(model, ids) for model, ids in wanted.items()})


def _references(model: type[models.Model], entry: AuditEntry, wanted: dict[type[models.Model], set[int]]) -> None:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            found = {values.get(field.column) for values in (entry.before, entry.after)}
            if found := found - {None}:
                wanted[field.related_model] |= found  # type: ignore[index, arg-type]


def _called(model: type[models.Model], ids: set[int]) -> dict[int, str]:
    rows = model._default_manager.filter(pk__in=ids)
    if (trigger := trigger_of(model)) and trigger.related:
        rows = rows.select_related(*trigger.related)
    return {row.pk: str(row) for row in rows}
