"""Forms of the imports: the file, what it is about, which column says what."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.domain.imports import presets
from accounts.domain.imports.fields import ImportField, Source
from accounts.domain.imports.guessing import Sample
from accounts.domain.imports.loader import Loader
from accounts.domain.imports.mapping import Mapping, source_of
from accounts.domain.imports.previewing import Cell, examples
from accounts.registry import import_kinds

ORDERS = [("dmy", _("day, month, year")), ("mdy", _("month, day, year"))]
DECIMALS = [(".", _("1,234.50")), (",", _("1.234,50"))]


ENCODINGS = [
    ("cp1252", _("Windows, Western Europe")),
    ("cp1250", _("Windows, Central Europe")),
    ("cp1251", _("Windows, Cyrillic")),
    ("cp1253", _("Windows, Greek")),
    ("cp1254", _("Windows, Turkish")),
    ("latin-1", _("ISO, Western Europe")),
    ("iso8859-2", _("ISO, Central Europe")),
    ("mac-roman", _("Old Macintosh")),
]
# Ids and names are made of several columns; for other fields the choice would only be in the way.
JOINED = {"external_id", "account", "event_id", "subscription", "name"}
# These stand in a table, outside the parts of a form that style their own controls.
INPUT = {"class": "input"}


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.key, kind.title) for kind in import_kinds.sorted()]


class UploadForm(forms.Form):
    mark_optional = False

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=_(
            "With the names of the columns in the first row. Comma, semicolon or tab; UTF-8, UTF-16 or Windows."
        ),
    )
    kind = forms.ChoiceField(label=_("What is in it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Find out from its columns")), *kind_choices()]  # type: ignore[attr-defined]


class KindForm(forms.Form):
    mark_optional = False

    kind = forms.ChoiceField(label=_("What is in it"), widget=forms.Select(attrs=INPUT))
    source = forms.ChoiceField(label=_("Where it comes from"), required=False, widget=forms.Select(attrs=INPUT))
    encoding = forms.ChoiceField(
        label=_("Characters"), choices=ENCODINGS, required=False, widget=forms.Select(attrs=INPUT)
    )
    header_row = forms.IntegerField(
        label=_("Names of columns in row"),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs=INPUT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]
        self.fields["source"].choices = presets.choices()  # type: ignore[attr-defined]
        if self.initial.get("encoding", ENCODINGS[0][0]) not in dict(ENCODINGS):
            del self.fields["encoding"]  # Unicode says what it is


@dataclass(frozen=True)
class FieldRow:
    """A field of the kind, with the controls that say where its value comes from."""

    declared: ImportField
    column: BoundField
    more: BoundField | None
    constant: BoundField | None
    order: BoundField | None
    decimal: BoundField | None
    examples: list[Cell]
    used: bool

    @property
    def details(self) -> list[BoundField]:
        return [bound for bound in (self.order, self.decimal, self.more, self.constant) if bound]


class MappingForm(forms.Form):
    mark_optional = False

    def __init__(self, loader: Loader, sample: Sample, mapping: Mapping, *args: Any, **kwargs: Any) -> None:
        self.loader, self.sample, self.given = loader, sample, mapping
        super().__init__(*args, **kwargs)
        for declared in loader.all_fields():
            self._add(declared, mapping.get(declared.name) or Source())
        self.fields["remember_as"] = forms.CharField(
            label=_("Remember these choices as"),
            required=False,
            max_length=80,
            help_text=_("The next file with the same columns is read the same way."),
        )

    def _add(self, declared: ImportField, source: Source) -> None:
        name, columns = declared.name, [(column, column) for column in self.sample.header]
        if declared.type == "columns":
            self.fields[f"{name}-column"] = forms.MultipleChoiceField(
                label=str(declared.label), choices=columns, required=False, initial=source.columns,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
            return
        first, second = [*source.columns, "", ""][:2]
        none = [("", "–"), *columns]
        self._choice(f"{name}-column", declared.label, none, first)
        if second or name in JOINED:
            self._choice(f"{name}-more", _("Joined with"), none, second)
        if declared.type in {"day", "moment"}:
            self._choice(f"{name}-order", _("Days as"), ORDERS, source.order)
        if declared.type in {"number", "whole"}:
            self._choice(f"{name}-decimal", _("Numbers as"), DECIMALS, source.decimal)
        self.fields[f"{name}-constant"] = forms.CharField(
            label=_("Otherwise"), required=False, max_length=200, initial=source.constant,
            widget=forms.TextInput(attrs=INPUT),
        )  # fmt: skip

    def _choice(self, name: str, label: Any, choices: list[tuple[str, Any]], initial: str) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, required=False, initial=initial, widget=forms.Select(attrs=INPUT)
        )

    def rows(self) -> list[FieldRow]:
        return [self.row(declared) for declared in self.loader.all_fields()]

    def row(self, declared: ImportField) -> FieldRow:
        source = self.source(declared) if self.is_bound else source_of(self.given, declared)
        own = self.source(declared) if self.is_bound else self.given.get(declared.name)
        bound = {part: self._bound(declared, part) for part in ("more", "constant", "order", "decimal")}
        return FieldRow(
            declared,
            self[f"{declared.name}-column"],
            **bound,
            examples=examples(declared, source, self.sample) if source else [],
            used=bool(own) or declared.required or bool(self[f"{declared.name}-column"].errors),
        )

    def _bound(self, declared: ImportField, part: str) -> BoundField | None:
        name = f"{declared.name}-{part}"
        return self[name] if name in self.fields else None

    def source(self, declared: ImportField) -> Source:
        """What the form says about one field, whether or not the rest of it is right."""
        value = lambda part: self.data.get(f"{declared.name}-{part}", "")  # noqa: E731
        if declared.type == "columns":
            columns = tuple(self.data.getlist(f"{declared.name}-column")) if self.is_bound else ()  # type: ignore[attr-defined]
            return Source(tuple(column for column in columns if column in self.sample.header))
        chosen = (value("column"), value("more") if value("column") else "")
        return Source(
            tuple(column for column in chosen if column in self.sample.header),
            constant=value("constant").strip(),
            order=value("order") if value("order") in {"dmy", "mdy"} else "dmy",
            decimal="," if value("decimal") == "," else ".",
        )

    def mapping(self) -> Mapping:
        return {f.name: source for f in self.loader.all_fields() if (source := self.source(f))}

    def refuse(self, errors: dict[str, list[Any]]) -> None:
        """Sentences by field, as mapping.check() raises them."""
        for name, sentences in errors.items():
            target = f"{name}-column"
            for sentence in sentences:
                self.add_error(target if target in self.fields else None, str(sentence))
