"""Money in minor units, as it is kept, and as people read and write it."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from accounts import formats


def places_of(currency: str) -> int:
    return get_currency_precision(currency)


def major(amount: int, currency: str) -> Decimal:
    """1234 is 12.34 in euros and 1,234 in yen."""
    return Decimal(amount).scaleb(-places_of(currency))


def in_percent(rate: Any) -> str:
    """20 is 20 %, 12.5 is 12.5 %: no place more than there is."""
    number = Decimal(str(rate)).normalize()
    return formats.percent(number, 100, max(0, -int(number.as_tuple().exponent)))
