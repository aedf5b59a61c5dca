"""New rates, and what they revalue."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import currency as clean_currency, day as clean_day, refuse
from accounts.domain.activity import Who
from accounts.domain.standing import settle_accounts
from accounts.models import Account, ExchangeRate


def clean_rate(given: Any) -> Decimal:
    try:
        rate = Decimal(str(given))
    except InvalidOperation:
        raise refuse("rate", _("A rate is a number.")) from None
    if not rate.is_finite() or not 0 < rate < 1_000_000_000 or rate != round(rate, 9):
        raise refuse("rate", _("A rate is above 0 and under a billion, with at most 9 decimals."))
    return rate


@transaction.atomic
def set_rate(currency: str, valid_from: date, rate: Decimal | str, *, by: Who) -> tuple[ExchangeRate, str]:
    """The rate from that day on, and whether it was "created", "updated" or "unchanged"."""
    code, day, value = clean_currency(currency), clean_day(valid_from), clean_rate(rate)
    if code == settings.REPORTING_CURRENCY:
        raise refuse("currency", _("%(currency)s is the reporting currency: its rate is 1.") % {"currency": code})
    if day is None:
        raise refuse("valid_from", _("Say from which day the rate holds."))
    row, created = ExchangeRate.objects.get_or_create(currency=code, valid_from=day, defaults={"rate": value})
    if not created and row.rate == value:
        return row, "unchanged"
    row.rate, row.applied = value, day <= timezone.localdate()
    row.save(update_fields=["rate", "applied"])
    revalue([code], by=by)
    return row, "created" if created else "updated"


def apply_due_rates(*, by: Who = None) -> int:
    """Rates entered ahead of their day, now that it has come. Gives the number of rates."""
    today = timezone.localdate()
    with connection.cursor() as cursor:  # asked every few minutes, and nearly always for nothing: plain SQL
        cursor.execute(
            "select exists (select from accounts_exchangerate where not applied and valid_from <= %s)", [today]
        )
        if not cursor.fetchone()[0]:
            return 0
    due = ExchangeRate.objects.filter(applied=False, valid_from__lte=today)
    with transaction.atomic():
        rates = list(due.order_by("pk").select_for_update(skip_locked=True))
        revalue({rate.currency for rate in rates}, by=by)
        ExchangeRate.objects.filter(pk__in=[rate.pk for rate in rates]).update(applied=True)
    return len(rates)


def revalue(currencies: Iterable[str], *, by: Who = None) -> None:
    """Everything priced in these currencies, at the rates there are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct account_id from accounts_subscriptionchange where currency = any(%s)", [list(currencies)]
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    list(Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    if ids:
        settle_accounts(ids, by=by, foreign=True)
