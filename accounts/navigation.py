"""The main navigation as one reader sees it: registered items (see registry.py) they may open, and that exist."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from accounts.models import User
from accounts.registry import NavItem, SettingsLink, Text, navigation, settings_links


@dataclass(frozen=True)
class Link:
    key: str
    title: Text
    url: str
    icon: str
    current: bool
    letter: str  # `g` and this letter go there by keyboard


def _address(item: NavItem | SettingsLink) -> str:
    try:
        return address(item.url_name)
    except NoReverseMatch:  # an app whose pages are not built yet stays out of sight
        return ""


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _may(user: Any, item: NavItem | SettingsLink) -> bool:
    return not item.permission or user.may(item.permission)


def letters(keys: Iterable[str]) -> dict[str, str]:
    """For each key its first letter that no other before it has."""
    taken: dict[str, str] = {}
    for key in keys:
        taken[key] = next((letter for letter in key if letter not in taken.values()), "")
    return taken


@lru_cache(maxsize=16)
def _open_to(role: str) -> list[tuple[NavItem, str, str]]:
    """Items with their addresses and letters: everybody of one role has the same."""
    items = sorted(navigation.items.values(), key=lambda item: item.position)
    letter = letters(item.key for item in items)
    addressed = [(item, _address(item)) for item in items if _may(User(role=role), item)]
    return [(item, url, letter[item.key]) for item, url in addressed if url]


class Navigation:
    """On one page. It is drawn once for all who see the same (`mark`)."""

    def __init__(self, request: HttpRequest) -> None:
        self.path, self.user = request.path, getattr(request, "user", None)

    @property
    def _known(self) -> list[tuple[NavItem, str, str]]:
        return _open_to(self.user.role) if self.user is not None and self.user.is_authenticated else []

    @cached_property
    def mark(self) -> str:
        current = [item.key for item, url, _letter in self._known if _is_current(url, self.path)]
        return f"{getattr(self.user, 'role', '')}:{','.join(current)}"

    @cached_property
    def links(self) -> list[Link]:
        return [
            Link(item.key, item.title, url, item.icon, _is_current(url, self.path), letter)
            for item, url, letter in self._known
        ]


GROUPS = {"you": _("You"), "team": _("Team"), "rules": _("How it works"), "data": _("Data and programs")}


@dataclass(frozen=True)
class SettingsPage:
    title: Text
    about: Text
    icon: str
    url: str
    current: bool


@dataclass(frozen=True)
class SettingsGroup:
    title: Text
    links: list[SettingsPage]


def settings_groups(request: HttpRequest) -> list[SettingsGroup]:
    """The settings' own navigation: groups with the pages this reader may open."""
    pages: dict[str, list[SettingsPage]] = {group: [] for group in GROUPS}
    for link in settings_links.sorted():
        url = _address(link)
        if url and _may(request.user, link):
            current = _is_current(url, request.path)
            pages[link.group].append(SettingsPage(link.title, link.about, link.icon, url, current))
    return [SettingsGroup(GROUPS[group], links) for group, links in pages.items() if links]
