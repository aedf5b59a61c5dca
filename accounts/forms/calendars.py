from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.registry import calendar_sources


class CalendarForm(forms.Form):
    """What a calendar address shows."""

    sources = forms.MultipleChoiceField(
        label=_("What it shows"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the calendar shows.")},
    )
    team = forms.ChoiceField(
        label=_("Whose"),
        choices=[("", _("My customers'")), ("team", _("The whole team's"))],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(source.key, source.title) for source in calendar_sources.sorted()]
        self.fields["sources"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("sources", [key for key, _title in choices])
        self.initial.setdefault("team", "")

    def clean_team(self) -> bool:
        return bool(self.cleaned_data["team"])
