"""Exchange rates: money of other currencies in the reporting currency, at the rate of its day.

A rate that is missing is an error, never 1. A new rate revalues what is priced in its currency: a step of its
own, on the rate's day, so that nobody's expansion is the market's.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import currency as clean_currency, day as clean_day, refuse
from accounts.domain.activity import Who
from accounts.domain.mrr import ARITHMETIC, MOST, kept
from accounts.exceptions import DomainError
from accounts.models import Account, ExchangeRate

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


def rate_on(currency: str, day: date) -> Decimal:
    return Rates([currency]).on(currency, day)


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
    from accounts.domain.standing import settle_accounts

    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct account_id from accounts_subscriptionchange where currency = any(%s)", [list(currencies)]
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    list(Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    if ids:
        settle_accounts(ids, by=by, foreign=True)


RATE_ON = """
    select r.rate from accounts_exchangerate r
    where r.currency = {currency} and r.valid_from <= {day} order by r.valid_from desc limit 1
"""

# What the customers did, at the rate of its day.
RESTATE = f"""
update accounts_subscriptionchange c set mrr = v.mrr
from (
    select c.id, round(c.amount * ({RATE_ON.format(currency="c.currency", day="c.effective_on")}), 8) as mrr
    from accounts_subscriptionchange c
    where c.account_id = any(%(ids)s) and c.currency <> %(reporting)s and not c.revaluation
) v
where v.id = c.id and v.mrr is not null and v.mrr <> c.mrr
"""  # noqa: S608 - constants

# What the market did meanwhile: a step on the day of each rate that came while the subscription counted.
REVALUED = """
    select c.subscription_id, c.account_id, r.valid_from as effective_on, round(c.amount * r.rate, 8) as mrr, c.amount,
           c.currency, c.quantity, c.plan_id
    from (
        select c.*, lead(c.effective_on) over (partition by c.subscription_id order by c.effective_on, c.id) as until
        from accounts_subscriptionchange c where c.account_id = any(%(ids)s) and not c.revaluation
    ) c
    join accounts_exchangerate r on r.currency = c.currency and r.valid_from > c.effective_on
        and r.valid_from <= coalesce(c.until, %(today)s)
    where c.amount > 0 and c.currency <> %(reporting)s
"""
FORGET = f"""
with stale as (
    select c.id from accounts_subscriptionchange c
    where c.account_id = any(%(ids)s) and c.revaluation and not exists (
        select from ({REVALUED}) v where v.subscription_id = c.subscription_id and v.effective_on = c.effective_on)
), movements as (
    delete from accounts_movement where change_id in (select id from stale)
)
delete from accounts_subscriptionchange where id in (select id from stale)
"""  # noqa: S608 - constants
REVALUE = f"""
insert into accounts_subscriptionchange (subscription_id, account_id, effective_on, mrr, amount, currency, quantity,
    plan_id, recorded_at, revaluation, reason, comment)
select subscription_id, account_id, effective_on, mrr, amount, currency, quantity, plan_id, %(now)s, true, '', ''
from ({REVALUED}) v order by effective_on, subscription_id
on conflict (subscription_id, effective_on) where revaluation do update
    set mrr = excluded.mrr, amount = excluded.amount, currency = excluded.currency, quantity = excluded.quantity,
        plan_id = excluded.plan_id
    where (accounts_subscriptionchange.mrr, accounts_subscriptionchange.amount, accounts_subscriptionchange.currency)
        is distinct from (excluded.mrr, excluded.amount, excluded.currency)
"""  # noqa: S608 - constants


def revalue_steps(cursor: Any, account_ids: Sequence[int]) -> None:
    """Bring the steps of these accounts in line with the rates."""
    params = {
        "ids": list(account_ids),
        "reporting": settings.REPORTING_CURRENCY,
        "today": timezone.localdate(),
        "now": timezone.now(),
    }
    for statement in (RESTATE, FORGET, REVALUE):
        cursor.execute(statement, params)
