"""From a cell to a value: what people and programs write for a date, a yes, a sum, an address.

A converter takes the cell as it stands and gives the text PostgreSQL reads (canonical, not yet escaped), None for
nothing, or raises Refused with a sentence. They run once per distinct cell (see columns.py).
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.domain.account_values import language as language_of, zones
from accounts.domain.exports import as_it_was
from accounts.domain.mailboxes import check_mailbox
from accounts.domain.text import one_line
from accounts.exceptions import DomainError

MOST = 10_000_000
MOST_PLACES = 8
Convert = Callable[[str], str | None]


class Refused(ValueError):
    """Its text is a sentence about one cell."""


def shown(cell: str) -> str:
    """A cell inside a sentence: short and printable."""
    plain = "".join(c if c.isprintable() else "�" for c in cell[:61])
    return plain if len(cell) <= 60 else plain[:60] + "…"


# Text ---------------------------------------------------------------------------------------------


def text(max_length: int) -> Convert:
    def convert(cell: str) -> str | None:
        value = as_it_was(cell).strip()
        if "\0" in value:
            raise Refused(_("has a zero byte in it"))
        if len(value) > max_length:
            raise Refused(_("has %(n)s characters, at most %(max)s are allowed") % {"n": len(value), "max": max_length})
        return value or None

    return convert


# The full check takes ten times as long, and nearly every address is of this form.
_USUAL_EMAIL = re.compile(
    r"[a-z0-9_+-]{1,40}(\.[a-z0-9_+-]{1,40}){0,3}@([a-z0-9]{1,40}\.){1,4}[a-z]{2,20}", re.IGNORECASE
)


def line(max_length: int) -> Convert:
    """A name: one line, as every door of the product takes it (domain/text.py)."""

    def convert(cell: str) -> str | None:
        value = one_line(as_it_was(cell), MOST, field="")
        if len(value) > max_length:
            raise Refused(_("has %(n)s characters, at most %(max)s are allowed") % {"n": len(value), "max": max_length})
        return value or None

    return convert


def identifier(max_length: int = 200) -> Convert:
    """An id is kept to the letter, so what cannot be seen in it is refused, not taken out."""
    plain = text(max_length)

    def convert(cell: str) -> str | None:
        value = plain(cell)
        if value and not value.isprintable():
            raise Refused(_("“%(cell)s” has characters that cannot be seen") % {"cell": shown(value)})
        return value

    return convert


def columns_as_json() -> Convert:
    def convert(cell: str) -> str | None:
        if "\\u0000" in cell:
            raise Refused(_("has a zero byte in it"))
        if len(cell) > 20_000:
            raise Refused(_("has %(n)s characters, at most %(max)s are allowed") % {"n": len(cell), "max": 20_000})
        return None if cell == "{}" else cell

    return convert


def email() -> Convert:
    plain = text(254)

    def convert(cell: str) -> str | None:
        value = plain(cell)
        if value is None:
            return None
        value = value.removeprefix("mailto:")
        if _USUAL_EMAIL.fullmatch(value):
            return value
        try:
            check_mailbox(value)
        except ValidationError:
            raise Refused(_("“%(cell)s” is not an e-mail address") % {"cell": shown(cell)}) from None
        return value

    return convert


_USUAL_DOMAIN = re.compile(r"([a-z0-9-]{1,63}\.){1,5}[a-z]{2,20}")


def domain() -> Convert:
    """A host name; an address of a page or a person gives its own."""
    plain = text(2000)

    def convert(cell: str) -> str | None:
        if _USUAL_DOMAIN.fullmatch(cell) and not cell.startswith("www."):
            return cell
        value = (plain(cell) or "").lower()
        host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value).split("/")[0].split("?")[0]
        host = host.rsplit("@", 1)[-1].split(":")[0].removeprefix("www.").strip(".")
        if len(host) > 253 or (host and not re.fullmatch(r"[^\s,;<>\"']+", host)):
            raise Refused(_("“%(cell)s” is not a domain") % {"cell": shown(cell)})
        return host or None

    return convert


def currency() -> Convert:
    signs = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD"}

    def convert(cell: str) -> str | None:
        value = cell.strip().upper()
        value = signs.get(value, value)
        if value and not re.fullmatch("[A-Z]{3}", value):
            raise Refused(_("“%(cell)s” is not a currency of three letters, like EUR") % {"cell": shown(cell)})
        return value or None

    return convert


def zone() -> Convert:
    known = {name.lower(): name for name in zones()}

    def convert(cell: str) -> str | None:
        value = cell.strip()
        if not value:
            return None
        if value.lower() in known:
            return known[value.lower()]
        raise Refused(_("“%(cell)s” is not a time zone, like Europe/Paris") % {"cell": shown(cell)})

    return convert


def language() -> Convert:
    def convert(cell: str) -> str | None:
        try:
            return language_of(cell) or None
        except DomainError as error:
            raise Refused(str(error.message).rstrip(".")) from None  # the row's sentence ends it

    return convert


# Choices ------------------------------------------------------------------------------------------


def word(cell: str) -> str:
    """As words are compared: "Past-Due " is past_due."""
    return re.sub(r"[\W_]+", "_", cell.strip().casefold()).strip("_")


def choice(
    words: Mapping[str, str], *, other: str | None = None, refused: Mapping[str, str | Promise] | None = None
) -> Convert:
    """`words` maps what is written to what is meant; `other` takes whatever is not known; of `refused` words there is
    more to say than that they are unknown."""
    known = {word(key): value for key, value in words.items()}
    why = {word(key): sentence for key, sentence in (refused or {}).items()}

    def convert(cell: str) -> str | None:
        key = word(cell)
        if not key:
            if cell.strip():
                raise Refused(_unknown(cell, known))
            return None
        if key in known:
            return known[key]
        if key in why:
            raise Refused(str(why[key]))
        if other is not None:
            return other
        raise Refused(_unknown(cell, known))

    return convert


def _unknown(cell: str, known: Mapping[str, str]) -> str:
    offered = ", ".join(dict.fromkeys(known.values()))
    return _("“%(cell)s” is not one of: %(words)s") % {"cell": shown(cell), "words": offered}


YES = {"true", "t", "yes", "y", "1", "on", "x", "oui", "vrai", "da", "adevarat", "adevărat", "ja", "si", "sí"}
NO = {"false", "f", "no", "n", "0", "off", "non", "faux", "nu", "fals", "nein", "none"}


def boolean() -> Convert:
    def convert(cell: str) -> str | None:
        value = cell.strip().casefold()
        if not value:
            return None
        if value in YES or value == "1.0":
            return "t"
        if value in NO or value == "0.0":
            return "f"
        raise Refused(_("“%(cell)s” is neither yes nor no") % {"cell": shown(cell)})

    return convert


# Numbers ------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")
_USUAL_NUMBER = re.compile(r"\d{1,9}(\.\d\d)?")
# Spaces and apostrophes group thousands in much of the world.
_GROUPS = str.maketrans("", "", " \u00a0\u202f\u2009'’_")
_SYMBOLS = re.compile(r"^[^\d+.,()-]{0,4}\s*|\s*[^\d.,()]{0,4}$")


def plain_number(cell: str, decimal: str = ".") -> str:
    """ "1.234,50 €" as "1234.50", "(12)" as "-12"."""
    value = cell.strip()
    negative = value.startswith("(") and value.endswith(")")
    if negative:
        value = value[1:-1]
    sign = "-" if value.startswith("-") else ""
    value = _SYMBOLS.sub("", value.lstrip("+-").strip()).translate(_GROUPS)
    value = value.replace("." if decimal == "," else ",", "").replace(",", ".")
    return ("-" if negative else sign) + value


def _grouped_right(cell: str, decimal: str) -> bool:
    """Thousands come in threes: "1,23" with a decimal point is not 123."""
    group = "." if decimal == "," else ","
    whole = re.sub(r"[^\d.,]", "", cell).split(decimal)[0]
    parts = whole.split(group)
    return len(parts) == 1 or (all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3)


def number(*, minimum: Decimal | None = None, digits: int = 12, places: int = 8, decimal: str = ".") -> Convert:
    def convert(cell: str) -> str | None:
        if minimum in {None, 0} and places >= 2 and digits >= 9 and _USUAL_NUMBER.fullmatch(cell):
            return cell
        if not cell.strip():
            return None
        value = plain_number(cell, decimal)
        if not _NUMBER.fullmatch(value) or not _grouped_right(cell, decimal):
            raise Refused(_("“%(cell)s” is not a number") % {"cell": shown(cell)})
        return _checked(cell, Decimal(value), minimum, digits, places)

    return convert


def _checked(cell: str, amount: Decimal, minimum: Decimal | None, digits: int, places: int) -> str:
    if minimum is not None and amount < minimum:
        raise Refused(_("%(cell)s is less than %(minimum)s") % {"cell": shown(cell), "minimum": minimum})
    if abs(amount) >= Decimal(10) ** digits:
        raise Refused(_("%(cell)s is too large") % {"cell": shown(cell)})
    if (kept := round(amount, MOST_PLACES)) != round(amount, places):
        raise Refused(_("%(cell)s has too many digits") % {"cell": shown(cell)})
    return f"{kept:f}"


def whole(*, minimum: int = 0, maximum: int = 2_147_483_647, decimal: str = ".") -> Convert:
    """A whole number; "74.0" is one too, as databases write them where some are missing."""
    plain = number(decimal=decimal)

    def convert(cell: str) -> str | None:
        value = plain(cell)
        if value is None:
            return None
        amount = Decimal(value)
        if amount != int(amount):
            raise Refused(_("“%(cell)s” is not a whole number") % {"cell": shown(cell)})
        if not minimum <= amount <= maximum:
            raise Refused(
                _("%(cell)s is not between %(least)s and %(most)s")
                % {"cell": shown(cell), "least": minimum, "most": maximum}
            )
        return str(int(amount))

    return convert
