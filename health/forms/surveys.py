"""What people write on the survey's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason
from health.domain.surveys.wording import SCALES, STEPS
from health.enums import SurveyKind

LONGEST_COMMENT = 5000

COMMENT_LABELS = {
    SurveyKind.NPS: _("What is the main reason for your number?"),
    SurveyKind.CSAT: _("What made it so?"),
    SurveyKind.CHURN: _("Would you tell us more?"),
}
BOUNDS = {
    SurveyKind.NPS: _("Choose a whole number from 0 to 10."),
    SurveyKind.CSAT: _("Choose a whole number from 1 to 5."),
    SurveyKind.CHURN: _("Choose one of the reasons."),
}


class AnswerForm(forms.Form):
    """A number (or, from who has left, a reason) and a few words."""

    comment = forms.CharField(
        required=False, max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 4, "class": "input"})
    )

    def __init__(self, data: Any = None, *, kind: str, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.choice_name = "reason" if kind == SurveyKind.CHURN else "score"
        self.fields[self.choice_name] = forms.ChoiceField(
            choices=_choices(kind),
            widget=forms.RadioSelect,
            error_messages={"required": BOUNDS[SurveyKind(kind)], "invalid_choice": BOUNDS[SurveyKind(kind)]},
        )
        self.fields["comment"].label = COMMENT_LABELS[SurveyKind(kind)]

    @property
    def choice(self) -> forms.BoundField:
        return self[self.choice_name]

    def answer(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "score": int(values["score"]) if "score" in values else None,
            "reason": values.get("reason", ""),
            "comment": values["comment"],
        }


def _choices(kind: str) -> list[tuple[str, Any]]:
    if kind == SurveyKind.CHURN:
        return list(ChurnReason.choices)
    return [(str(n), STEPS[n] if kind == SurveyKind.CSAT else str(n)) for n in SCALES[kind]]
