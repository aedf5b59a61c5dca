"""What all renewals pages share: whose renewals, the ways to look at them, and the views that were saved."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.domain.renewals.listing import DISPUTED, Filters
from accounts.domain.views import views_for
from accounts.enums import Band
from accounts.forms.account_filters import Choices
from accounts.forms.renewal_filters import Asked, read, selects
from accounts.http import Request
from accounts.models import Renewal
from accounts.views.looks import CustomerLook, Tab, address

PAGE = "renewals"  # what saved views are kept under


class Look(CustomerLook):
    """Renewals as one reader asked for them. `place`: what of the address says which part of the time is shown."""

    found, folder = "renewals-found", "accounts/renewals"
    asked: Asked

    def __init__(self, request: Request, key: str, *, place: tuple[str, ...] = ()) -> None:
        super().__init__(request, place)
        self.key, self.url_name = key, f"renewals:{key}"
        self.choices = Choices(request.user)
        self.asked, self.problems = read(request.GET, self.choices)

    @cached_property
    def filters(self) -> Filters:
        return self.asked.filters(self.request.user)

    def disputed(self) -> int:
        """How many wait to be settled: always on the tab."""
        return Renewal.objects.filter(self.filters.where & DISPUTED).count()

    def tabs(self) -> list[Tab]:
        found = (
            ("list", _("By quarter"), 0),
            ("month", _("Calendar"), 0),
            ("board", _("Board"), 0),
            ("forecast", _("Forecast"), 0),
            ("disagreements", _("To settle"), self.disputed()),
        )
        return [Tab(key, title, address(f"renewals:{key}", self.asked.pairs()), count) for key, title, count in found]

    def around(self) -> dict[str, Any]:
        return {
            "selects": selects(self.asked, self.choices),
            "bands": Band.choices,
            "views": views_for(self.request.user, PAGE),
            "built_in": built_in(),
            "whole_query": self.asked.whole_query,
        }


def built_in() -> list[tuple[str, str]]:
    """Views that everybody has."""
    return [
        (_("Mine"), Asked("mine").whole_query),
        (_("At risk"), Asked("team", bands=("red", "yellow"), stage="open").whole_query),
        (_("Lost"), Asked("team", stage="lost").whole_query),
    ]
