"""What customers fill in on their portal. Whether it can be is the domain's to say (domain/plans/quotes.py)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain.plans import Wish
from accounts.enums import ChurnReason, Interval
from accounts.models import PlanVersion, Subscription


class ChangeForm(forms.Form):
    mark_optional = False

    seats = forms.CharField(label=_("Seats"), max_length=20, widget=forms.NumberInput(attrs={"min": 1, "step": 1}))
    version = forms.ChoiceField(required=False)
    interval = forms.ChoiceField(required=False)

    def __init__(self, data: Any = None, *, subscription: Subscription, versions: Iterable[PlanVersion]) -> None:
        super().__init__(data, initial={"seats": subscription.quantity, "interval": subscription.interval})
        self.versions = {str(version.pk): version for version in versions}
        rhythms = {subscription.interval, *Interval.by_price()}
        self.fields["version"].choices = [("", ""), *((key, key) for key in self.versions)]  # type: ignore[attr-defined]
        self.fields["interval"].choices = [("", ""), *((key, key) for key in rhythms)]  # type: ignore[attr-defined]

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(given["seats"], self.versions.get(given["version"]), given["interval"])


# As they would say it themselves.
REASONS = {
    ChurnReason.COMPETITOR: _("We use another product now"),
    ChurnReason.FREE_PLAN: _("A free plan is enough for us"),
    ChurnReason.OUT_OF_BUSINESS: _("We close down, or stop this work"),
    ChurnReason.PRICE: _("It costs too much"),
    ChurnReason.MISSING_FEATURE: _("Something we need is missing"),
    ChurnReason.SUPPORT_QUALITY: _("We were not helped as we should have been"),
    ChurnReason.NO_VALUE: _("We got too little out of it"),
    ChurnReason.OTHER: _("Something else"),
}


class CancelForm(forms.Form):
    mark_optional = False

    reason = forms.ChoiceField(
        label=_("Why do you leave?"),
        choices=[(reason.value, words) for reason, words in REASONS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what comes closest.")},
    )
    comment = forms.CharField(
        label=_("In your own words"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
