"""How likely a customer is to renew, as they tell it themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import IntentFactor

LONGEST_COMMENT = 5000
WRONG_SCORE = _("Choose a whole number from 0 to 10.")


class IntentForm(forms.Form):
    score = forms.ChoiceField(
        choices=[(str(n), str(n)) for n in range(11)],
        widget=forms.RadioSelect,
        error_messages={"required": WRONG_SCORE, "invalid_choice": WRONG_SCORE},
    )
    factors = forms.MultipleChoiceField(
        label=_("What does it depend on?"),
        choices=IntentFactor.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose from the list.")},
    )
    comment = forms.CharField(
        label=_("Is there something you would like us to know?"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )

    @property
    def chosen(self) -> str:
        return str(self["score"].value() or "")

    @property
    def named(self) -> list[str]:
        given: Any = self["factors"].value()
        return list(given or [])
