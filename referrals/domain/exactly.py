"""Money as programs and files write it, in minor units: to the last of them, or refused."""

from decimal import Decimal

from django.utils.translation import ngettext

from accounts.exceptions import DomainError
from referrals.domain.amounts import places_of


def in_minor_units(amount: Decimal, currency: str, *, field: str = "amount") -> int:
    """12.34 euros are 1234. What no coin is small enough for is refused: nobody would know who rounded it."""
    units = amount.scaleb(places_of(currency))
    if units != units.to_integral_value():
        places = places_of(currency)
        sentence = ngettext("%(currency)s has %(places)s decimal.", "%(currency)s has %(places)s decimals.", places) % {
            "currency": currency,
            "places": places,
        }
        raise DomainError(sentence, code="invalid", errors={field: [sentence]})
    return int(units)
