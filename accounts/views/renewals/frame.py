"""What all renewals pages share: whose renewals, the ways to look at them, and the views that were saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.domain.renewals.listing import DISPUTED, Filters, figures
from accounts.domain.views import views_for
from accounts.enums import Band
from accounts.forms.account_filters import Choices
from accounts.forms.renewal_filters import Asked, read, selects
from accounts.http import Request

FOUND = "renewals-found"  # the part of the page that htmx replaces
PAGE = "renewals"  # what saved views are kept under


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str
    count: int = 0


class Look:
    """Renewals as one reader asked for them. `place`: what of the address says which part of the time is shown."""

    def __init__(self, request: Request, key: str, *, place: tuple[str, ...] = ()) -> None:
        self.request, self.key, self.place = request, key, place
        self.choices = Choices(request.user)
        self.url_name = f"renewals:{key}"
        self.asked, self.problems = read(request.GET, request.user, self.choices)

    @cached_property
    def filters(self) -> Filters:
        return self.asked.filters(self.request.user)

    def disputed(self) -> int:
        """How many wait to be settled: always on the tab."""
        return figures(self.filters).filter(DISPUTED).count()

    def tabs(self) -> list[Tab]:
        query = f"?{self.asked.query}" if self.asked.query else ""
        found = (
            ("list", _("By quarter"), 0),
            ("month", _("Calendar"), 0),
            ("board", _("Board"), 0),
            ("forecast", _("Forecast"), 0),
            ("disagreements", _("To settle"), self.disputed()),
        )
        return [Tab(key, title, reverse(f"renewals:{key}") + query, count) for key, title, count in found]

    def address(self, **changes: Any) -> str:
        """This page's, with the filters, and another place in time."""
        return _address(reverse(self.url_name), [*self.asked.pairs(), *self._kept(self.place, changes)])

    @property
    def here(self) -> str:
        """Exactly what is shown."""
        kept = self._kept((*self.place, "after", "before"), {})
        return _address(reverse(self.url_name), [*self.asked.pairs(), *kept])

    def _kept(self, names: Iterable[str], changes: dict[str, Any]) -> list[tuple[str, str]]:
        found = ((name, str(changes.get(name, self.request.GET.get(name, "")))) for name in names)
        return [(name, value) for name, value in found if value]

    def answer(self, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {
            "look": self,
            "asked": self.asked,
            "problems": self.problems,
            "tabs": self.tabs(),
            "query": self.asked.query,
            "here": self.here,
            "kept": self._kept(self.place, {}),
        }
        if self.request.htmx.target == FOUND:
            response = render(self.request, f"accounts/renewals/{template}.html#found", shared | context)
            if not (self.request.htmx.current_url_abs_path or "").endswith(self.here):
                response["HX-Push-Url"] = self.here
            return response
        return render(self.request, f"accounts/renewals/{template}.html", shared | self._around() | context)

    def _around(self) -> dict[str, Any]:
        """What stands around the part that htmx replaces."""
        return {
            "selects": selects(self.asked, self.choices),
            "bands": Band.choices,
            "views": views_for(self.request.user, PAGE),
            "built_in": built_in(),
            "whole_query": self.asked.whole_query,
        }


def _address(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def built_in() -> list[tuple[str, str]]:
    """Views that everybody has."""
    return [
        (_("Mine"), Asked("mine").whole_query),
        (_("At risk"), Asked("team", bands=("red", "yellow"), stage="open").whole_query),
        (_("Lost"), Asked("team", stage="lost").whole_query),
    ]
