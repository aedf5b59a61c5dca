"""What the board's pages share: whose onboarding, the ways to look at it, and the views that were saved."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _, pgettext

from accounts.domain.views import views_for
from accounts.http import Request
from accounts.views.looks import CustomerLook, Tab, address
from onboarding.domain.board import Filters
from onboarding.forms.board import Asked, Choices, read, selects

PAGE = "onboarding"  # what saved views are kept under


class Look(CustomerLook):
    """Onboarding as one reader asked for it. Of `place`, `visible` has fields of its own. `usual`: whose, where nobody
    is named."""

    found, folder = "onboarding-found", "onboarding"
    asked: Asked

    def __init__(
        self,
        request: Request,
        key: str,
        *,
        place: tuple[str, ...] = (),
        visible: tuple[str, ...] = (),
        usual: str = "",
    ) -> None:
        super().__init__(request, place)
        self.key, self.url_name, self.visible = key, f"onboarding:{key}", visible
        self.choices = Choices(request.user)
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
        return [Tab(key, title, address(f"onboarding:{key}", self._shared(key))) for key, title in found]

    def _shared(self, key: str) -> Iterable[tuple[str, str]]:
        """Reports and hours are the whole team's unless somebody is named: what was chosen by nobody is not kept."""
        of_team = {"reports", "hours"}
        if (key in of_team) == (self.key in of_team):
            return self.asked.pairs()
        chosen = "who" in self.request.GET
        return [pair for pair in self.asked.pairs(whole=chosen) if chosen or pair[0] != "who"]

    def answer(self, template: str, context: dict[str, Any]) -> HttpResponse:
        hidden = [name for name in self.place if name not in self.visible]
        return super().answer(template, {"kept": self.kept(hidden), **context})

    def around(self) -> dict[str, Any]:
        return {
            "selects": selects(self.asked, self.choices)[: 1 if self.key == "hours" else None],
            "views": views_for(self.request.user, PAGE) if self.key in {"board", "list"} else (),
            "whole_query": self.asked.whole_query,
        }
