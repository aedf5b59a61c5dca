"""What every registry is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.utils.functional import Promise

Text = str | Promise
T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Things by key, in order of registration. Registering a key twice is a mistake in the code."""

    what: str
    key: Callable[[T], str]
    items: dict[str, T] = field(default_factory=dict)

    def add(self, *things: T) -> None:
        for thing in things:
            name = self.key(thing)
            if name in self.items and self.items[name] != thing:
                raise LookupError(f"{self.what} {name!r} is registered twice")
            self.items[name] = thing

    def __getitem__(self, name: str) -> T:
        try:
            return self.items[name]
        except KeyError:
            raise LookupError(f"no {self.what} is called {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[T]:
        return iter(self.items.values())

    def sorted(self) -> list[T]:
        return sorted(self.items.values(), key=lambda thing: getattr(thing, "position", 0))
