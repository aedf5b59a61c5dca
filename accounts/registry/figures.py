"""Figures that apps know of accounts, for boards and comparisons."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class AccountMeasure:
    """A figure that an app above knows of accounts, for whoever compares groups of them: `load` answers by id, in one
    query, however many it is asked about; those it knows nothing of are left out. `about`: how it is measured;
    `bounds`: what it lies between, with whatever account."""

    key: str
    title: Text
    load: Callable[[Sequence[int]], dict[int, Decimal]]
    about: Text = ""
    position: int = 100
    bounds: tuple[float, float] = (-inf, inf)


@dataclass(frozen=True)
class Kpi:
    """A key figure of the boards. `figure(asked)` answers with a domain.numbers.asking.Figure, whose points are in
    `unit`: money, share, number, times, months, days, score. `goal`: the key of the Rule to hold it against; `good`:
    "up" or "down"."""

    key: str
    title: Text
    about: Text
    unit: str
    figure: Callable[[Any], Any]
    strategies: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    goal: str = ""
    good: str = "up"
    position: int = 100


@dataclass(frozen=True)
class Effect:
    """Something that was done with some customers and not with others, to be held side by side: `split` gets ids of
    accounts and answers with those of the first and of the second group, in a fixed number of queries. Who belongs to
    neither is in none. `url_name`: the page that tells more."""

    key: str
    title: Text
    first: Text
    second: Text
    split: Callable[[Sequence[int]], tuple[Collection[int], Collection[int]]]
    url_name: str = ""
    position: int = 100


@dataclass(frozen=True)
class Traits:
    """What customers have in common, for the profile of the best ones: `load` gets ids of accounts and answers with
    those of each trait by its name, in a fixed number of queries."""

    key: str
    title: Text
    load: Callable[[Sequence[int]], Mapping[str, Collection[int]]]
    position: int = 100


@dataclass(frozen=True)
class OrderBook:
    """Where orders are kept, for averages: `load(asked, by)` answers with domain.metrics.orders.Orders by member of a
    dimension, or with one for everybody where `by` is empty."""

    key: str
    load: Callable[[Any, str], Mapping[str, Any]]
    behind: str = ""  # the key of the AccountsBehind them


@dataclass(frozen=True)
class AccountsBehind:
    """The accounts that a figure is made of, where that is not MRR: `page(asked, size, offset)` answers with so many of
    them, an id and a value for each of the `columns` (name, title, unit: one of Kpi's; None is not known), how many
    there are, and what all of them come to. The database does the paging (accounts.domain.numbers.paging): they may
    be many."""

    key: str
    title: Text
    columns: tuple[tuple[str, Text, str], ...]
    page: Callable[[Any, int, int], tuple[Sequence[tuple[int, Sequence[Any]]], int, Sequence[Any]]]


account_measures: Registry[AccountMeasure] = Registry("measure of accounts", lambda m: m.key)
kpis: Registry[Kpi] = Registry("key figure", lambda k: k.key)
effects: Registry[Effect] = Registry("effect", lambda e: e.key)
traits: Registry[Traits] = Registry("kind of trait", lambda t: t.key)
order_books: Registry[OrderBook] = Registry("book of orders", lambda b: b.key)
accounts_behind: Registry[AccountsBehind] = Registry("kind of accounts behind a figure", lambda b: b.key)
