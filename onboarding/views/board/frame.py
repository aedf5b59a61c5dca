"""What the board's pages share: whose onboarding, the ways to look at it, and the views that were saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts.domain.views import views_for
from accounts.http import Request
from onboarding.domain.board import Filters
from onboarding.forms.board import Choices, read, selects

FOUND = "onboarding-found"  # the part of the page that htmx replaces
PAGE = "onboarding"  # what saved views are kept under


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str


class Look:
    """Onboarding as one reader asked for it. `place`: what else of the address says what is shown; of it, `visible` has
    fields of its own. `usual`: whose, where nobody is named."""

    def __init__(
        self,
        request: Request,
        key: str,
        *,
        place: tuple[str, ...] = (),
        visible: tuple[str, ...] = (),
        usual: str = "",
    ) -> None:
        self.request, self.key, self.place, self.visible = request, key, place, visible
        self.choices = Choices(request.user)
        self.url_name = f"onboarding:{key}"
        self.asked, self.problems = read(request.GET, self.choices, usual=usual)

    @cached_property
    def filters(self) -> Filters:
        return self.asked.filters(self.request.user)

    def tabs(self) -> list[Tab]:
        """Whose it is goes along; what only one of them knows stays behind."""
        found = (
            ("board", pgettext("onboarding", "Board")),
            ("sessions", _("Sessions")),
            ("hours", pgettext("onboarding", "Hours")),
            ("reports", _("Reports")),
        )
        return [Tab(key, title, _address(reverse(f"onboarding:{key}"), self._shared(key))) for key, title in found]

    def _shared(self, key: str) -> Iterable[tuple[str, str]]:
        """Reports and hours are the whole team's unless somebody is named: what was chosen by nobody is not kept."""
        of_team = {"reports", "hours"}
        if (key in of_team) == (self.key in of_team):
            return self.asked.pairs()
        chosen = "who" in self.request.GET
        return [pair for pair in self.asked.pairs(whole=chosen) if chosen or pair[0] != "who"]

    def address(self, url_name: str = "", **changes: Any) -> str:
        """This page's (or another's), with the filters, and another place."""
        return _address(reverse(url_name or self.url_name), [*self.asked.pairs(), *self._kept(self.place, changes)])

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
            "here": self.here,
            "kept": self._kept([name for name in self.place if name not in self.visible], {}),
        }
        path = f"onboarding/{template}.html"
        if self.request.htmx.target == FOUND:
            response = render(self.request, f"{path}#found", shared | context)
            if not (self.request.htmx.current_url_abs_path or "").endswith(self.here):
                response["HX-Push-Url"] = self.here
            return response
        return render(self.request, path, shared | self._around() | context)

    def _around(self) -> dict[str, Any]:
        """What stands around the part that htmx replaces."""
        return {
            "selects": selects(self.asked, self.choices)[: 1 if self.key == "hours" else None],
            "views": views_for(self.request.user, PAGE) if self.key in {"board", "list"} else (),
            "whole_query": self.asked.whole_query,
        }


def _address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs))
    return f"{path}?{query}" if query else path
