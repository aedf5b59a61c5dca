"""The survey's editor. What a survey may be is the verb's business (domain/surveys/checks)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.domain import rules
from accounts.enums import Stage
from accounts.forms import needed
from accounts.forms.remembering import Remembering
from accounts.models import Segment
from accounts.registry import activity_kinds
from health.domain.surveys.checks import FIXED, LIMITS, ROLES
from health.domain.surveys.triggers import TRIGGERS
from health.domain.surveys.wording import TEXTS, fallback, written
from health.enums import SurveyKind, SurveyStatus
from health.models import Survey

LABELS = {
    "subject": _("Subject of the mail"),
    "intro": _("Begins with"),
    "question": _("Question"),
    "thanks": _("Thanks"),
}
LONG = {"intro", "thanks"}
CHURNED = "account.churned"


class NewSurveyForm(forms.Form):
    """First what it is called and what is asked; everything else depends on that."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For you alone: customers never see it."),
        error_messages=needed.NAME,
    )
    kind = forms.ChoiceField(label=_("What is asked"), choices=SurveyKind.choices, initial=SurveyKind.NPS)

    def survey(self) -> Survey:
        kind = self.cleaned_data["kind"]
        trigger = CHURNED if kind == SurveyKind.CHURN else ""
        apart = rules.number("surveys.recontact_days")
        return Survey(name=self.cleaned_data["name"], kind=kind, trigger=trigger, recontact_days=apart)


class SurveyForm(Remembering, forms.Form):
    """Words in each language, whom it asks, how often, and what sets it off."""

    mark_optional = False

    name = forms.CharField(label=_("Name"), max_length=120, error_messages=needed.NAME)
    trigger = forms.ChoiceField(label=_("Asked when"), required=False)
    segments = forms.ModelMultipleChoiceField(
        Segment.objects.all(), label=_("Segments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    stages = forms.MultipleChoiceField(
        label=_("Stages"), required=False, choices=Stage.choices, widget=forms.CheckboxSelectMultiple
    )
    roles = forms.MultipleChoiceField(
        label=_("People"), required=False, choices=list(ROLES.items()), widget=forms.CheckboxSelectMultiple
    )
    min_account_days = forms.IntegerField(
        label=_("Customers for at least, days"),
        min_value=0,
        error_messages=needed.WHOLE_NUMBER,
        help_text=_("Newer accounts are not asked yet."),
    )
    recontact_days = forms.IntegerField(
        label=_("Days between two surveys"),
        error_messages=needed.WHOLE_NUMBER,
        min_value=0,
        help_text=_("Whoever got any survey of ours in that time is not asked."),
    )
    sample_percent = forms.DecimalField(
        label=_("Sample, %"),
        error_messages={"required": _("Give a number.")},
        max_digits=5,
        decimal_places=2,
        help_text=_("The same people each time; a larger share only adds some."),
    )
    per_day = forms.IntegerField(
        label=_("Invites a day at the most"), min_value=1, required=False, help_text=_("Empty: as fast as it goes.")
    )
    remind_after_days = forms.IntegerField(
        label=_("One reminder after, days"), min_value=1, required=False, help_text=_("Empty: no reminder.")
    )

    def __init__(self, data: Any = None, *, survey: Survey) -> None:
        super().__init__(data, initial=_initial(survey))
        self.survey = survey
        for code, _name in settings.LANGUAGES:
            for name in TEXTS:
                self.fields[f"{name}_{code}"] = _text_field(survey, code, name)
        self.fields["trigger"].choices = _triggers(survey)  # type: ignore[attr-defined]
        if survey.status != SurveyStatus.DRAFT:
            for name in (*FIXED, "segments"):
                if name in self.fields:
                    self.fields[name].disabled = True
        if survey.pk:
            self.remember_what_was_seen()

    @property
    def languages(self) -> list[tuple[str, Any, list[forms.BoundField], bool]]:
        """Code, name, fields, and whether anything is written or wrong there."""
        rows = []
        for code, name in settings.LANGUAGES:
            fields = [self[f"{text}_{code}"] for text in TEXTS]
            rows.append((code, name, fields, any(field.value() or field.errors for field in fields)))
        return rows

    def apply(self) -> Survey:
        """The survey with what was typed, not saved."""
        for name, value in self.changed.items():
            if name in SurveyForm.base_fields and name != "segments":
                setattr(self.survey, name, value)
        self.survey.texts = self.texts()
        return self.survey

    def texts(self) -> dict[str, dict[str, str]]:
        """What stands in the fields at the moment, also before it is checked."""
        return {code: {name: self._text(code, name) for name in TEXTS} for code, _name in settings.LANGUAGES}

    def _text(self, code: str, name: str) -> str:
        field = f"{name}_{code}"
        return str(self[field].value() or "") if field in self.touched else written(self.survey, code, name)


def _initial(survey: Survey) -> dict[str, Any]:
    values = {name: getattr(survey, name) for name in set(SurveyForm.base_fields) - {"segments"}}
    values["sample_percent"] = f"{Decimal(survey.sample_percent):f}".removesuffix(".00")
    values["segments"] = survey.segments.all() if survey.pk else []
    for code, _name in settings.LANGUAGES:
        values |= {f"{name}_{code}": written(survey, code, name) for name in TEXTS}
    return values


def _text_field(survey: Survey, code: str, name: str) -> forms.CharField:
    """Empty, it shows what is said instead."""
    widget = forms.Textarea(attrs={"rows": 3}) if name in LONG else forms.TextInput()
    widget.attrs |= {"placeholder": fallback(survey, code, name), "lang": code}
    return forms.CharField(label=LABELS[name], required=False, max_length=LIMITS[name], widget=widget)


def _triggers(survey: Survey) -> list[tuple[str, Any]]:
    known = [(name, label) for name, label in TRIGGERS.items() if name in activity_kinds]
    if survey.kind == SurveyKind.CHURN:
        return [(name, label) for name, label in known if name == CHURNED]
    return [("", _("When it is started, everybody at once")), *known]
