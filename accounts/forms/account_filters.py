"""What the reader of the account list asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.listing import CURRENT, DEFAULT_SORT, NOBODY, SORTS, Filters, Sort
from accounts.enums import Band, Stage, TouchModel
from accounts.forms.inputs import DayInput
from accounts.models import Segment, User

MINE = "me"


@dataclass
class Choices:
    """Segments and people by id, read once for the filters and for the rows."""

    reader: User

    @cached_property
    def segments(self) -> dict[int, str]:
        return dict(Segment.objects.order_by("position", "name").values_list("pk", "name"))

    @cached_property
    def _team(self) -> list[tuple[int, str, str, bool, str]]:
        return list(User.objects.order_by("name", "pk").values_list("pk", "name", "email", "is_active", "role"))

    @cached_property
    def people(self) -> dict[int, str]:
        return {pk: name or email for pk, name, email, *_rest in self._team}

    @cached_property
    def workers(self) -> list[tuple[str, str]]:
        return [(str(pk), name or email) for pk, name, email, active, role in self._team if active and role != "viewer"]


def options(choices: Iterable[tuple[Any, Any]], chosen: str = "") -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if str(value) == chosen else "", title) for value, title in choices),
    )


# Safe: a constant of ours.
SELECTED = mark_safe(" selected")


class AmountField(forms.DecimalField):
    default_error_messages = {"invalid": _("This is not an amount, so it was left out.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, max_digits=18, decimal_places=6, widget=forms.TextInput, **kwargs)

    def to_python(self, value: Any) -> Any:
        # Addresses are shared between readers of all languages: a point, or the comma somebody typed.
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class DayField(forms.DateField):
    default_error_messages = {"invalid": _("This is not a date, so it was left out. Write it as 2026-11-30.")}
    widget = DayInput(format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, input_formats=["%Y-%m-%d"], **kwargs)


class FilterForm(forms.Form):
    """What the address says. A bad value gets its sentence; the others still count (see `filters`)."""

    mark_optional = False

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    band = forms.MultipleChoiceField(label=_("Band"), required=False, choices=Band.choices)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    csm = forms.ChoiceField(label=_("CSM"), required=False)
    stage = forms.ChoiceField(
        label=_("Stage"),
        required=False,
        choices=[("", _("Any stage")), (CURRENT, _("All but churned")), *Stage.choices],
    )
    touch = forms.ChoiceField(
        label=_("Touch model"), required=False, choices=[("", _("Any touch model")), *TouchModel.choices]
    )
    mrr_from = AmountField(label=_("MRR from"))
    mrr_to = AmountField(label=_("MRR to"))
    decision_from = DayField(label=_("Decision from"))
    decision_to = DayField(label=_("Decision to"))
    sort = forms.ChoiceField(
        label=_("Sort"), required=False, choices=[(key, sort.title) for key, sort in SORTS.items()]
    )

    data: QueryDict

    def __init__(self, data: QueryDict, choices: Choices) -> None:
        super().__init__(data, auto_id="filter-%s")
        unknown = _("There is no such choice any more, so it was left out.")
        for name in ("band", "segment", "csm", "stage", "touch", "sort"):
            self.fields[name].error_messages["invalid_choice"] = unknown
        nobody = pgettext_lazy("CSM", "Nobody")
        self.fields["segment"].choices = [  # type: ignore[attr-defined]
            ("", _("Any segment")),
            *((str(pk), name) for pk, name in choices.segments.items()),
            (NOBODY, _("Without segment")),
        ]
        self.fields["csm"].choices = [  # type: ignore[attr-defined]
            ("", _("Any CSM")),
            (MINE, _("Me")),
            (NOBODY, nobody),
            *choices.workers,
        ]
        self.reader, self.workers = choices.reader, choices.workers

    def clean(self) -> None:
        for low, high, sentence in (
            ("mrr_from", "mrr_to", _("This is less than the amount to start from, so it was left out.")),
            ("decision_from", "decision_to", _("This is before the day to start from, so it was left out.")),
        ):
            start, end = self.cleaned_data.get(low), self.cleaned_data.get(high)
            if start is not None and end is not None and end < start:
                self.add_error(high, sentence)

    @cached_property
    def filters(self) -> Filters:
        """Of what was good."""
        self.is_valid()
        good = self.cleaned_data
        csm = good.get("csm", "")
        return Filters(
            q=good.get("q", ""),
            segment=good.get("segment", ""),
            bands=tuple(band for band in Band.values if band in self.data.getlist("band")),
            csm=str(self.reader.pk) if csm == MINE else csm,
            stage=good.get("stage", ""),
            touch=good.get("touch", ""),
            mrr_from=good.get("mrr_from"),
            mrr_to=good.get("mrr_to"),
            decision_from=good.get("decision_from"),
            decision_to=good.get("decision_to"),
        )

    @cached_property
    def chosen_sort(self) -> Sort:
        self.is_valid()
        return SORTS.get(self.cleaned_data.get("sort", ""), DEFAULT_SORT)

    @property
    def sort_options(self) -> SafeString:
        titles = ((sort.key, f"{sort.title} {'↓' if sort.descending else '↑'}") for sort in SORTS.values())
        return options(titles, self.chosen_sort.key)

    @property
    def worker_options(self) -> SafeString:
        return options(self.workers)

    @property
    def selects(self) -> list[dict[str, Any]]:
        return [self._drawn(name) for name in ("segment", "csm", "stage", "touch")]

    @property
    def more(self) -> list[dict[str, Any]]:
        return [self._drawn(name) for name in ("mrr_from", "mrr_to", "decision_from", "decision_to")]

    def _drawn(self, name: str) -> dict[str, Any]:
        """Drawn by hand in the template: nine fields by Django's own cost as much as twenty accounts."""
        field = self.fields[name]
        return {
            "name": name,
            "id": f"filter-{name}",
            "label": field.label,
            "value": self.data.get(name, ""),
            "options": options(getattr(field, "choices", ()), self.data.get(name, "")),
            "type": field.widget.input_type,
            "errors": self.errors.get(name, ()),
        }

    @property
    def sentences(self) -> list[tuple[Any, str]]:
        """What is wrong, by the field's name."""
        return [(self.fields[n].label or n, str(error)) for n, errors in self.errors.items() for error in errors]
