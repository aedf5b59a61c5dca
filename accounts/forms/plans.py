"""Plans and their prices as an admin fills them in."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain.account_values import refuse
from accounts.enums import Complexity, DecreaseRule, Interval, ValueMetric
from accounts.exceptions import DomainError
from accounts.forms.inputs import DayInput
from accounts.forms.remembering import RememberedRows, Remembering
from accounts.models import PlanPrice, PlanVersion, Subscription

NOW, ON_A_DAY, NEXT_TERM = "now", "day", "next_term"
WHEN = [
    (NOW, gettext_lazy("Today")),
    (NEXT_TERM, gettext_lazy("Each at its next term")),
    (ON_A_DAY, gettext_lazy("On a day that has been")),
]


class PlanForm(Remembering, forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("How files and programs name it. Made from the name if you leave it empty."),
    )
    complexity = forms.ChoiceField(
        label=gettext_lazy("Complexity"),
        choices=Complexity.choices,
        initial=Complexity.MID,
        help_text=gettext_lazy("How much new customers have to learn and set up: a part of the touch model they get."),
    )


class VersionForm(Remembering, forms.Form):
    metric = forms.ChoiceField(
        label=gettext_lazy("Value metric"), choices=ValueMetric.choices, initial=ValueMetric.SEAT
    )
    unit_name = forms.CharField(
        label=gettext_lazy("Metered unit"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("What is counted where use is metered: API call. Metered money is never a part of MRR."),
    )
    min_seats = forms.IntegerField(label=gettext_lazy("Fewest seats"), min_value=1, max_value=10_000_000, initial=1)
    max_seats = forms.IntegerField(label=gettext_lazy("Most seats"), min_value=1, max_value=10_000_000, required=False)
    decreases = forms.ChoiceField(
        label=gettext_lazy("Fewer seats or a smaller plan"), choices=DecreaseRule.choices, initial=DecreaseRule.NOW
    )
    features = forms.CharField(
        label=gettext_lazy("Included"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One line each, as customers read it."),
    )

    def __init__(self, data: Any = None, *, version: PlanVersion | None = None) -> None:
        initial = {name: getattr(version, name) for name in self.base_fields} if version else {}
        if version:
            initial["features"] = "\n".join(version.features)
        super().__init__(data, initial=initial)

    def values(self) -> dict[str, Any]:
        values = {**self.initial, **self.changed}
        return {**values, "features": values["features"].splitlines()}


class PriceForm(forms.Form):
    mark_optional = False

    interval = forms.ChoiceField(
        label=gettext_lazy("Billed every"),
        choices=[(i, i.label) for i in Interval.by_price()],
        initial=Interval.by_price()[0],  # an empty row is one that nobody has touched
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False)
    amount = forms.DecimalField(
        label=gettext_lazy("Price"), min_value=0, max_digits=18, decimal_places=8, required=False
    )
    tiers = forms.CharField(label=gettext_lazy("Tiers"), required=False, max_length=1000)
    unit_amount = forms.DecimalField(
        label=gettext_lazy("Per metered unit"), min_value=0, max_digits=18, decimal_places=8, required=False
    )

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].strip().upper()

    def clean_tiers(self) -> list[dict[str, Any]]:
        try:
            return tiers_from(self.cleaned_data["tiers"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> None:
        given = self.cleaned_data
        if not given.get("currency") and (given.get("amount") is not None or given.get("tiers")):
            self.add_error("currency", _("Say in which currency."))


class BasePriceFormSet(RememberedRows):
    def rows(self) -> list[dict[str, Any]]:
        """Those with a price; what is left empty is no price."""
        given = [form.cleaned_data for form in self.forms if form.cleaned_data.get("currency")]
        return [row for row in given if row["amount"] is not None or row["tiers"]]


PriceFormSet = forms.formset_factory(PriceForm, formset=BasePriceFormSet, extra=2, max_num=40, absolute_max=40)


def kept_prices(version: PlanVersion) -> list[dict[str, Any]]:
    """As the verb takes them."""
    names = ("interval", "currency", "amount", "tiers", "unit_amount")
    return [{name: getattr(price, name) for name in names} for price in version.prices.all()]


def prices_of(version: PlanVersion | None) -> list[dict[str, Any]]:
    return [_as_initial(price) for price in version.prices.all()] if version else []


def _as_initial(price: PlanPrice) -> dict[str, Any]:
    amounts = {"amount": None if price.tiers else price.amount.normalize(), "unit_amount": price.unit_amount}
    return {
        "interval": price.interval,
        "currency": price.currency,
        "tiers": tiers_as_text(price.tiers),
        **{name: value if value is None else f"{value.normalize():f}" for name, value in amounts.items()},
    }


def tiers_as_text(tiers: list[dict[str, Any]]) -> str:
    return "; ".join(f"{tier['up_to']}: {tier['amount']}" if tier["up_to"] else str(tier["amount"]) for tier in tiers)


def tiers_from(text: str) -> list[dict[str, Any]]:
    """ "10: 12; 50: 9; 5" is 12 a seat up to 10 seats, 9 up to 50, 5 for all beyond."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    tiers = []
    for place, part in enumerate(parts, 1):
        until, colon, amount = part.rpartition(":")
        if bool(colon) == (place == len(parts)):
            raise refuse("tiers", _("Write it like this: 10: 12; 50: 9; 5. The last tier has no end."))
        tiers.append({"up_to": until.strip() if colon else None, "amount": amount.strip()})
    return tiers


class MigrateForm(forms.Form):
    """Whom to move, and when."""

    mark_optional = False

    subscriptions = forms.ModelMultipleChoiceField(
        Subscription.objects.none(), error_messages={"required": gettext_lazy("Choose whom to move.")}
    )
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=WHEN, initial=NEXT_TERM, widget=forms.RadioSelect)
    day = forms.DateField(label=gettext_lazy("Day"), required=False, widget=DayInput(format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, candidates: Any) -> None:
        super().__init__(data)
        self.fields["subscriptions"].queryset = candidates  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.cleaned_data.get("when") == ON_A_DAY and not self.cleaned_data.get("day"):
            self.add_error("day", _("Say which day."))


class RateForm(forms.Form):
    mark_optional = False

    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    valid_from = forms.DateField(label=pgettext_lazy("day", "From"), widget=DayInput(format="%Y-%m-%d"))
    rate = forms.CharField(
        label=gettext_lazy("Rate"),
        max_length=30,
        help_text=gettext_lazy("What one unit is worth in the reporting currency."),
    )
