"""Whose turn it is (RULES 5, B8): the host with the largest shortfall against their weight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction


@dataclass(frozen=True)
class Member:
    """A host of a pool. `calibration`: the bookings a new host is taken to have had, so that nobody who joins late
    gets everything until they have caught up."""

    id: int | str
    weight: int
    count: int
    last: datetime | None = None
    calibration: Fraction | int = 0

    @property
    def share(self) -> Fraction:
        return self.count + Fraction(self.calibration)


def calibration(bookings: int, hosts: int) -> Fraction:
    """For somebody who joins a pool of `hosts` that has had `bookings`."""
    return Fraction(bookings, hosts) if hosts else Fraction(0)


def shortfall(member: Member, pool: Sequence[Member]) -> Fraction:
    total, weights = sum(m.share for m in pool), sum(m.weight for m in pool)
    return Fraction(total) * member.weight / weights - member.share if weights else -member.share


def in_turn(pool: Sequence[Member], available: Iterable[int | str] | None = None) -> list[Member]:
    """Those who are available, whose turn it is first. Shortfalls are against the whole pool. Ties: the larger
    weight, then who was asked longest ago (never comes first), then the lowest id."""
    wanted = None if available is None else set(available)
    candidates = [m for m in pool if m.weight > 0 and (wanted is None or m.id in wanted)]
    return sorted(candidates, key=lambda m: (-shortfall(m, pool), -m.weight, _since(m), m.id))


def _since(member: Member) -> float:
    return member.last.timestamp() if member.last else float("-inf")


def assigned(pool: Sequence[Member], member: Member, at: datetime) -> list[Member]:
    """The pool after `member` got one more."""
    return [replace(m, count=m.count + 1, last=at) if m.id == member.id else m for m in pool]


def not_ahead(counts: Mapping[str, int], threshold: int) -> list[str]:
    """Who may be shown where all are to have the same: nobody who is `threshold` or more ahead of the least."""
    least = min(counts.values(), default=0)
    return [name for name, count in counts.items() if count - least < threshold]
