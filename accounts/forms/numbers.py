"""What the address of a page of numbers says: a period of months and filters, read leniently, every bad value answered
with a sentence; and the forms for costs and for trying values out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.domain.anniversaries import anniversary
from accounts.domain.numbers.asking import Asked, last_full_month
from accounts.domain.numbers.sums import Filters, members
from accounts.enums import CostKind, TouchModel
from accounts.forms.account_filters import Choices, options
from accounts.forms.queue_filters import shown
from accounts.forms.remembering import RememberingRow
from accounts.models import Cost, Plan

NONE = "none"  # in the address, for those that are under no member
MONTHS = 12
MOST_MONTHS = 120
LABELS: dict[str, Any] = {
    "segment": _("Segment"),
    "plan": _("Plan"),
    "csm": _("CSM"),
    "channel": _("Channel"),
    "touch": _("Touch model"),
    "currency": _("Currency"),
}
ALL: dict[str, Any] = {
    "segment": _("Any segment"),
    "plan": _("Any plan"),
    "csm": _("Any CSM"),
    "channel": _("Any channel"),
    "touch": _("Any touch model"),
    "currency": _("Any currency"),
}
WITHOUT: dict[str, Any] = {
    "segment": _("Without segment"),
    "plan": _("Without plan"),
    "csm": _("Without CSM"),
    "channel": _("Unknown channel"),
    "touch": _("Touch model not decided"),
    "currency": _("Without currency"),
}
BAD_MONTH = _("“%(value)s” is no month: write it as 2026-03. You see the usual period.")
BAD_ORDER = _("The period ends before it begins, so you see the usual one.")
BAD_FUTURE = _("“%s” has not come yet.")
BAD_LENGTH = _("A period has ten years at the most, so you see the last of them.")
BAD_MEMBER = _("Nothing here is called “%(value)s”, so all are shown.")


class Names:
    """What the members of each dimension are called."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self._found: dict[str, dict[str, str]] = {}

    def of(self, dimension: str) -> dict[str, str]:
        if dimension not in self._found:
            self._found[dimension] = {**self._named(dimension), "": str(WITHOUT[dimension])}
        return self._found[dimension]

    def _named(self, dimension: str) -> dict[str, str]:
        if dimension == "segment":
            return {str(pk): name for pk, name in self.choices.segments.items()}
        if dimension == "csm":
            return {str(pk): name for pk, name in self.choices.people.items()}
        if dimension == "plan":
            return {str(pk): name for pk, name in Plan.objects.order_by("name").values_list("pk", "name")}
        if dimension == "touch":
            return {value: str(label) for value, label in TouchModel.choices}
        return {member: member for member in members(dimension) if member}


@dataclass
class Reading:
    """The address of a page, understood."""

    first: date
    last: date
    chosen: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    usual: bool = True

    @property
    def filters(self) -> Filters:
        return Filters(**self.chosen)

    @property
    def asked(self) -> Asked:
        return Asked(self.first, self.last, self.filters)

    def pairs(self, **changes: Any) -> Iterator[tuple[str, str]]:
        if not self.usual:
            yield from (("from", f"{self.first:%Y-%m}"), ("to", f"{self.last:%Y-%m}"))
        yield from ((name, value or NONE) for name, value in self.chosen.items())

    @property
    def query(self) -> str:
        return urlencode(list(self.pairs()))


def read(data: QueryDict, names: Names) -> Reading:
    usual = usual_period()
    problems: list[str] = []
    first, last = (_month(data.get(name, ""), problems) for name in ("from", "to"))
    if first is None and last is None:
        first, last = usual
    first = first or anniversary(last or usual[1], 1 - MONTHS)
    last = last or max(usual[1], first)
    if last < first:
        problems.append(str(BAD_ORDER))
        first, last = usual
    if last > (now := timezone.localdate().replace(day=1)):  # nobody knows yet what people pay then
        problems.append(str(BAD_FUTURE) % f"{last:%Y-%m}")
        first, last = (first, now) if first <= now else usual
    if anniversary(first, MOST_MONTHS) <= last:
        problems.append(str(BAD_LENGTH))
        first = anniversary(last, 1 - MOST_MONTHS)
    chosen = {
        name: value for name in LABELS if (value := _member(name, data.get(name, ""), names, problems)) is not None
    }
    return Reading(first, last, chosen, problems, usual=(first, last) == usual)


def usual_period() -> tuple[date, date]:
    """The last twelve full months."""
    last = last_full_month()
    return anniversary(last, 1 - MONTHS), last


def _month(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(f"{text}-01" if len(text) == 7 else text).replace(day=1)
        if not 1990 <= found.year <= 2200:
            raise ValueError
    except ValueError:
        problems.append(str(BAD_MONTH) % {"value": shown(text)})
        return None
    return found


def _member(name: str, given: str, names: Names, problems: list[str]) -> str | None:
    if not given:
        return None
    if given == NONE:
        return ""
    if given in names.of(name):
        return given
    problems.append(str(BAD_MEMBER) % {"value": shown(given)})
    return None


def selects(reading: Reading, names: Names) -> list[tuple[str, Any, SafeString]]:
    """Name, label and options of each select; a dimension that has but one member asks nothing."""
    found = []
    for name, label in LABELS.items():
        known = names.of(name)
        if len(known) <= 2 and name not in reading.chosen and name in {"currency", "channel", "touch"}:
            continue
        choices: Iterable[tuple[str, Any]] = [
            ("", ALL[name]), *((key, title) for key, title in known.items() if key), (NONE, WITHOUT[name])
        ]  # fmt: skip
        value = reading.chosen.get(name)
        found.append((name, label, options(choices, "" if value is None else value or NONE)))
    return found


# Costs --------------------------------------------------------------------------------------------


class MonthField(forms.CharField):
    """A month as browsers write it: 2026-03."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-03", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, date):
            return value
        text = super().to_python(value)
        if not text:
            return None
        problems: list[str] = []
        found = _month(text, problems)
        if found is None:
            raise forms.ValidationError(_("This is no month: write it as 2026-03."))
        return found

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class NumberField(forms.DecimalField):
    """A point, or the comma that other languages have; spaces may stand between thousands."""

    def to_python(self, value: Any) -> Any:
        return super().to_python("".join(value.split()).replace(",", ".") if isinstance(value, str) else value)


class CostForm(RememberingRow):
    month = MonthField(label=_("Month"))
    kind = forms.ChoiceField(label=_("For"), choices=CostKind)
    amount = NumberField(
        label=_("Amount"), min_value=0, max_digits=14, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("In the reporting currency."),
    )  # fmt: skip
    channel = forms.CharField(
        label=_("Channel"), max_length=40, required=False, widget=forms.TextInput(attrs={"list": "channels"}),
        help_text=_("Empty: for all of them, shared out by the customers won."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    class Meta:
        model = Cost
        fields = ["month", "kind", "amount", "channel", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # as people write it, not with all the places that the column keeps
            self.initial["amount"] = f"{self.instance.amount.normalize():f}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == CostKind.KEEPING and data.get("channel"):
            self.add_error("channel", _("Keeping customers is not told by channel: leave it empty."))
        if not self.errors and self._is_known(data):
            self.add_error("note", _("This cost is entered already. Another one of that month needs another note."))
        return data

    def _is_known(self, data: dict[str, Any]) -> bool:
        same = {name: data[name] for name in ("month", "kind", "channel", "note")}
        return Cost.objects.filter(**same).exclude(pk=self.instance.pk).exists()


# Trying values out --------------------------------------------------------------------------------


MOST = 1_000_000_000_000  # more than any company has in a month


class WhatIfForm(forms.Form):
    """Every form of the lifetime value with values of one's own; per cents as people say them."""

    mark_optional = False
    mrr = NumberField(label=_("MRR"), min_value=0, max_value=MOST, max_digits=16, decimal_places=2)
    arpa = NumberField(label=_("MRR per account"), min_value=0, max_value=MOST, max_digits=16, decimal_places=2)
    margin = NumberField(label=_("Margin, %"), min_value=0, max_value=100, max_digits=7, decimal_places=4)
    churn = NumberField(
        label=_("Customer churn a month, %"), min_value=0, max_value=100, max_digits=8, decimal_places=5
    )
    retention = NumberField(
        label=_("Account retention a year, %"), min_value=0, max_value=100, max_digits=7, decimal_places=4
    )
    net = NumberField(
        label=_("Net MRR retention a year, %"), min_value=0, max_value=500, max_digits=8, decimal_places=4
    )
    discount = NumberField(
        label=_("Discount rate a year, %"), min_value=0, max_value=100, max_digits=8, decimal_places=4
    )
    growth = NumberField(
        label=_("Growth a month of those who stay, %"), min_value=-100, max_value=20, max_digits=8, decimal_places=5
    )
    cac = NumberField(
        label=_("Cost of a new customer"), min_value=0, max_value=MOST, max_digits=16, decimal_places=2, required=False
    )

    SHARES = ("margin", "churn", "retention", "net", "discount", "growth")

    @classmethod
    def places(cls, name: str) -> int:
        field = cls.base_fields[name]
        return (field.decimal_places or 0) if isinstance(field, forms.DecimalField) else 0

    def values(self) -> dict[str, Decimal]:
        """Shares of 1."""
        data = self.cleaned_data
        return {
            name: value / 100 if name in self.SHARES else value for name, value in data.items() if value is not None
        }


EXAMPLE = {
    "mrr": "120990", "arpa": "120990", "margin": "85", "churn": "2.5", "retention": "70", "net": "85", "discount": "8",
    "growth": "0", "cac": "",
}  # fmt: skip
