"""What pages share that show the same customers in several ways: an address that says exactly what is shown, and a part
that htmx replaces when it changes."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.forms.asking import AskedOfCustomers
from accounts.http import Request


@dataclass(frozen=True)
class Tab:
    key: str
    title: str
    url: str
    count: int = 0


class CustomerLook(ABC):
    """What one reader asked for. `place`: what else of the address says what is shown, beside the filters."""

    found: str  # the part of the page that htmx replaces
    folder: str  # of the templates
    url_name: str
    asked: AskedOfCustomers
    problems: list[str]

    def __init__(self, request: Request, place: tuple[str, ...]) -> None:
        self.request, self.place = request, place

    @abstractmethod
    def tabs(self) -> list[Tab]:
        """The other ways to look at it."""

    @abstractmethod
    def around(self) -> dict[str, Any]:
        """What stands around the part that htmx replaces."""

    def address(self, url_name: str = "", /, **changes: Any) -> str:
        """This page's (or another's), with the filters, and another place."""
        return address(url_name or self.url_name, [*self.asked.pairs(), *self.kept(self.place, **changes)])

    @property
    def here(self) -> str:
        """Exactly what is shown."""
        return address(self.url_name, [*self.asked.pairs(), *self.kept((*self.place, "after", "before"))])

    def kept(self, names: Iterable[str], **changes: Any) -> list[tuple[str, str]]:
        found = ((name, str(changes.get(name, self.request.GET.get(name, "")))) for name in names)
        return [(name, value) for name, value in found if value]

    def answer(self, template: str, context: dict[str, Any]) -> HttpResponse:
        path = f"{self.folder}/{template}.html"
        shared = {
            "look": self,
            "asked": self.asked,
            "problems": self.problems,
            "tabs": self.tabs(),
            "query": self.asked.query,
            "here": self.here,
            "kept": self.kept(self.place),
        }
        if self.request.htmx.target != self.found:
            return render(self.request, path, shared | self.around() | context)
        response = render(self.request, f"{path}#found", shared | context)
        if not (self.request.htmx.current_url_abs_path or "").endswith(self.here):
            response["HX-Push-Url"] = self.here
        return response


def address(url_name: str, pairs: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(pairs))
    return reverse(url_name) + (f"?{query}" if query else "")
