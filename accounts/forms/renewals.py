"""Forms about one renewal. What a field can know is checked here; the verbs in domain/renewals/ check the rest."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain.renewals import work
from accounts.enums import ChurnReason, RenewalStage
from accounts.forms.numbers import NumberField
from accounts.forms.queue import FIRST, TellingForm
from accounts.models import Renewal, User

HUNDRED = Decimal(100)


class ChanceField(forms.DecimalField):
    """A probability in per cent, as people say it; given to the rest as a share of 1."""

    default_error_messages = {"invalid": _("This is no number. Write 70 for seventy per cent.")}

    def __init__(self, **kwargs: Any) -> None:
        inputs = {"inputmode": "decimal", "list": "chances", "autocomplete": "off"}
        widget = forms.TextInput(attrs={**inputs, **kwargs.pop("attrs", {})})
        super().__init__(min_value=0, max_value=100, max_digits=6, decimal_places=1, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = value.replace(",", ".").strip().rstrip("%").strip() if isinstance(value, str) else value
        return super().to_python(text)

    def clean(self, value: Any) -> Decimal | None:
        chance = super().clean(value)
        return None if chance is None else chance / HUNDRED

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * HUNDRED).normalize():f}" if isinstance(value, Decimal) else value


class VerbForm(TellingForm):
    verb: Callable[..., Renewal]

    def carry_out(self, renewal: Renewal, by: User) -> Renewal:
        return type(self).verb(renewal.pk, by=by, **self.cleaned_data)


class StageForm(VerbForm):
    verb = work.move_stage
    stage = forms.CharField(max_length=20, error_messages={"required": _("Choose a stage; an outcome is decided.")})


class CallForm(VerbForm):
    verb = work.call
    probability = ChanceField(
        label=_("How likely is it that they renew, in %?"),
        attrs=FIRST,
        error_messages={"required": _("Say how likely it is.")},
    )
    reason = forms.CharField(
        label=_("What makes you think so?"), max_length=400, error_messages={"required": _("Say why.")}
    )


class TakeBackForm(VerbForm):
    """Health's word counts again."""

    verb = work.call
    reason = forms.CharField(
        label=_("Why do you take it back?"),
        max_length=400,
        widget=forms.TextInput(attrs=FIRST),
        error_messages={"required": _("Say why.")},
    )

    def carry_out(self, renewal: Renewal, by: User) -> Renewal:
        return work.call(renewal.pk, None, by=by, **self.cleaned_data)


class SettleForm(VerbForm):
    verb = work.settle
    note = forms.CharField(
        label=_("What did you find?"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2, **FIRST}),
        error_messages={"required": _("Say what you found.")},
    )
    probability = ChanceField(
        label=_("Your call from now on, in %"), required=False, help_text=_("Empty: the probability stays as it is.")
    )


class DecideForm(VerbForm):
    mark_optional = False  # which fields there are follows from the outcome
    verb = work.decide
    outcome = forms.ChoiceField(
        label=_("What was decided?"),
        choices=[(stage.value, stage.label) for stage in RenewalStage.decided()],
        widget=forms.RadioSelect(attrs=FIRST),
        error_messages={
            "required": _("Choose an outcome: renewed, expanded, contracted or lost."),
            "invalid_choice": _("Choose an outcome: renewed, expanded, contracted or lost."),
        },
    )
    mrr = NumberField(
        label=_("MRR from the next term on"),
        required=False,
        max_digits=18,
        decimal_places=2,  # nobody means 1.234 by "1,234"
        error_messages={"invalid": _("This is no number.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(
        label=_("Why do they leave?"), required=False, choices=[("", _("Choose…")), *ChurnReason.choices]
    )
    comment = forms.CharField(
        label=_("In their words"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def carry_out(self, renewal: Renewal, by: User) -> Renewal:
        """Of what was typed, only what goes with the outcome."""
        good = self.cleaned_data
        changes = good["outcome"] in {RenewalStage.EXPANDED, RenewalStage.CONTRACTED}
        lost = good["outcome"] == RenewalStage.LOST
        return work.decide(
            renewal.pk,
            good["outcome"],
            by=by,
            mrr=good["mrr"] if changes else None,
            reason=good["reason"] if lost else "",
            comment=good["comment"],
        )
