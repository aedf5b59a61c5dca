"""Revenue: money comes in minor units and goes in as it is, so that nothing is rounded on the way.

Where subscriptions tell the story, they are told to the product day by day and its movements are read.
"""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import time_machine

from accounts.domain import lifecycle
from accounts.domain.anniversaries import anniversaries, notice_deadline
from accounts.domain.metrics import cohorts, lines, ltv, trials
from accounts.domain.metrics.acquisition import acquisition
from accounts.domain.metrics.churn import INVOLUNTARY, VOLUNTARY, is_involuntary
from accounts.domain.metrics.dailies import by_day
from accounts.domain.metrics.months import mrr_by_month
from accounts.domain.metrics.ratios import ratio
from accounts.domain.metrics.retention import at_constant_rates, customers_between, waterfall as waterfall_of
from accounts.domain.mrr import displayed, exact_monthly
from accounts.domain.proration import local_day, prorate
from accounts.domain.setting_rates import set_rate
from accounts.domain.subscriptions import sweep_subscriptions, upsert_subscription
from accounts.models import Account, Movement, Subscription

DAY = timedelta(days=1)
START = date(2025, 1, 1)
_number = count(1)


@contextmanager
def on(day: date):
    """Noon of that day, after the clock has done its part."""
    with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
        sweep_subscriptions()
        yield


def customer(name: str = "Acme") -> Account:
    return Account.objects.create(external_id=f"case-{next(_number)}", name=name)


def subscribe(account: Account, name: str = "S", **fields: Any) -> Subscription:
    return upsert_subscription(account, f"{account.external_id}-{name}", by="case", **fields)[0]


def start(account: Account, name: str = "S", **fields: Any) -> Subscription:
    return subscribe(account, name, **{"currency": "USD", "started_on": START, **fields})


def mrr(account: Account) -> Decimal:
    account.refresh_from_db()
    return account.mrr


# MRR of a subscription ------------------------------------------------------------------------------


def normalize(given: dict) -> dict:
    with on(START):
        rows = [
            start(customer(), interval=interval, interval_count=every, unit_amount=amount)
            for interval, every, amount in given["items"]
        ]
    return {"mrr": [row.mrr for row in rows]}


def sum_of(given: dict) -> dict:
    account, items = customer(), given["items"]
    with on(START):
        for number, (interval, every, amount) in enumerate(items):
            start(account, f"S{number}", interval=interval, interval_count=every, unit_amount=amount)
    exact = [exact_monthly(amount, interval, every) for interval, every, amount in items]
    assert displayed(mrr(account)) == displayed(sum(exact))
    return {
        "mrr": sum(exact),
        "display": displayed(mrr(account) / 100) * 100,
        "round_first": sum(int(amount) for amount in exact),  # what we do not do
    }


def discount(given: dict) -> dict:
    rows = []
    with on(START):
        for seats, interval, every, amount, kind, value in given["rows"]:
            found = lines.lasting([_discount(kind, value)])
            terms = {"interval": interval, "interval_count": every, "unit_amount": amount, "quantity": seats}
            rows.append(start(customer(), **terms, **found))
    return {"mrr": [row.mrr for row in rows], "wrong_first": _as_if_it_lasted(*given["rows"][0])}


def _discount(kind: str, value: Any) -> lines.Discount:
    duration = next(name for name in ("once", "repeating", "forever") if kind.startswith(name))
    if kind.endswith("_pct"):
        return lines.Discount(duration, percent=Decimal(value))
    return lines.Discount(duration, amount=Decimal(value))


def _as_if_it_lasted(seats: int, interval: str, every: int, amount: int, kind: str, value: Any) -> Any:
    """What others show: a first invoice's discount taken off each seat for good."""
    price = Decimal(amount) * (100 - Decimal(value)) / 100 if kind.endswith("_pct") else Decimal(amount) - value
    return exact_monthly(seats * price, interval, every)


def invoice(given: dict) -> dict:
    return {"mrr": lines.mrr_of([lines.Line(kind, Decimal(amount), *every) for kind, amount, *every in given["lines"]])}


# Movements ------------------------------------------------------------------------------------------


def story(given: dict) -> dict:
    account, known = customer(), set()
    for number, (name, interval, seats, amount) in enumerate(given["steps"]):
        with on(START + 30 * number * DAY):
            if interval == "cancel":
                subscribe(account, name, status="canceled")
                continue
            terms = {"interval": interval, "quantity": seats, "unit_amount": amount}
            if name in known:
                subscribe(account, name, status="active", **terms)
            else:
                start(account, name, started_on=START + 30 * number * DAY, **terms)
            known.add(name)
    rows = Movement.objects.filter(account=account).order_by("occurred_on", "change_id")
    return {"movements": [[row.kind, row.amount] for row in rows], "end": mrr(account)}


def waterfall(given: dict) -> dict:
    first, until = START + 365 * DAY, START + 396 * DAY
    for name, before, after, paid in given["customers"]:
        _lived(customer(name), before, after, paid, first + 9 * DAY)
    found = waterfall_of(customers_between(first, until))
    (net,) = mrr_by_month(first, first, net=True)
    for kind in ("new", "reactivation", "expansion", "contraction", "churn"):
        assert abs(net.moves[kind]) == getattr(found, kind)
    assert (net.start, net.end) == (found.start, found.end)
    without = found.new + found.expansion
    return {
        **{name: getattr(found, name) for name in ("start", "new", "reactivation", "expansion", "contraction")},
        **{name: getattr(found, name) for name in ("churn", "end", "nrr", "grr", "quick_ratio", "arpa")},
        "logo_churn": found.customer_churn,
        "gross_mrr_churn": found.mrr_churn,
        "net_mrr_churn_chartmogul": found.net_mrr_churn,
        # What others show.
        "grr_on_totals_wrong": ratio(min(found.start, found.end), found.start),
        "quick_ratio_without_reactivation": ratio(without, found.churn + found.contraction),
    }


def _lived(account: Account, before: int, after: int, paid: bool, changed: date) -> None:
    """Worth `before` when the month began, `after` in it; paid once, where it paid before and not at the start."""
    if before or paid:
        with on(START):
            start(account, unit_amount=before or 100)
    if paid and not before:
        with on(START + 90 * DAY):
            subscribe(account, status="canceled")
    with on(changed):
        if not after and before:
            subscribe(account, status="canceled")
        elif after and (before or paid):
            subscribe(account, status="active", unit_amount=after)
        elif after:
            start(account, unit_amount=after, started_on=changed)


def react(given: dict) -> dict:
    account = customer()
    with on(START):
        start(account, unit_amount=given["mrr"])
    gone = START + 60 * DAY
    with on(gone):
        subscribe(account, status="canceled")
    with on(gone + given["gap_days"] * DAY):
        subscribe(account, status="active")
    last = Movement.objects.filter(account=account).latest("occurred_on", "change_id")
    return {"ours": last.kind, "maxio_style": "new" if given["gap_days"] > 90 else "reactivation"}


def dunning(given: dict) -> dict:
    failed, account = date.fromisoformat(given["failed"]), customer()
    with mock.patch.object(lifecycle, "dunning", return_value=given["grace_days"] * DAY):
        with on(failed - 30 * DAY):
            start(account, unit_amount=given["mrr"], started_on=failed - 30 * DAY)
        with on(failed):
            subscribe(account, status="past_due", past_due_since=failed)
        worth = []
        for day in sorted(date.fromisoformat(asked) for asked in given["ask"]):
            with on(day):
                worth.append(mrr(account))
        churn = Movement.objects.filter(account=account, kind="churn").first()
        kind = INVOLUNTARY if is_involuntary(account.subscriptions.get()) else VOLUNTARY
    return {
        "mrr": worth,
        "churn_day": churn and churn.occurred_on.isoformat(),
        "kind": kind if churn else None,
    }


def fx(given: dict) -> dict:
    first, account = START.replace(month=3), customer()
    set_rate("EUR", START, str(given["rate_start"]), by="case")
    with on(START):
        start(account, currency="EUR", unit_amount=given["amount"])
    with on(first + 9 * DAY):
        set_rate("EUR", first + 9 * DAY, str(given["rate_end"]), by="case")
        (month,) = mrr_by_month(first, first)
    customers = customers_between(first, first + 31 * DAY)
    return {
        "start": month.start,
        "end": month.end,
        **{kind: month.moves[kind] for kind in ("fx", "expansion", "contraction")},
        "nrr_reported": waterfall_of(customers).nrr,
        "nrr_constant_currency": waterfall_of(at_constant_rates(customers)).nrr,
    }


def daily(given: dict) -> dict:
    def sub(started: date, ended: date | None = None) -> Subscription:
        return Subscription(currency="USD", unit_amount=1, started_on=started, ended_on=ended)

    first = START + 30 * DAY
    one = sub(first + given["started_idx"] * DAY, first + (given["last_active_idx"] + 1) * DAY)
    days = by_day([one, *(sub(START) for _n in range(given["base"]))], first, given["days"])
    return {name: [getattr(day, name) for day in days] for name in ("active", "new", "churned")}


# What it is worth, and what it costs ----------------------------------------------------------------


def ltv_forms(given: dict) -> dict:
    found = ltv.lifetime_value(
        given["arpa"], Decimal(given["churn"]), Decimal(given["gm"]),
        discount=Decimal(given["d"]), growth=Decimal(given["g"]), horizon=given["horizon"],
    )  # fmt: skip
    names = ["simple", "margin", "discounted", "reason", "lifetime_months"]
    return {name: getattr(found, name) for name in names + ["horizon"] * bool(given.get("show_horizon"))}


def ltv_trailing(given: dict) -> dict:
    churn = ltv.trailing_churn([Decimal(rate) for rate in given["rates"]])
    return {"churn": churn, "ltv": ltv.lifetime_value(given["arpa"], churn, Decimal(1)).simple}


def cac(given: dict) -> dict:
    found = acquisition(given["spend"], given["new"], given["arpa"], Decimal(given["gm"]), given["ltv"])
    return {
        "cac": found.cac,
        "ratio": found.ltv_to_cac,
        "payback": found.payback_months,
        "recovered_in_month": found.recovered_in_month,
    }


def proration(given: dict) -> dict:
    first, until = map(date.fromisoformat, given["period"])
    changed = local_day(datetime.fromisoformat(given["change_at"]), ZoneInfo(given["tz"]))
    amount = Decimal(given["unit"]) * given["delta"]
    share = prorate(amount / 100, (first, until), changed)
    return {
        "days_left": share.days_left,
        "days_period": share.days_period,
        "money": share.money * 100,
        "mrr_delta": exact_monthly(amount, "month", given["months"]),
    }


def trial_conv(given: dict) -> dict:
    started = [(date.fromisoformat(day), after) for day, after in given["trials"]]
    rows = [trials.Trial(day, None if after is None else day + after * DAY) for day, after in started]
    found = trials.conversion(rows, given["window"], date.fromisoformat(given["as_of"]))
    return {
        "mature": found.mature,
        "immature": found.immature,
        "converted_in_window": found.converted_in_window,
        "rate": found.rate,
        "ever_rate": found.ever_rate,
    }


def cohort(given: dict) -> dict:
    rows = [cohorts.Cohort(row["size"], row["kept"]) for row in given["cohorts"]]
    return {"simple": cohorts.simple(rows), "weighted": cohorts.weighted(rows)}


# Days -----------------------------------------------------------------------------------------------


def anniv(given: dict) -> dict:
    monthly = anniversaries(date.fromisoformat(given["monthly_anchor"]), 1, given["n_months"])
    annual = anniversaries(date.fromisoformat(given["annual_anchor"]), 12, given["n_years"])
    return {"monthly": [day.isoformat() for day in monthly], "annual": [day.isoformat() for day in annual]}


def notice(given: dict) -> dict:
    rows = [(date.fromisoformat(ends_on), days) for ends_on, days in given["rows"]]
    return {"deadlines": [notice_deadline(*row).isoformat() for row in rows]}


ADAPTERS = {
    "normalize": normalize,
    "sum": sum_of,
    "discount": discount,
    "invoice": invoice,
    "story": story,
    "waterfall": waterfall,
    "react": react,
    "dunning": dunning,
    "fx": fx,
    "daily": daily,
    "ltv": ltv_forms,
    "ltv_trailing": ltv_trailing,
    "cac": cac,
    "proration": proration,
    "trial_conv": trial_conv,
    "cohort": cohort,
    "anniv": anniv,
    "notice": notice,
}
