"""Public holidays of the country an account is in: what business hours and business days leave out."""

from collections.abc import Container
from datetime import date
from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES


class Calendar(Container[date]):
    """The holidays of one country, worked out a year at a time."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _of_year(self.code, day.year)


NONE: frozenset[date] = frozenset()


def holidays_of(country: str) -> Container[date]:
    """Of a country by its name or its code (“France”, “FR”, “FRA”); none where nobody knows it."""
    code = _code(country.strip().casefold())
    return Calendar(code) if code else NONE


@lru_cache(maxsize=400)
def _of_year(code: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(code, years=year))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    names = {name: codes[1] for name, codes in COUNTRIES.items()}
    return names | {code.casefold(): codes[1] for codes in COUNTRIES.values() for code in codes}


@lru_cache(maxsize=1000)
def _code(country: str) -> str:
    return _codes().get(country.replace(" ", "_").replace("-", "_"), "")
