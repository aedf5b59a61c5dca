"""What is expected against what came: the whole of it, numbers as far as the files agree with their own rules
(written with 7 decimals, a margin of error differs in the seventh)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

CLOSE = Decimal("0.000001")


def differences(expected: Any, got: Any, at: str = "") -> list[str]:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        if expected.keys() != got.keys():
            return [f"{at or 'keys'}: {sorted(expected)} expected, {sorted(got)} came"]
        return [line for key in expected for line in differences(expected[key], got[key], f"{at}.{key}".strip("."))]
    if isinstance(expected, list) and isinstance(got, list | tuple):
        if len(expected) != len(got):
            return [f"{at}: {expected} expected, {got} came"]
        return [
            line
            for number, pair in enumerate(zip(expected, got, strict=True))
            for line in differences(*pair, f"{at}[{number}]")
        ]
    return [] if same(expected, got) else [f"{at}: {expected!r} expected, {got!r} came"]


def same(expected: Any, got: Any) -> bool:
    if is_number(expected) and is_number(got):
        # NaN is near nothing.
        return abs(exact(expected) - exact(got)) <= CLOSE
    return type(expected) is type(got) and expected == got


def is_number(value: Any) -> bool:
    return isinstance(value, Number | Decimal) and not isinstance(value, bool)


def exact(value: Any) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(value)
