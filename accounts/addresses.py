"""Addresses of pages by their name. Django's reverse() takes longer than a row of a table, and a page has a hundred
links: so it is asked once per page how the address looks around its ids."""

from functools import lru_cache
from typing import Any

from django.urls import reverse

HOLE = 9_876_543_210


@lru_cache(maxsize=1024)
def _around(name: str, holes: int) -> list[str]:
    """What stands before, between and behind the ids."""
    return reverse(name, args=[HOLE] * holes).split(str(HOLE))


def address(name: str, *ids: Any) -> str:
    """As reverse(), NoReverseMatch included; quick where the arguments are ids, slow where they are anything else."""
    if not all(type(one) is int and one >= 0 for one in ids):
        return reverse(name, args=ids)
    pieces = _around(name, len(ids))
    if len(pieces) != len(ids) + 1:
        return reverse(name, args=ids)
    address = pieces[0]
    for one, piece in zip(ids, pieces[1:], strict=True):
        address += f"{one}{piece}"
    return address
