"""What the address of a renewals page says: read leniently, every bad value answered with a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals.listing import DECIDED, OPEN, Filters
from accounts.enums import Band, RenewalStage
from accounts.forms.account_filters import Choices, DayField, options
from accounts.forms.asking import AskedOfCustomers, Reading, selects_of_customers
from accounts.models import User

LONG, MONTHLY = "long", "monthly"
STAGES: dict[str, Any] = {
    "": _("Any stage"),
    OPEN: pgettext_lazy("renewals", "To be decided"),
    **{stage.value: stage.label for stage in RenewalStage.open()},
    DECIDED: pgettext_lazy("renewals", "Decided"),
    **{stage.value: stage.label for stage in RenewalStage.decided()},
}
TERMS: dict[str, Any] = {
    "": _("All terms"),
    LONG: _("Longer than a month"),
    MONTHLY: _("Monthly"),
}
BAD = {
    "who": _("There is nobody “%(value)s” here, so you see the usual renewals."),
    "segment": _("There is no segment “%(value)s”, so all are shown."),
    "band": _("“%(value)s” is not a band, so it was left out."),
    "stage": _("“%(value)s” is no stage of a renewal, so all are shown."),
    "terms": _("“%(value)s” is no kind of term, so all are shown."),
}


@dataclass(frozen=True)
class Asked(AskedOfCustomers):
    """The renewals of those customers that a page is asked for."""

    bands: tuple[str, ...] = ()
    stage: str = ""
    terms: str = ""

    def narrowing(self) -> Iterator[tuple[str, str]]:
        yield from (("band", band) for band in self.bands)
        yield from self.given("segment", "stage", "terms", "q")

    @property
    def narrowed(self) -> bool:
        return bool(self.query)

    def filters(self, user: User) -> Filters:
        return Filters(
            **self.of_customers(user),
            bands=self.bands,
            stage=self.stage,
            monthly=None if not self.terms else self.terms == MONTHLY,
        )


def read(data: QueryDict, choices: Choices) -> tuple[Asked, list[str]]:
    """The filters, and a sentence for each value that means nothing here."""
    reading = Reading(data, BAD)
    asked = Asked(
        **reading.of_customers(choices),
        bands=reading.several("band", Band.values),
        stage=reading.one("stage", known=STAGES),
        terms=reading.one("terms", known=TERMS),
    )
    return asked, reading.problems


def selects(asked: Asked, choices: Choices) -> list[tuple[str, Any, SafeString]]:
    """Name, label and options of each select."""
    return [
        *selects_of_customers(asked, choices),
        ("stage", _("Stage"), options(STAGES.items(), asked.stage)),
        ("terms", _("Terms"), options(TERMS.items(), asked.terms)),
    ]


class PeriodForm(forms.Form):
    """From the first day up to and without the last one. A bad day gets its sentence, and the usual period counts."""

    mark_optional = False

    def __init__(self, data: QueryDict, *, usual: tuple[date, date]) -> None:
        super().__init__(data, auto_id="period-%s")
        self.usual = usual
        # `from` is a word of Python's: the fields have the names they have in the address.
        self.fields["from"] = DayField(label=_("From"))
        self.fields["to"] = DayField(label=_("Up to and without"))

    def clean(self) -> None:
        first, until = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and until and until <= first:
            self.add_error("to", _("This is not after the day to start from, so you see the usual period."))

    @cached_property
    def _period(self) -> tuple[date, date]:
        if not self.is_valid():
            return self.usual
        first, until = self.cleaned_data["from"], self.cleaned_data["to"]
        if not first and not until:
            return self.usual
        try:
            return first or anniversary(until, -3), until or anniversary(first, 3)
        except ValueError:  # before the first year, or after the last
            return self.usual

    @property
    def first(self) -> date:
        return self._period[0]

    @property
    def until(self) -> date:
        return self._period[1]
