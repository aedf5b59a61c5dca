"""How values of key figures are written, by unit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from accounts import formats

NOTHING = "–"
MILLION = 1_000_000


def money(value: Any) -> str:
    return formats.money(value, settings.REPORTING_CURRENCY)


def share(value: Any) -> str:
    return formats.percent(value, decimals=1)


def times(value: Any) -> str:
    return _("%(n)s×") % {"n": _short(value)}


def months(value: Any) -> str:
    text = ngettext("%(n)s month", "%(n)s months", _count(value)) % {"n": _short(value)}
    return str(text)


def days(value: Any) -> str:
    text = ngettext("%(n)s day", "%(n)s days", _count(value)) % {"n": formats.number(value, decimals=1)}
    return str(text)


def hours(value: Any) -> str:
    return formats.number(value, decimals=1)


def _short(value: Any) -> str:
    """To a tenth; from a million on, shortened."""
    return formats.number(value, decimals=1, compact=abs(value) >= MILLION)


def _count(value: Any) -> int:
    """1.0 is one, 1.5 are several."""
    return 1 if Decimal(str(value)) == 1 else 2


def score(value: Any) -> str:
    return formats.number(value, decimals=0, signed=True)


WRITERS: dict[str, Callable[[Any], str]] = {
    "money": money,
    "share": share,
    "number": formats.number,
    "times": times,
    "months": months,
    "days": days,
    "hours": hours,
    "score": score,
}


def written(unit: str, value: Any) -> str:
    return NOTHING if value is None else WRITERS[unit](value)


def change(unit: str, value: Any) -> str:
    """A difference, with its sign; of shares in percentage points."""
    if unit == "money":
        return formats.money(value, settings.REPORTING_CURRENCY, signed=True)
    if unit == "share":
        return _("%(n)s pp") % {"n": formats.number(value * 100, decimals=1, signed=True)}
    return formats.number(value, decimals=0 if unit in {"number", "score"} else 1, signed=True)
