"""Forms around checklists: colleagues to invite, notes on a step, a reason to stop."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.customers import InPlace
from accounts.forms.inputs import DayInput
from onboarding.domain.checklists.ending import REASON_LENGTH
from onboarding.domain.checklists.steps import NOTE_LENGTH
from onboarding.models import TemplateVersion

BUTTON = dict.fromkeys(("required", "invalid_choice"), _("Choose one of the buttons."))


class InviteForm(forms.Form):
    mark_optional = False
    emails = forms.CharField(
        label=_("E-mail address"),
        max_length=2000,
        help_text=_("Several with commas between them."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        error_messages={"required": _("Give the e-mail address of a colleague.")},
    )


class StepForm(forms.Form):
    """What is done to a step, and a word about it."""

    DO = (("tick", _("Done")), ("skip", _("Leave out")), ("na", _("Does not apply")), ("reopen", _("Open again")))
    do = forms.ChoiceField(choices=DO, widget=forms.HiddenInput, error_messages=BUTTON)
    note = forms.CharField(label=_("Note"), max_length=NOTE_LENGTH, required=False)


class VersionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.template.name)


class StartForm(InPlace):
    version = VersionField(
        TemplateVersion.objects.none(),
        label=_("Checklist template"),
        error_messages={"required": _("Choose a checklist template.")},
    )
    anchor = forms.DateField(
        label=_("Begins on"),
        required=False,
        help_text=_("Due dates count from here. Empty: today."),
        widget=DayInput(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = TemplateVersion.objects.newest().values_list("pk", flat=True)
        offered = TemplateVersion.objects.filter(pk__in=list(newest), template__retired_at=None)
        field = self.fields["version"]
        assert isinstance(field, VersionField)
        field.queryset = offered.select_related("template").order_by("template__name")


class CancelForm(InPlace):
    wide = ("reason",)
    reason = forms.CharField(
        label=_("Why"),
        max_length=REASON_LENGTH,
        help_text=_("What is done stays on the timeline."),
        error_messages={"required": _("Say why.")},
    )
