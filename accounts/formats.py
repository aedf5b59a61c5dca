"""Money, numbers and times as the reader writes them.

A page shows fifty of each. Babel's own functions parse a pattern per call, and asking Django for the language
or the time zone costs more than writing a number. So Babel is asked once per language and currency how a
sample looks, and a `Reader` (one per page) remembers who reads.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

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


def language() -> str:
    return get_language() or "en"


@lru_cache(maxsize=16)
def locale_of(code: str) -> Locale:
    try:
        return Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


# Numbers ------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """What stands around and between the digits of a number."""

    before: str
    after: str
    separators: dict[int, str]


def _shape(sample: str) -> Shape:
    """Read off the sample 1234567.5, written `1,234,567.5` or its like."""
    places = [i for i, char in enumerate(sample) if char.isdigit()]
    digits = sample[places[0] : places[-1] + 1]
    point = digits.index("7") + 1
    separators = {ord(","): digits[1], ord("."): digits[point : point + 1] or "."}
    return Shape(sample[: places[0]], sample[places[-1] + 1 :], separators)


@lru_cache(maxsize=512)
def _money_shape(code: str, currency: str) -> Shape:
    locale = locale_of(code)
    pattern = locale.currency_formats["standard"].pattern
    shape = _shape(format_currency(Decimal("1234567.5"), currency, pattern, locale, currency_digits=False))
    # CLDR parts a code of letters from the digits; Babel leaves that out.
    return shape._replace(before=f"{shape.before}\xa0") if shape.before[-1:].isalpha() else shape


@lru_cache(maxsize=32)
def _number_shape(code: str) -> Shape:
    return _shape(format_decimal(Decimal("1234567.5"), locale=locale_of(code)))


@lru_cache(maxsize=32)
def _percent_shape(code: str) -> Shape:
    before, after = format_percent(Decimal("0.07"), locale=locale_of(code)).split("7")
    return _number_shape(code)._replace(before=before, after=after)


def _decimal(value: Any) -> Decimal | None:
    """The number, or None for what is none."""
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int):
        return Decimal(value)
    elif isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
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
    try:
        exponent = number.quantize(_STEPS[most], ROUND_HALF_UP).normalize().as_tuple().exponent
    except InvalidOperation:
        return 0
    return min(most, max(0, -int(exponent)))


# Days and times -----------------------------------------------------------------------------------

Part = Callable[[Any], str]
Unit = Literal["minute", "hour", "day"]
_SKELETONS = {"short": "MMMd", "month": "yMMM", "weekday": "MMMEd"}
_OWN = {"mon": "MMM", "weektime": "EEE {time}"}


def _pattern(locale: Locale, form: str) -> str:
    time = locale.time_formats["short"].pattern
    if form in _OWN:
        return _OWN[form].format(time=time)
    if form in _SKELETONS:
        return locale.datetime_skeletons[_SKELETONS[form]].pattern
    return time if form == "time" else locale.date_formats[form].pattern


def _field_writer(letter: str, width: int, locale: Locale) -> Part:
    """How one field of a CLDR pattern is written. KeyError for a field none of our patterns has."""
    if letter == "M" and width >= 3:
        months = dict(locale.months["format"]["abbreviated" if width == 3 else "wide"])
        return lambda when: months[when.month]
    if letter == "E":
        days = dict(locale.days["format"]["abbreviated" if width <= 3 else "wide"])
        return lambda when: days[when.weekday()]
    if letter == "a":
        halves = dict(locale.day_periods["format"]["abbreviated"])
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
    return (lambda when: str(value(when))) if width == 1 else (lambda when: f"{value(when):02d}")


def _constant(text: str) -> Part:
    return lambda _when: text


@lru_cache(maxsize=128)
def _writer(code: str, form: str) -> Part:
    """A function that writes a day or a local time in one form."""
    locale = locale_of(code)
    parts = [
        _field_writer(*token, locale) if isinstance(token, tuple) else _constant(token)
        for _kind, token in tokenize_pattern(_pattern(locale, form))
    ]
    return lambda when: "".join([part(when) for part in parts])


@lru_cache(maxsize=4096)
def _written_day(code: str, form: str, day: date) -> str:
    return _writer(code, form)(day)


@lru_cache(maxsize=4096)
def _written_time(code: str, hour: int, minute: int) -> str:
    return _writer(code, "time")(datetime(2000, 1, 1, hour, minute))  # noqa: DTZ001 - of any day


@lru_cache(maxsize=2048)
def _ago(code: str, unit: Unit, count: int) -> str:
    step = timedelta(**{f"{unit}s": abs(count)})
    delta = step if count > 0 else -step
    return format_timedelta(delta, granularity=unit, threshold=1, add_direction=True, locale=locale_of(code))


@lru_cache(maxsize=16)
def _just_now(code: str) -> str:
    return _("just now")


def _distance(seconds: float) -> tuple[Unit, int] | None:
    """The unit and count a person would say; None when it is a matter for the calendar."""
    sign, size = (1, seconds) if seconds > 0 else (-1, -seconds)
    if size < 3600:
        return "minute", sign * max(1, int(size // 60))
    if size < 86400:
        return "hour", sign * int(size // 3600)
    return ("day", sign * int(size // 86400)) if size < 7 * 86400 else None


# The reader ---------------------------------------------------------------------------------------


class Reader:
    """Who reads a page: their language, their zone, and the one moment the page is of."""

    def __init__(self) -> None:
        self.code = language()

    @cached_property
    def zone(self) -> tzinfo:
        return timezone.get_current_timezone()

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def today(self) -> date:
        return self.local(self.now).date()

    def number(self, value: Any, decimals: int | None = None, *, signed: bool = False, compact: bool = False) -> str:
        """1234.5 → "1,234.5". With `decimals` exactly so many, without at most two. None → "–"."""
        amount = None if value is None else _decimal(value)
        if amount is None:
            return NOTHING
        if compact and abs(amount) >= 1000:
            text = format_compact_decimal(amount, locale=locale_of(self.code), fraction_digits=1)
            return text.replace("-", MINUS)
        if decimals is None:
            decimals = 0 if isinstance(value, int) else _places(amount, 2)
        return _written(amount, decimals, _number_shape(self.code), signed=signed)

    def percent(self, value: Any, of: Any = 1, decimals: int = 0, *, signed: bool = False) -> str:
        """A share: percent(.42) → "42%", percent(3, of=4) → "75%". Of nothing → "–"."""
        part, whole = _decimal(value), _decimal(of)
        if part is None or not whole:
            return NOTHING
        return _written(part / whole * 100, decimals, _percent_shape(self.code), signed=signed)

    def money(
        self, value: Any, currency: str, *, exact: bool = False, signed: bool = False, compact: bool = False
    ) -> str:
        """Whole units, as lists show them; with the cents if `exact`; "$1.2M" if `compact`."""
        amount = None if value is None else _decimal(value)
        if amount is None:
            return NOTHING
        if compact and abs(amount) >= 1000:
            text = format_compact_currency(amount, currency, locale=locale_of(self.code), fraction_digits=1)
            return text.replace("-", MINUS)
        places = get_currency_precision(currency) if exact else 0
        return _written(amount, places, _money_shape(self.code, currency), signed=signed)

    def local(self, value: datetime) -> datetime:
        return value.astimezone(self.zone)

    def write(self, value: date, form: str) -> str:
        """A day, or a local time, in a form of `docs/ui.md`."""
        return _writer(self.code, form)(value)

    def day(self, value: date | None, *, form: str = "") -> str:
        """Short ("22 Nov"), with the year where it is not this one. `form`: short medium long full month weekday."""
        if value is None:
            return NOTHING
        if isinstance(value, datetime):
            value = self.local(value)
        return self.write(value, form or ("short" if value.year == self.today.year else "medium"))

    def clock(self, value: datetime) -> str:
        return self.write(self.local(value), "time")

    def moment(self, value: datetime | None, *, form: str = "medium") -> str:
        """Day, time and the zone it is told in: "Nov 22, 2026, 9:30 AM EET"."""
        if value is None:
            return NOTHING
        local = self.local(value)
        day, clock = _written_day(self.code, form, local.date()), _written_time(self.code, local.hour, local.minute)
        return f"{day}, {clock} {_zone_name(local)}"

    def relative(self, value: datetime | None) -> str:
        """As one says it: "3 hours ago", "in 2 days"; beyond a week, the day itself."""
        if value is None:
            return NOTHING
        seconds = (value - self.now).total_seconds()
        if -45 < seconds < 45:
            return _just_now(self.code)
        distance = _distance(seconds)
        return _ago(self.code, *distance) if distance else self.day(value)


def _zone_name(local: datetime) -> str:
    """As people name it: "EET"; a zone without a name of its own: "UTC+03"."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


# For code that writes one or two ------------------------------------------------------------------


def number(value: Any, decimals: int | None = None, *, signed: bool = False, compact: bool = False) -> str:
    return Reader().number(value, decimals, signed=signed, compact=compact)


def percent(value: Any, of: Any = 1, decimals: int = 0, *, signed: bool = False) -> str:
    return Reader().percent(value, of, decimals, signed=signed)


def money(value: Any, currency: str, *, exact: bool = False, signed: bool = False, compact: bool = False) -> str:
    return Reader().money(value, currency, exact=exact, signed=signed, compact=compact)


def day(value: date | None, *, form: str = "") -> str:
    return Reader().day(value, form=form)


def clock(value: datetime) -> str:
    return Reader().clock(value)


def moment(value: datetime | None, *, form: str = "medium") -> str:
    return Reader().moment(value, form=form)


def relative(value: datetime | None) -> str:
    return Reader().relative(value)


def labelled(label: Any, text: Any) -> str:
    """As a list of facts says it: French puts a space before the colon."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def colon() -> str:
    """What stands between a label and its text, where markup stands there, too."""
    return labelled("", "").rstrip(" ")


def month_labels(days: Sequence[date]) -> list[str]:
    """For the axis of a chart: the year at both ends and where it begins."""
    reader, ends = Reader(), {0, len(days) - 1}
    return [reader.write(one, "month" if i in ends or one.month == 1 else "mon") for i, one in enumerate(days)]
