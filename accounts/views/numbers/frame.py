"""What all pages of numbers share: the period, the filters, the ways to look, the address of exactly this."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts import formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.numbers.asking import Asked, last_full_month
from accounts.forms.account_filters import Choices
from accounts.forms.numbers import NONE, Names, Reading, read, selects
from accounts.http import Request

FOUND = "numbers-found"  # the part of the page that htmx replaces


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str


class Look:
    """The numbers as one reader asked for them. `place`: what else of the address says what is shown."""

    def __init__(self, request: Request, key: str, *, place: tuple[str, ...] = ()) -> None:
        self.request, self.key, self.place = request, key, place
        self.url_name = f"numbers:{key}"
        self.names = Names(Choices(request.user))
        self.reading: Reading = read(request.GET, self.names)

    @cached_property
    def asked(self) -> Asked:
        return self.reading.asked

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """Of the address: filters, period, place; changed as said, left out where the change is empty."""
        kept = {name: self.request.GET.get(name, "") for name in self.place}
        found = {**dict(self.reading.pairs()), **kept, **{name: _said(value) for name, value in changes.items()}}
        return [(name, value) for name, value in found.items() if value]

    def address(self, **changes: Any) -> str:
        return _joined(reverse(self.url_name), self.pairs(**changes))

    def behind(self, figure: str, **changes: Any) -> str:
        """The accounts behind a figure of this period, or of the months given."""
        pairs = [pair for pair in self.pairs(**changes) if pair[0] not in self.place]
        return _joined(reverse("numbers:behind"), [("figure", figure), *pairs])

    def elsewhere(self, url_name: str) -> str:
        """Another page, of the same period and filters."""
        return _joined(reverse(url_name), list(self.reading.pairs()))

    def chosen(self) -> list[str]:
        """The members chosen, for paper, which has no filters."""
        return [self.names.of(name).get(value, value) for name, value in self.reading.chosen.items()]

    def tabs(self) -> list[Tab]:
        query = f"?{self.reading.query}" if self.reading.query else ""
        found = (
            ("board", _("Board")),
            ("mrr", _("MRR")),
            ("retention", _("Retention")),
            ("churn", _("Churn")),
            ("worth", _("Lifetime value")),
            ("winning", pgettext("numbers", "Winning")),
            ("effects", _("What works")),
        )
        return [Tab(key, title, reverse(f"numbers:{key}") + query) for key, title in found]

    def periods(self) -> list[tuple[str, str, bool]]:
        """Those that people ask about."""
        last = last_full_month()
        found = (
            (_("12 months"), anniversary(last, -11), last),
            (_("3 months"), anniversary(last, -2), last),
            (_("24 months"), anniversary(last, -23), last),
            (_("36 months"), anniversary(last, -35), last),
            (_("This year"), date(last.year, 1, 1), last),
        )
        here = (self.reading.first, self.reading.last)
        return [
            (title, self.address(**{"from": f"{first:%Y-%m}", "to": f"{until:%Y-%m}"}), (first, until) == here)
            for title, first, until in found
        ]

    def answer(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {
            "look": self,
            "reading": self.reading,
            "problems": self.reading.problems,
            "tabs": self.tabs(),
            "periods": self.periods(),
            "kept": [(name, self.request.GET[name]) for name in self.place if self.request.GET.get(name)],
            "last_month": formats.day(self.reading.last, form="month"),
            "csv": self.address(format="csv"),
            "money_in": settings.REPORTING_CURRENCY,
        }
        if self.request.htmx.target == FOUND:
            response = render(self.request, f"accounts/numbers/{template}.html#found", shared | context, status=status)
            response["HX-Push-Url"] = self.address()
            return response
        around = {"selects": selects(self.reading, self.names)}
        return render(self.request, f"accounts/numbers/{template}.html", shared | around | context, status=status)


def _said(value: Any) -> str:
    return value.strftime("%Y-%m") if isinstance(value, date) else str(value or "")


def _joined(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def member(value: str) -> str:
    """As the address names a member of a dimension."""
    return value or NONE
