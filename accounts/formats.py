"""Money, numbers and times as the reader writes them.

A page shows fifty of each, and Babel's own functions parse a pattern per call. So Babel is asked once per
language and currency how a sample looks, and what it answers is kept.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta, tokenize_pattern
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from django.utils import timezone
from django.utils.translation import get_language, gettext as _

NOTHING = "–"
MINUS = "−"  # read aloud as "minus", which a hyphen is not
_STEPS = [Decimal(1).scaleb(-places) for places in range(13)]


class Shape(NamedTuple):
    """What stands around the digits of a number."""

    before: str
    after: str
    separators: dict[int, str]


def language() -> str:
    return get_language() or "en"


@lru_cache(maxsize=16)
def locale_of(code: str) -> Locale:
    try:
        return Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


def _shape(sample: str) -> Shape:
    """Split the sample 1234567.5 (`1,234,567.50` and its like) into what stands around and between digits."""
    places = [i for i, char in enumerate(sample) if char.isdigit()]
    digits = sample[places[0] : places[-1] + 1]
    point = digits.index("7") + 1
    separators = {ord(","): digits[1], ord("."): digits[point : point + 1] or "."}
    return Shape(sample[: places[0]], sample[places[-1] + 1 :], separators)


@lru_cache(maxsize=512)
def _money_shape(code: str, currency: str) -> Shape:
    pattern = locale_of(code).currency_formats["standard"]
    sample = format_currency(Decimal("1234567.5"), currency, pattern.pattern, locale_of(code), currency_digits=False)
    shape = _shape(sample)
    # CLDR parts a code of letters from the digits; Babel leaves that out.
    return shape._replace(before=f"{shape.before}\xa0") if shape.before[-1:].isalpha() else shape


@lru_cache(maxsize=32)
def _number_shape(code: str) -> Shape:
    return _shape(format_decimal(Decimal("1234567.5"), locale=locale_of(code)))


@lru_cache(maxsize=32)
def _percent_shape(code: str) -> Shape:
    around = format_percent(Decimal("0.07"), locale=locale_of(code)).split("7")
    return _number_shape(code)._replace(before=around[0], after=around[1])


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, Fraction):
        number = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return None
    return number if number.is_finite() else None


def _written(number: Decimal, places: int, shape: Shape, *, signed: bool = False) -> str:
    try:
        rounded = number.quantize(_STEPS[places], ROUND_HALF_UP)
    except InvalidOperation:  # more digits than anybody reads
        return f"{number:.3E}"
    digits = f"{abs(rounded):,f}".translate(shape.separators)
    sign = MINUS if rounded < 0 else "+" if signed and rounded else ""
    return f"{sign}{shape.before}{digits}{shape.after}"


def _places(number: Decimal, most: int) -> int:
    """As many decimals as the number has, at most `most`."""
    rounded = number.quantize(_STEPS[most], ROUND_HALF_UP) if number.adjusted() < 20 else number
    exponent = rounded.normalize().as_tuple().exponent
    return min(most, max(0, -exponent)) if isinstance(exponent, int) else 0


def number(value: Any, decimals: int | None = None, *, signed: bool = False, compact: bool = False) -> str:
    """1234.5 → "1,234.5". With `decimals` exactly so many, without at most two. None → "–"."""
    amount = _decimal(value) if value is not None else None
    if amount is None:
        return NOTHING
    if compact and abs(amount) >= 10_000:
        return _minus(format_compact_decimal(amount, locale=locale_of(language()), fraction_digits=1))
    places = _places(amount, 2) if decimals is None else decimals
    return _written(amount, places, _number_shape(language()), signed=signed)


def percent(value: Any, of: Any = 1, decimals: int = 0, *, signed: bool = False) -> str:
    """A share: percent(.42) → "42%", percent(3, of=4) → "75%". Of nothing → "–"."""
    part, whole = _decimal(value), _decimal(of)
    if part is None or not whole:
        return NOTHING
    return _written(part / whole * 100, decimals, _percent_shape(language()), signed=signed)


def money(value: Any, currency: str, *, exact: bool = False, signed: bool = False, compact: bool = False) -> str:
    """Whole units, as lists show them; with the cents if `exact`; "$1.2M" if `compact`."""
    amount = _decimal(value) if value is not None else None
    if amount is None:
        return NOTHING
    if compact and abs(amount) >= 10_000:
        return _minus(format_compact_currency(amount, currency, locale=locale_of(language()), fraction_digits=1))
    places = get_currency_precision(currency) if exact else 0
    return _written(amount, places, _money_shape(language(), currency), signed=signed)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


# Days and times -----------------------------------------------------------------------------------

Part = Callable[[Any], str]


def _names(locale: Locale, kind: str, width: str) -> dict[int, str]:
    return getattr(locale, kind)["format"][width]


def _field_writer(letter: str, width: int, locale: Locale) -> Part:
    """How one field of a CLDR pattern is written. KeyError for a field none of our patterns has."""
    if letter == "M" and width >= 3:
        months = _names(locale, "months", "abbreviated" if width == 3 else "wide")
        return lambda when: months[when.month]
    if letter == "E":
        days = _names(locale, "days", "abbreviated" if width <= 3 else "wide")
        return lambda when: days[when.weekday()]
    if letter == "a":
        halves = locale.day_periods["format"]["abbreviated"]
        return lambda when: halves["am" if when.hour < 12 else "pm"]
    numbers: dict[str, Callable[[Any], int]] = {
        "y": lambda when: when.year,
        "M": lambda when: when.month,
        "d": lambda when: when.day,
        "H": lambda when: when.hour,
        "h": lambda when: when.hour % 12 or 12,
        "m": lambda when: when.minute,
    }
    value = numbers[letter]
    return lambda when: f"{value(when):0{width}d}"


@lru_cache(maxsize=128)
def _parts(code: str, pattern: str) -> tuple[Part | str, ...]:
    locale = locale_of(code)
    return tuple(
        token if kind == "chars" else _field_writer(*token, locale) for kind, token in tokenize_pattern(pattern)
    )


@lru_cache(maxsize=128)
def _pattern(code: str, name: str) -> str:
    locale = locale_of(code)
    if name == "mon":
        return "MMM"
    skeletons = {"short": "MMMd", "month": "yMMM", "weekday": "MMMEd"}
    if name in skeletons:
        return locale.datetime_skeletons[skeletons[name]].pattern
    if name == "weektime":
        return f"EEE {locale.time_formats['short'].pattern}"
    return (locale.time_formats["short"] if name == "time" else locale.date_formats[name]).pattern


def _as(when: date, name: str) -> str:
    code = language()
    return "".join(p if isinstance(p, str) else p(when) for p in _parts(code, _pattern(code, name)))


def day(value: date | None, *, form: str = "") -> str:
    """ "22 Nov", with the year where it is not this one. `form`: short, medium, long, month, weekday."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    this_year = value.year == timezone.localtime().year
    return _as(value, form or ("short" if this_year else "medium"))


def month_labels(days: Sequence[date]) -> list[str]:
    """For the axis of a chart: the year only where it begins."""
    return [_as(one, "month" if i == 0 or one.month == 1 else "mon") for i, one in enumerate(days)]


def clock(value: datetime) -> str:
    return _as(timezone.localtime(value), "time")


def zone(value: datetime) -> str:
    """The reader's zone as people name it: "EET"; zones without a name of their own: "UTC+03"."""
    name = timezone.localtime(value).tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def moment(value: datetime | None, *, form: str = "medium") -> str:
    """Day, time and the zone it is told in: "Nov 22, 2026, 9:30 AM EET"."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    return f"{_as(local, form)}, {_as(local, 'time')} {zone(value)}"


@lru_cache(maxsize=2048)
def _ago(code: str, unit: str, count: int) -> str:
    step = timedelta(**{f"{unit}s": abs(count)})
    return format_timedelta(
        step if count > 0 else -step, granularity=unit, threshold=1, add_direction=True, locale=locale_of(code)
    )


def _distance(seconds: float) -> tuple[str, int] | None:
    """The unit and count a person would say, None when it is a matter for the calendar."""
    sign, size = (1, seconds) if seconds > 0 else (-1, -seconds)
    if size < 3600:
        return "minute", sign * max(1, int(size // 60))
    if size < 86400:
        return "hour", sign * int(size // 3600)
    return ("day", sign * int(size // 86400)) if size < 7 * 86400 else None


def relative(value: datetime | None) -> str:
    """ "3 hours ago", "in 2 days"; beyond a week, the day itself."""
    if value is None:
        return NOTHING
    seconds = (value - timezone.now()).total_seconds()
    if abs(seconds) < 45:
        return _("just now")
    distance = _distance(seconds)
    return _ago(language(), *distance) if distance else day(value)
