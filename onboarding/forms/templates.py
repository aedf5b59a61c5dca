"""The editor of checklist templates: a form a step. What a step may say is the verb's business (domain/templates)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.enums import TouchModel
from accounts.forms import needed
from accounts.forms.remembering import Remembering
from accounts.models import Segment
from onboarding.domain.templates.checks import LONGEST_TEXT, LONGEST_TITLE, NUMBERS, values_of
from onboarding.domain.templates.differences import due_of, ticked_by
from onboarding.domain.templates.texts import text_of
from onboarding.domain.wording import name_of
from onboarding.enums import OffsetUnit, StepOwner
from onboarding.models import ChecklistTemplate, SessionType, TemplateStep

ACTIONS = "known-actions"  # the list of suggestions in the page
HERE = "here"  # stands in the page with the fields of a step


class TemplateForm(Remembering, forms.Form):
    """What it is called, and whom it is for."""

    mark_optional = False

    name = forms.CharField(label=_("Name"), max_length=120, error_messages=needed.NAME)
    segments = forms.ModelMultipleChoiceField(
        Segment.objects.all(), label=_("Segments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    touch_models = forms.MultipleChoiceField(
        label=_("Touch models"), choices=TouchModel.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, template: ChecklistTemplate | None = None) -> None:
        self.template = template
        super().__init__(data, initial=self.initial_of(template) if template else None)
        if template:
            self.remember_what_was_seen()
        if not Segment.objects.exists():
            del self.fields["segments"]

    @staticmethod
    def initial_of(template: ChecklistTemplate) -> dict[str, Any]:
        return {
            "name": template.name,
            "segments": template.segments.all(),
            "touch_models": template.touch_models,
        }

    def values(self) -> dict[str, Any]:
        stored = self.initial_of(self.template) if self.template else {"segments": ()}
        return {**stored, **self.changed}


class NewTemplateForm(TemplateForm):
    like = forms.ModelChoiceField(
        ChecklistTemplate.objects.all(), label=_("Begin with the steps of"), required=False, empty_label=_("nothing")
    )


class StepForm(forms.Form):
    mark_optional = False

    video_url = forms.CharField(
        label=_("Video"), max_length=400, required=False, help_text=_("An address that begins with https://.")
    )
    owner = forms.ChoiceField(
        label=_("Whose step"),
        choices=StepOwner.choices,
        help_text=_(
            "Customers read the text of the CSM’s steps, too: what is for the team alone goes into a playbook."
        ),
    )
    offset = forms.IntegerField(
        label=_("Due after"),
        min_value=NUMBERS["offset"][0],
        max_value=NUMBERS["offset"][1],
        error_messages=needed.WHOLE_NUMBER,
    )
    offset_unit = forms.ChoiceField(label=_("Counted in"), choices=OffsetUnit.choices)
    duration = forms.IntegerField(
        label=_("Takes, working days"),
        min_value=NUMBERS["duration"][0],
        max_value=NUMBERS["duration"][1],
        error_messages=needed.WHOLE_NUMBER,
    )
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=NUMBERS["weight"][0],
        max_value=NUMBERS["weight"][1],
        error_messages=needed.WHOLE_NUMBER,
        help_text=_("Its part of the engagement score."),
    )
    required = forms.BooleanField(label=_("Required to finish"), required=False)
    activation = forms.BooleanField(
        label=_("This is the activation"),
        required=False,
        help_text=_("The moment of first value: time to first value is measured to here."),
    )
    after = forms.MultipleChoiceField(
        label=_("Comes after"), required=False, choices=(), widget=forms.CheckboxSelectMultiple
    )
    auto_action = forms.CharField(
        label=_("Product event"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": ACTIONS, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Empty: somebody ticks it."),
    )
    auto_count = forms.IntegerField(
        label=_("How many"),
        min_value=NUMBERS["auto_count"][0],
        max_value=NUMBERS["auto_count"][1],
        error_messages=needed.WHOLE_NUMBER,
    )
    auto_distinct = forms.CharField(
        label=_("Different"),
        max_length=60,
        required=False,
        help_text=_("A property of the event that is counted once each, such as user."),
    )
    auto_since_start = forms.BooleanField(label=_("Only what happens from the start on"), required=False)
    session_type = forms.TypedChoiceField(
        label=_("Session"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=(),
        help_text=_("Booked from this step; attended, it ticks the step."),
    )

    DUE = ("offset", "offset_unit", "duration")

    def __init__(
        self,
        data: Any = None,
        *,
        key: str,
        step: TemplateStep | None = None,
        sessions: Sequence[tuple[int, str]] = (),
    ) -> None:
        self.key, self.step = key, step
        # A step that was never opened in the page posts its key alone: it is as it is stored.
        here = data is not None and f"{key}-{HERE}" in data
        super().__init__(data if here else None, prefix=key, initial=self.initial_of(step or TemplateStep(key=key)))
        for code, _name in settings.LANGUAGES:
            self.fields[f"title_{code}"] = forms.CharField(
                label=_("Title"), max_length=LONGEST_TITLE, required=False, widget=forms.TextInput(attrs={"lang": code})
            )
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Text"),
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea(attrs={"lang": code, "rows": 5}),
                help_text=_("Markdown: **bold**, *italic*, - lists, [words](https://…)."),
            )
        self.fields["session_type"].choices = [("", pgettext_lazy("session", "none")), *sessions]  # type: ignore[attr-defined]

    def offer(self, steps: Sequence[tuple[str, str]]) -> None:
        """What it may come after: all the others, by what they are called."""
        self.fields["after"].choices = [pair for pair in steps if pair[0] != self.key]  # type: ignore[attr-defined]

    def refuse(self, field: str, sentences: list[str]) -> None:
        """What the verb says, at its field, unless that is wrong already: then it knows nothing of what was typed. One
        that was not opened can be what is wrong, too: another has become the activation that it is."""
        if field not in self.errors:
            if not self.is_bound:
                self.cleaned_data = dict(self.initial)
            self.add_error(field if field in self.fields else None, sentences)

    @staticmethod
    def initial_of(step: TemplateStep) -> dict[str, Any]:
        initial = {name: getattr(step, name) for name in StepForm.base_fields if name != "session_type"}
        initial["session_type"] = step.session_type_id
        for code, said in step.texts.items():
            initial |= {f"title_{code}": said.get("title", ""), f"text_{code}": said.get("text", "")}
        return initial

    def values(self) -> dict[str, Any]:
        """As the verb takes it."""
        if not self.is_bound:
            return values_of(self.step) if self.step else {"key": self.key}
        given = dict(self.cleaned_data)
        texts = {
            code: {"title": given.pop(f"title_{code}", ""), "text": given.pop(f"text_{code}", "")}
            for code, _name in settings.LANGUAGES
        }
        return {**given, "key": self.key, "texts": texts}

    def is_fine(self) -> bool:
        return not self.is_bound or self.is_valid()

    # For the page --------------------------------------------------------------------------------

    def languages(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        for code, _name in settings.LANGUAGES:
            yield code, self[f"title_{code}"], self[f"text_{code}"]

    @property
    def title(self) -> str:
        for code, _name in settings.LANGUAGES:
            if title := self[f"title_{code}"].value():
                return str(title)
        return text_of(self.step or TemplateStep(key=self.key)).title

    @property
    def missing(self) -> list[str]:
        """Languages it has no title in."""
        return [code for code, _name in settings.LANGUAGES if not self[f"title_{code}"].value()]

    @property
    def told(self) -> TemplateStep:
        """What the line of the step says, as far as what is typed makes sense."""
        step = TemplateStep(key=self.key)
        for name in ("offset", "weight", "auto_count"):
            setattr(step, name, _number(self[name].value()))
        for name in ("owner", "offset_unit", "auto_action", "auto_distinct"):
            setattr(step, name, self[name].value() or getattr(step, name))
        for name in ("required", "activation", "auto_since_start"):
            setattr(step, name, bool(self[name].value()))
        return step

    def due(self) -> str:
        return due_of(self.told)

    def ticked_by(self) -> str:
        return ticked_by(self.told)


def _number(given: Any) -> int:
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def session_choices(kept: Iterable[int | None] = ()) -> list[tuple[int, str]]:
    """Those on offer, and those that a step has already."""
    kept = set(kept)
    found = [kind for kind in SessionType.objects.all() if kind.active or kind.pk in kept]
    return [(kind.pk, name_of(kind)) for kind in found]


def with_step(data: Any, key: str, values: Mapping[str, Any]) -> Any:
    """What was posted, and one step more."""
    more = data.copy()
    more.appendlist("step", key)
    more[f"{key}-{HERE}"] = "1"
    for name, value in values.items():
        more[f"{key}-{name}"] = value
    return more


class PublishForm(forms.Form):
    mark_optional = False

    note = forms.CharField(
        label=_("What has changed"), max_length=400, required=False, help_text=_("For those who look at the history.")
    )
