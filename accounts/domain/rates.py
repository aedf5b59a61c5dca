"""Exchange rates: money of other currencies in the reporting currency, at the rate of its day.

A rate that is missing is an error, never 1. A new rate revalues what is priced in its currency: a step of its
own, on the rate's day, so that nobody's expansion is the market's.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.domain.mrr import ARITHMETIC, MOST, kept
from accounts.exceptions import DomainError
from accounts.models import ExchangeRate

ONE = Decimal(1)


class Rates:
    """The rates of some currencies, looked up without asking the database again."""

    def __init__(self, currencies: Iterable[str]) -> None:
        self.by_currency: dict[str, list[tuple[date, Decimal]]] = {}
        foreign = set(currencies) - {settings.REPORTING_CURRENCY}
        if not foreign:
            return
        rows = ExchangeRate.objects.filter(currency__in=foreign).order_by("currency", "-valid_from")
        for currency, valid_from, rate in rows.values_list("currency", "valid_from", "rate"):
            self.by_currency.setdefault(currency, []).append((valid_from, rate))

    def on(self, currency: str, day: date) -> Decimal:
        if currency == settings.REPORTING_CURRENCY:
            return ONE
        for valid_from, rate in self.by_currency.get(currency, ()):
            if valid_from <= day:
                return rate
        raise DomainError(
            _(
                "There is no exchange rate from %(currency)s to %(reporting)s for %(day)s:"
                " add one dated that day or before."
            )
            % {"currency": currency, "reporting": settings.REPORTING_CURRENCY, "day": day.isoformat()},
            code="rate_missing",
            errors={"currency": [_("No exchange rate is known for this currency on that day.")]},
        )

    def convert(self, amount: Decimal, currency: str, day: date) -> Decimal:
        if not amount:
            return amount
        converted = kept(ARITHMETIC.multiply(amount, self.on(currency, day)))
        if converted > MOST:
            raise DomainError(_("This is worth more than a billion a month: check price and rate."), code="too_much")
        return converted


RATE_ON = """
    select r.rate from accounts_exchangerate r
    where r.currency = {currency} and r.valid_from <= {day} order by r.valid_from desc limit 1
"""
