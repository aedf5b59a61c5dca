"""Where apps show up: navigation, settings, parts of the account page, of lists and of the customers' portal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class Panel:
    """A part of the account page that another app serves from its own URL (one argument: the account's id)."""

    key: str
    title: Text
    url_name: str
    position: int = 100
    tab: str = "overview"


@dataclass(frozen=True)
class ListExtra:
    """Something an app above knows about many accounts at once, for the account list: `load` gets the ids of
    the accounts on the page and answers by id, in one query, however many there are.

    The list knows these keys: "sparkline" (a sequence of scores, oldest first, drawn beside the 28-day trend).
    """

    key: str
    title: Text
    load: Callable[[Sequence[int]], dict[int, Any]]


@dataclass(frozen=True)
class PortalPart:
    """A part of the customer's portal: `template`, rendered with what `context(link)` gives (None: nothing to show);
    `link` is the models.ContactLink of who looks."""

    key: str
    title: Text
    template: str
    context: Callable[[Any], dict[str, Any] | None]
    position: int = 100


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation; `permission` empty means everybody signed in."""

    key: str
    title: Text
    url_name: str
    icon: str
    position: int = 100
    permission: str = ""


@dataclass(frozen=True)
class SettingsLink:
    """A page of the settings, in the group it belongs to ("you", "team", "rules", "data")."""

    key: str
    title: Text
    url_name: str
    group: str
    position: int = 100
    permission: str = ""
    # What one finds there, for the settings' first page.
    about: Text = ""
    icon: str = "gear"


panels: Registry[Panel] = Registry("panel", lambda p: p.key)
list_extras: Registry[ListExtra] = Registry("list extra", lambda e: e.key)
portal_parts: Registry[PortalPart] = Registry("part of the portal", lambda p: p.key)
navigation: Registry[NavItem] = Registry("navigation item", lambda n: n.key)
settings_links: Registry[SettingsLink] = Registry("settings link", lambda s: s.key)
