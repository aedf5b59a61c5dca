"""What customers do in the product: who knows of it, and who wants to hear."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from accounts.registry.base import Registry


@dataclass(frozen=True)
class Dropped:
    """Something a customer lets go of: seats (before, after), the plan (ids before, after; None at the end)."""

    key: int
    account_id: int
    seats: tuple[int, int]
    plans: tuple[int | None, int | None]


@dataclass(frozen=True)
class UsageAnswer:
    """An app that knows whether something was in use: facts about each of `dropped` that it can tell of, by key, ready
    for JSON and found in a fixed number of queries; and those facts as a sentence in the reader's language."""

    name: str
    answer: Callable[[Sequence[Dropped]], dict[int, dict[str, Any]]]
    told: Callable[[Mapping[str, Any]], str]


class UsageEvent(NamedTuple):
    """One thing somebody did in the product, as it was stored."""

    account_id: int
    action: str
    event_id: str
    occurred_at: datetime
    user: str = ""


@dataclass(frozen=True)
class UsageListener:
    """An app for which some actions mean something at once. Whoever stores usage asks what is `wanted` (keys of
    actions), and hands over what was new of those to `handle`, in the transaction that stores it."""

    name: str
    wanted: Callable[[], set[str]]
    handle: Callable[[Sequence[UsageEvent]], object]


@dataclass(frozen=True)
class UsageHistory:
    """An app that keeps usage: `load` answers with what is stored of these pairs of account and action, some of it
    where there is very much: the earliest events and the latest."""

    name: str
    load: Callable[[Sequence[tuple[int, str]]], list[UsageEvent]]


@dataclass(frozen=True)
class ActiveUsers:
    """An app that knows how many people used the product in these days, [first, until): 0 where nobody told it who."""

    name: str
    count: Callable[[date, date], int]


@dataclass(frozen=True)
class KnownActions:
    """An app that knows what customers can do in the product: `load()` gives (key, name) of each, for forms that ask
    which of them something waits for."""

    name: str
    load: Callable[[], Sequence[tuple[str, str]]]


usage_answers: Registry[UsageAnswer] = Registry("answer about usage", lambda a: a.name)
usage_listeners: Registry[UsageListener] = Registry("listener to usage", lambda u: u.name)
usage_histories: Registry[UsageHistory] = Registry("history of usage", lambda u: u.name)
active_users: Registry[ActiveUsers] = Registry("count of active users", lambda a: a.name)
known_actions: Registry[KnownActions] = Registry("source of actions", lambda k: k.name)
