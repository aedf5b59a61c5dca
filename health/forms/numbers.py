"""The numbers of a score model beside its weights, on the editor's page."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from health.domain.models import numbers_of
from health.domain.numbers import BOUNDS, MOST_STEPS
from health.enums import Severity
from health.models import ScoreModelVersion

LABELS = {
    "red": _("Red up to"),
    "yellow": _("Yellow up to"),
    "green": _("Green up to"),
    "cap": _("An indicator holds at yellow up to"),
    "known": _("Known weight at least, %"),
    "usage_days": _("Usage, depth and momentum look back, days"),
    "nps_days": _("NPS looks back, days"),
    "support_days": _("Support looks back, days"),
    "relationship_days": _("Relationship falls to 0 in, days"),
    "ttv_target_days": _("First value within, days, is worth 100"),
    "ttv_zero_days": _("First value after, days, is worth 0"),
    "pulse_days": _("A pulse holds, days"),
    "custom_days": _("A custom reading holds, days"),
}
HELP = {
    "green": _("Above it: thriving."),
    "cap": _("While one is that low, the band is yellow at best."),
    "usage_days": _("The target of points is for as many days."),
    "known": _("With less, the band is unknown and no playbook of bands runs."),
}
DAYS = tuple(name for name in BOUNDS if name.endswith("_days"))
PARTS = (
    (_("Bands"), ("red", "yellow", "green", "cap", "known")),
    (_("Windows and validities"), DAYS),
)


class NumbersForm(forms.Form):
    """What a form does not have (a script's) stays as it is in the version in force."""

    mark_optional = False

    def __init__(self, data: Any = None, *, version: ScoreModelVersion) -> None:
        super().__init__(data)
        thresholds, parameters = numbers_of(version)
        now = {**vars(thresholds), **vars(parameters)}
        for name, (least, most) in BOUNDS.items():
            self._add(name, LABELS[name], now[name], (least, most), help_text=HELP.get(name, ""))
        for key, label in Severity.choices:
            self._add(f"severity_{key}", label, now["severity"][key], (0, 100))
        for number in range(1, MOST_STEPS + 1):
            days, value = now["billing"][number - 1] if number <= len(now["billing"]) else (None, None)
            self._add(f"billing_days_{number}", _("From day"), days, required=False)
            self._add(f"billing_value_{number}", _("Value"), value, required=False)

    def _add(self, name: str, label: Any, value: int | None, bounds: tuple[int, int] = (0, 365), **kwargs: Any) -> None:
        if self.data and name not in self.data:
            return
        # The bounds are the verb's to check: its sentence is the one that is shown.
        widget = forms.NumberInput(attrs={"min": bounds[0], "max": bounds[1], "step": 1})
        self.fields[name] = forms.IntegerField(label=label, initial=value, widget=widget, **kwargs)

    @property
    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        named = [(title, [self[name] for name in names if name in self.fields]) for title, names in PARTS]
        return [*named, (_("A ticket weighs"), [self[f"severity_{key}"] for key in self._severities()])]

    @property
    def steps(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"billing_days_{n}"], self[f"billing_value_{n}"]) for n in self._steps()]

    def _severities(self) -> Iterator[str]:
        return (key for key in Severity.values if f"severity_{key}" in self.fields)

    def _steps(self) -> Iterator[int]:
        names = ("billing_days", "billing_value")
        return (n for n in range(1, MOST_STEPS + 1) if all(f"{name}_{n}" in self.fields for name in names))

    def numbers(self) -> dict[str, Any]:
        """As domain/numbers takes them."""
        values = self.cleaned_data
        found: dict[str, Any] = {name: values[name] for name in BOUNDS if name in values}
        if severity := {key: values[f"severity_{key}"] for key in self._severities()}:
            found["severity"] = severity
        if numbers := list(self._steps()):
            pairs = [(values[f"billing_days_{n}"], values[f"billing_value_{n}"]) for n in numbers]
            found["billing"] = [pair for pair in pairs if pair != (None, None)]
        return found

    def show(self, errors: dict[str, list[Any]]) -> None:
        """Sentences of the verb, beside their fields."""
        for name, sentences in errors.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, str(sentence))
