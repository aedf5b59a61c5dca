"""What partners and those who want to be fill in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from referrals.domain.questions import Question
from referrals.domain.sharing import LONGEST_WORDS
from referrals.enums import PayoutMethod

# Which details each way of being paid wants.
DETAILS = {
    PayoutMethod.BANK: ("holder", "iban", "bic"),
    PayoutMethod.PAYPAL: ("paypal",),
    PayoutMethod.OTHER: ("other",),
}
TRAP = "homepage"  # no person sees it


class ApplicationForm(forms.Form):
    """Who applies; the program's own questions are called q_<key>."""

    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    website = forms.URLField(
        label=_("Website"),
        max_length=400,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[f"q_{question.key}"] = _field(question)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[f"q_{question.key}"] for question in self.questions]

    def answers(self) -> dict[str, str]:
        return {question.key: str(self.cleaned_data.get(f"q_{question.key}") or "") for question in self.questions}

    @property
    def trapped(self) -> bool:
        """Something has filled in what nobody sees."""
        return bool(self.data.get(TRAP))


def _field(question: Question) -> forms.Field:
    label, required = question.text, question.required
    if question.kind == "choice":
        choices = [("", _("Please choose")), *((choice, choice) for choice in question.choices)]
        return forms.ChoiceField(label=label, required=required, choices=choices)
    return forms.CharField(label=label, required=required, max_length=1000)


class FriendForm(forms.Form):
    email = forms.EmailField(label=_("Their e-mail address"), max_length=254)
    words = forms.CharField(
        label=_("A few words from you"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your link is added. Answers come to you."),
    )


class PayoutForm(forms.Form):
    """How a partner wants their money; only the details of the chosen way are kept."""

    mark_optional = False

    method = forms.ChoiceField(label=_("How"), choices=PayoutMethod.choices, widget=forms.RadioSelect)
    holder = forms.CharField(label=_("Account holder"), max_length=140, required=False)
    iban = forms.CharField(label=_("IBAN"), max_length=42, required=False)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)
    paypal = forms.EmailField(label=_("PayPal address"), max_length=254, required=False)
    other = forms.CharField(label=_("How else, and what we need for it"), max_length=400, required=False)

    def clean(self) -> None:
        method = self.cleaned_data.get("method", "")
        for name in DETAILS.get(PayoutMethod(method), ()) if method else ():
            if name != "bic" and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, _("This is needed to pay you."))
        iban = "".join(self.cleaned_data.get("iban", "").split()).upper()
        if method == PayoutMethod.BANK and iban and not is_iban(iban):
            self.add_error("iban", _("This is no IBAN: check its figures."))
        self.cleaned_data["iban"] = iban

    def details(self) -> dict[str, str]:
        names = DETAILS[PayoutMethod(self.cleaned_data["method"])]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


def is_iban(text: str) -> bool:
    """By its check digits (ISO 13616)."""
    if not (15 <= len(text) <= 34 and text.isascii() and text.isalnum() and text[:2].isalpha() and text[2:4].isdigit()):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1
