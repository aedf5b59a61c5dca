"""Key figures of the ground floor (RULES 7), each with its formula as it comes out, or why it does not."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain import rules
from accounts.domain.metrics import ltv
from accounts.domain.metrics.ratios import mean, ratio
from accounts.domain.mrr import ARITHMETIC
from accounts.domain.numbers.asking import SIX, YEAR, Asked, Point, monthly
from accounts.domain.numbers.sums import Sum


def money(value: Any) -> str:
    return formats.money(value, settings.REPORTING_CURRENCY)


def share(value: Any) -> str:
    return formats.percent(value, decimals=1)


def nobody(month: date) -> str:
    return _("Nobody paid in %(month)s.") % {"month": formats.day(month, form="month")}


def divided(part: Any, whole: Any, formula: str, missing: str) -> Point:
    value = ratio(part, whole)
    return Point(value, formula) if value is not None else Point(missing=missing)


# What is earned -----------------------------------------------------------------------------------


def _mrr(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    if not s.customers_end and not s.customers_start:
        return Point(missing=nobody(month))
    moved = s.end - s.start
    formula = _("%(start)s at the start of the month %(moved)s") % {
        "start": money(s.start), "moved": formats.money(moved, settings.REPORTING_CURRENCY, signed=True),
    }  # fmt: skip
    return Point(s.end, formula)


def _customers(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    formula = _("%(start)s + %(won)s won + %(back)s back − %(lost)s lost") % {
        "start": formats.number(s.customers_start), "won": formats.number(s.customers_new),
        "back": formats.number(s.customers_back), "lost": formats.number(s.customers_lost),
    }  # fmt: skip
    return Point(Decimal(s.customers_end), formula)


def _arpa(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    formula = ngettext("MRR %(mrr)s / %(n)s paying account", "MRR %(mrr)s / %(n)s paying accounts", s.customers_end) % {
        "mrr": money(s.end),
        "n": formats.number(s.customers_end),
    }
    return divided(s.end, s.customers_end, formula, nobody(month))


def _expansion(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    if not s.customers_start:
        return Point(missing=nobody(month))
    return Point(
        s.net_expansion, _("%(share)s of the MRR at the start") % {"share": share(ratio(s.net_expansion, s.start))}
    )


# What is kept -------------------------------------------------------------------------------------


def _no_year(month: date) -> str:
    return _("Nobody paid a year before the end of %(month)s.") % {"month": formats.day(month, form="month")}


def _nrr(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    facts = {"kept": money(s.year_kept), "start": money(s.year_start), "n": formats.number(s.year_customers)}
    formula = (
        ngettext(
            "MRR today %(kept)s / a year ago %(start)s, of the %(n)s customer of then",
            "MRR today %(kept)s / a year ago %(start)s, of the %(n)s customers of then",
            s.year_customers,
        )
        % facts
    )
    return divided(s.year_kept, s.year_start, formula, _no_year(month))


def _grr(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    facts = {"kept": money(s.year_capped), "start": money(s.year_start), "n": formats.number(s.year_customers)}
    formula = (
        ngettext(
            "%(kept)s / %(start)s, the %(n)s customer at most what they paid a year ago",
            "%(kept)s / %(start)s, each of the %(n)s customers at most what they paid a year ago",
            s.year_customers,
        )
        % facts
    )
    return divided(s.year_capped, s.year_start, formula, _no_year(month))


def _churn(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    facts = {"lost": formats.number(s.customers_lost), "n": formats.number(s.customers_start)}
    formula = (
        ngettext(
            "%(lost)s lost / %(n)s customer at the start",
            "%(lost)s lost / %(n)s customers at the start",
            s.customers_start,
        )
        % facts
    )
    return divided(s.customers_lost, s.customers_start, formula, nobody(month))


def _mrr_churn(asked: Asked, month: date) -> Point:
    s = asked.at(month)
    w = s.waterfall()
    facts = {"churn": money(w.churn), "contraction": money(w.contraction), "start": money(w.start)}
    formula = _("(churn %(churn)s + contraction %(contraction)s) / %(start)s") % facts
    return divided(w.churn + w.contraction, w.start, formula, nobody(month))


def _quick(asked: Asked, month: date) -> Point:
    w = asked.at(month).waterfall()
    facts = {"in": money(w.new + w.reactivation + w.expansion), "out": money(w.churn + w.contraction)}
    formula = _("new, back and expansion %(in)s / churn and contraction %(out)s") % facts
    missing = _("None lost.") if w.start or w.end else nobody(month)
    return divided(w.new + w.reactivation + w.expansion, w.churn + w.contraction, formula, missing)


def _negative(asked: Asked, month: date) -> Point:
    w = asked.at(month).waterfall()
    facts = {"in": money(w.expansion), "out": money(w.churn + w.contraction)}
    formula = _("expansion %(in)s / churn and contraction %(out)s; over 100%% the base grows by itself") % facts
    missing = _("None lost.") if w.start or w.end else nobody(month)
    return divided(w.expansion, w.churn + w.contraction, formula, missing)


# What customers are worth, and cost ---------------------------------------------------------------


def churn_of(months: Sequence[Sum]) -> Decimal | None:
    """c: the mean of the last six full months."""
    rates = [ratio(s.customers_lost, s.customers_start) for s in months]
    return mean(rate for rate in rates if rate is not None)


def growth_of(months: Sequence[Sum]) -> Decimal:
    """g: what those who stay add in a month, the mean of the same six."""
    rates = [ratio(s.net_expansion + s.net_contraction, s.start) for s in months]
    return mean(rate for rate in rates if rate is not None) or Decimal(0)


def monthly_discount() -> Decimal:
    """The yearly rate as it compounds each month."""
    with localcontext(ARITHMETIC):
        return (1 + rules.share("numbers.discount")) ** (Decimal(1) / 12) - 1


def lifetime(asked: Asked, month: date) -> ltv.LifetimeValue:
    months = asked.back_from(month, SIX)
    s = asked.at(month)
    return ltv.lifetime_value(
        ratio(s.end, s.customers_end),
        churn_of(months),
        rules.share("numbers.margin"),
        discount=monthly_discount(),
        growth=growth_of(months),
        horizon=rules.number("numbers.horizon"),
    )


MISSING: dict[str, Callable[[], str]] = {
    ltv.NO_CUSTOMERS: lambda: _("Nobody pays yet."),
    ltv.NO_CHURN: lambda: _("No churn yet: nothing to divide by."),
    ltv.DIVERGES: lambda: _("Does not converge: what stays grows faster than money loses its worth."),
}


def _ltv(asked: Asked, month: date) -> Point:
    found, s = lifetime(asked, month), asked.at(month)
    if found.margin is None:
        return Point(missing=MISSING[found.reason or ltv.NO_CHURN]())
    facts = {
        "arpa": money(ratio(s.end, s.customers_end)), "margin": share(rules.share("numbers.margin")),
        "churn": formats.percent(churn_of(asked.back_from(month, SIX)), decimals=2),
    }  # fmt: skip
    return Point(found.margin, _("ARPA %(arpa)s × margin %(margin)s / churn %(churn)s a month") % facts)


def _cac(asked: Asked, month: date) -> Point:
    spent, won, told = _spent(asked, month)
    if not told:
        return Point(missing=_("No costs of winning customers are entered for these twelve months."))
    facts = {"spent": money(spent), "won": formats.number(won), "months": formats.number(told)}
    formula = _("%(spent)s / %(won)s new customers, over %(months)s months") % facts
    return divided(spent, won, formula, _("No new customers in the months that have costs."))


def _spent(asked: Asked, month: date) -> tuple[Decimal, int, int]:
    """Of the twelve months to this one, those with costs: spent, customers won, how many months."""
    months = [s.month for s in asked.year_to(month)]
    return asked.costs.on_winning(months, asked.won_by_channel, asked.won_of_all)


def _times(asked: Asked, month: date, of: Callable[[Asked, date], Point], name: str) -> Point:
    worth, cost = _ltv(asked, month), of(asked, month)
    if worth.value is None or cost.value is None:
        return Point(missing=worth.missing or cost.missing)
    formula = _("LTV %(ltv)s / %(name)s %(cost)s") % {
        "ltv": money(worth.value),
        "name": name,
        "cost": money(cost.value),
    }
    return divided(worth.value, cost.value, formula, _("Nothing was spent."))


def _ltv_cac(asked: Asked, month: date) -> Point:
    return _times(asked, month, _cac, "CAC")


def _payback(asked: Asked, month: date) -> Point:
    cost, arpa = _cac(asked, month), _arpa(asked, month)
    if cost.value is None or arpa.value is None:
        return Point(missing=cost.missing or arpa.missing)
    margin = rules.share("numbers.margin")
    facts = {"cac": money(cost.value), "arpa": money(arpa.value), "margin": share(margin)}
    formula = _("CAC %(cac)s / (ARPA %(arpa)s × margin %(margin)s)") % facts
    return divided(cost.value, arpa.value * margin, formula, _("Nothing is earned."))


def _crc(asked: Asked, month: date) -> Point:
    months = asked.year_to(month)
    minutes = sum(asked.minutes.get(s.month, 0) for s in months)
    programs = sum((asked.costs.keeping.get(s.month, Decimal(0)) for s in months), Decimal(0))
    base = asked.at(month)
    kept, of = base.year_customers - base.year_lost, asked.filters.chosen()
    if not minutes and not programs:
        return Point(
            missing=_("No calls were logged and no costs of keeping customers entered in these twelve months.")
        )
    hour = rules.number("numbers.hour_cost")
    if of:  # programs are for all customers: each bears as much
        everybody = Asked(month, month).at(month)
        programs = programs * (ratio(kept, everybody.year_customers - everybody.year_lost) or Decimal(0))
    with localcontext(ARITHMETIC):
        cost = Decimal(minutes) / 60 * hour + programs
    facts = {
        "hours": formats.number(Decimal(minutes) / 60, decimals=1), "hour": money(hour), "programs": money(programs),
        "kept": formats.number(kept),
    }  # fmt: skip
    formula = _("(%(hours)s logged hours × %(hour)s + programs %(programs)s) / %(kept)s customers kept") % facts
    return divided(cost, kept, formula, _no_year(month))


def _ltv_crc(asked: Asked, month: date) -> Point:
    return _times(asked, month, _crc, "CRC")


mrr = monthly(_mrr, behind="end")
customers = monthly(_customers, behind="end")
arpa = monthly(_arpa, behind="end")
expansion = monthly(_expansion, behind="net_expansion")
nrr = monthly(_nrr, behind="year")
grr = monthly(_grr, behind="year")
churn = monthly(_churn, behind="customers_lost")
mrr_churn = monthly(_mrr_churn, behind="net_lost")
quick_ratio = monthly(_quick, behind="net_moved")
net_negative = monthly(_negative, behind="net_kept")
lifetime_value = monthly(_ltv, behind="life", span=YEAR)
cac = monthly(_cac, behind="bought", span=YEAR)
ltv_to_cac = monthly(_ltv_cac, behind="ltv_cac", span=YEAR)
payback = monthly(_payback, behind="payback", span=YEAR)
crc = monthly(_crc, behind="keeping", span=YEAR)
ltv_to_crc = monthly(_ltv_crc, behind="ltv_crc", span=YEAR)
