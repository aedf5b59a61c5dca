"""What is written about readings and scores."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import needed
from accounts.forms.customers import InPlace
from accounts.forms.inputs import DayInput
from accounts.forms.remembering import Remembering
from accounts.models import Plan, Segment
from health.domain.actions import MOST_IMPACT, MOST_TARGET
from health.domain.models import CUSTOM_KEY
from health.models import Action, ScoreModelVersion
from health.registry import CUSTOM, indicator, indicators

FEELINGS = [
    (1, _("1: we are losing them")),
    (2, _("2: worried")),
    (3, _("3: so so")),
    (4, _("4: good")),
    (5, _("5: excellent")),
]


WHICH_DAY = {"required": _("Choose a day.")}


class PulseForm(InPlace):
    mark_optional = False
    wide = ("value", "reason")

    # Nothing is chosen for them: whoever only writes a reason has said no number.
    value = forms.TypedChoiceField(
        label=_("How do you feel about them?"),
        choices=FEELINGS,
        coerce=int,
        widget=forms.RadioSelect(attrs={"autofocus": True}),
        error_messages={"required": _("Choose one of the values.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: a number alone helps nobody later.")},
    )


class DayForm(forms.Form):
    """A past day, or two."""

    mark_optional = False
    on = forms.DateField(required=False, widget=DayInput(format="%Y-%m-%d"))

    def day(self) -> date | None:
        return self.cleaned_data.get("on") if self.is_valid() else None


class MovesForm(forms.Form):
    mark_optional = False
    day_from = forms.DateField(label=_("From"), widget=DayInput(format="%Y-%m-%d"), error_messages=WHICH_DAY)
    day_to = forms.DateField(label=_("To"), widget=DayInput(format="%Y-%m-%d"), error_messages=WHICH_DAY)

    def clean(self) -> None:
        first, second = self.cleaned_data.get("day_from"), self.cleaned_data.get("day_to")
        if first and second and first >= second:
            self.add_error("day_from", _("Choose an earlier day."))


class WeightsForm(forms.Form):
    """A weight for each indicator, and one for a program's own key."""

    mark_optional = False
    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: ScoreModelVersion) -> None:
        super().__init__(data, initial={"based_on": version.number})
        own = [key for key in version.indicators if key.startswith(CUSTOM)]
        self.keys = [*(i.key for i in indicators), *own]
        for key in self.keys:
            self.fields[self.name(key)] = self._field(key, version.weight_of.get(key, 0))
        self.fields["custom_key"] = forms.CharField(
            label=_("Another key"),
            required=False,
            max_length=60,
            help_text=_("A key that a program sends readings under."),
        )
        self.fields["custom_weight"] = self._weight(label=_("Its weight"), required=False)
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=400)

    @staticmethod
    def name(key: str) -> str:
        return "weight_" + key.replace(":", "__")

    @staticmethod
    def _weight(**kwargs: Any) -> forms.IntegerField:
        widget = forms.NumberInput(attrs={"min": 0, "max": 100, "step": 1, "data-weight": True})
        return forms.IntegerField(
            min_value=0, max_value=100, widget=widget, error_messages=needed.WHOLE_NUMBER, **kwargs
        )

    def _field(self, key: str, weight: int) -> forms.IntegerField:
        known = indicator(key)
        return self._weight(label=known.label, initial=weight, help_text=known.help)

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        return [self[self.name(key)] for key in self.keys]

    def clean_custom_key(self) -> str:
        key = self.cleaned_data["custom_key"].strip()
        if key and not CUSTOM_KEY.fullmatch(f"{CUSTOM}{key}"):
            raise forms.ValidationError(_("Small letters, digits, - and _, beginning with a letter or digit."))
        return key

    def weights(self) -> dict[str, int]:
        values = self.cleaned_data
        found = {key: values[self.name(key)] for key in self.keys}
        if values["custom_key"] and values["custom_weight"]:
            found[f"{CUSTOM}{values['custom_key']}"] = values["custom_weight"]
        return found


class ActionForm(Remembering, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, error_messages=needed.NAME)
    impact = forms.IntegerField(
        label=_("Impact"),
        min_value=0,
        max_value=MOST_IMPACT,
        help_text=_("Points for each time it is done."),
        error_messages=needed.WHOLE_NUMBER,
    )
    plans = forms.ModelMultipleChoiceField(
        Plan.objects.all(),
        label=_("Plans that include it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The indicator Depth looks at these."),
    )

    def __init__(self, data: Any = None, *, action: Action) -> None:
        super().__init__(data, initial={"name": action.name, "impact": action.impact, "plans": action.plans.all()})
        self.remember_what_was_seen()


class TargetsForm(Remembering, forms.Form):
    """Points per seat in 28 days: for all, and for each segment that has its own."""

    default = forms.IntegerField(
        label=_("All segments"), min_value=1, max_value=MOST_TARGET, error_messages=needed.WHOLE_NUMBER
    )

    def __init__(self, data: Any = None, *, targets: dict[int | None, int], segments: Sequence[Segment]) -> None:
        super().__init__(data, initial={"default": targets.get(None)})
        self.segments = list(segments)
        for segment in self.segments:
            self.fields[f"segment_{segment.pk}"] = forms.IntegerField(
                label=segment.name,
                min_value=1,
                max_value=MOST_TARGET,
                required=False,
                initial=targets.get(segment.pk),
            )
        self.remember_what_was_seen()

    def targets(self) -> dict[Segment | None, int | None]:
        return dict(self._targets())

    def _targets(self) -> Iterator[tuple[Segment | None, int | None]]:
        changed = self.changed
        if "default" in changed:
            yield None, changed["default"]
        for segment in self.segments:
            if (name := f"segment_{segment.pk}") in changed:
                yield segment, changed[name]
