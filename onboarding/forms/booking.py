"""What somebody fills in to book."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import DomainError
from onboarding.domain.questions import Question, clean_answers


class VisitorForm(forms.Form):
    """Who comes, where no personal link says so."""

    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The invitation for your calendar goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class QuestionsForm(forms.Form):
    """The questions of a session type, in the reader's language. Fields are called q_<key>."""

    def __init__(self, *args: Any, questions: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"q_{question.key}"] = _field(question)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = {q.key: str(cleaned.get(f"q_{q.key}") or "") for q in self.questions}
        try:
            cleaned["answers"] = clean_answers(self.questions, given)
        except DomainError as error:
            for key, sentences in error.errors.items():
                if f"q_{key}" not in self.errors:
                    self.add_error(f"q_{key}", list(sentences))
        return cleaned


def _field(question: Question) -> forms.Field:
    label, required = question.text, question.required
    if question.kind == "choice":
        labeled = zip(question.choices, question.labels or question.choices, strict=True)
        choices = [("", _("Please choose")), *labeled]
        return forms.ChoiceField(label=label, required=required, choices=choices)
    return forms.CharField(label=label, required=required, max_length=1000)
