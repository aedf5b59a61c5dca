"""Forms that write what their reader has changed: what others have done to the row meanwhile stays. What is one whole,
and is written as such, has an editor that says which state of it was read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.forms import BaseForm, BaseFormSet
from django.utils.dateparse import parse_datetime

NEVER = datetime.min.replace(tzinfo=UTC)


def seen_at(data: Mapping[str, Any]) -> datetime:
    """The state that the editor showed, by when it was written. One that is left out, or made up, is none there was:
    nothing is overwritten by who has not read it."""
    try:
        return parse_datetime(data.get("seen", "")) or NEVER
    except ValueError:
        return NEVER


def _was_seen(data: Mapping[str, Any]) -> bool:
    """Not so what a program sends: it has not read the page."""
    return any(name.startswith("initial-") for name in data)


class Remembering(BaseForm):
    """Each field carries what it showed along, once `remember_what_was_seen` is called."""

    always: tuple[str, ...] = ()
    remembers = False

    def remember_what_was_seen(self) -> None:
        self.remembers = True
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def touched(self) -> set[str]:
        """The names of those that this reader has changed; of a new row, all."""
        if self.remembers and _was_seen(self.data):
            return {*self.changed_data, *self.always}
        return {*self.fields, *self.always}

    @property
    def changed(self) -> dict[str, Any]:
        touched = self.touched
        return {name: value for name, value in self.cleaned_data.items() if name in touched}


class RememberingRow(Remembering, forms.ModelForm):
    """Of a row that is there, only the columns that were changed are written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.remember_what_was_seen()

    def save(self, commit: bool = True) -> Any:
        if not (self.remembers and commit):
            return super().save(commit)
        self.instance.save(update_fields=list(self.changed))
        return self.instance


class RememberedRows(BaseFormSet):
    """The rows of a small table, which is written as a whole: by who has changed any of it."""

    def add_fields(self, form: BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.show_hidden_initial = True

    @property
    def are_touched(self) -> bool:
        return self.has_changed() or not _was_seen(self.data)
