"""The main navigation as one reader sees it: registered items (see registry.py) they may open, and that exist."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.registry import NavItem, Text, navigation


@dataclass(frozen=True)
class Link:
    key: str
    title: Text
    url: str
    icon: str
    current: bool

    @property
    def letter(self) -> str:
        """`g` and this letter go there by keyboard."""
        return self.key[0]


def _address(item: NavItem) -> str:
    try:
        return reverse(item.url_name)
    except NoReverseMatch:  # an app whose pages are not built yet stays out of sight
        return ""


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _may(user: Any, item: NavItem) -> bool:
    return not item.permission or user.may(item.permission)


def links(request: HttpRequest) -> list[Link]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = sorted(navigation.items.values(), key=lambda item: item.position)
    addressed = [(item, _address(item)) for item in items if _may(user, item)]
    return [
        Link(item.key, item.title, url, item.icon, _is_current(url, request.path))
        for item, url in addressed
        if url
    ]
