"""What a customer is worth over its life, in each form side by side, by segment and alike, and with what-if values."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain import rules
from accounts.domain.metrics import ltv
from accounts.domain.metrics.acquisition import acquisition
from accounts.domain.metrics.orders import Orders, together
from accounts.domain.metrics.ratios import ratio
from accounts.domain.numbers import kpis
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.averages import behind_orders, orders_by
from accounts.domain.numbers.by_member import Worth, worth_by
from accounts.domain.numbers.exporting import Sheet
from accounts.domain.numbers.kpis import MISSING, SIX, churn_of, growth_of, lifetime, monthly_discount
from accounts.domain.numbers.writing import NOTHING, money, months, share, times
from accounts.forms.numbers import EXAMPLE, LABELS, WhatIfForm
from accounts.http import Request, requires
from accounts.views.numbers.averages import HEAD, TITLES, Form, averages, cells, from_orders, values
from accounts.views.numbers.files import as_file
from accounts.views.numbers.frame import Look, member as as_member

CENTS = 2
DIMENSIONS = ("segment", "plan", "channel", "csm", "touch")


@require_safe
@requires("numbers.view")
def worth(request: Request) -> HttpResponseBase:
    look = Look(request, "worth", place=("by",))
    by = request.GET.get("by", "")
    by = by if by in DIMENSIONS else "segment"
    rows, ordered = worth_by(by, look.asked), orders_by(by, look.asked)
    if request.GET.get("format") == "csv":
        return as_file(request, f"lifetime-value-by-{by}", sheet(by, rows, ordered, look))
    names = look.names.of(by)
    orders = together(ordered.values(), len(look.asked.months))  # every account is some member's
    context = {
        "forms": [*forms_of(look.asked), from_orders(orders)],
        "averages": averages(orders, churn_of(look.asked.back_from(look.asked.last, SIX))),
        "orders_behind": look.behind(behind_orders()) if orders.orders else "",
        "orders_head": TITLES,
        "ordered": _ordered(ordered, names, look, by),
        "by": by,
        "by_title": LABELS[by],
        "ways": [(LABELS[name], look.address(by=name), name == by) for name in DIMENSIONS],
        "rows": [_row(row, names.get(row.member, row.member), look, by) for row in rows],
        "whole": _whole(look),
        "what_if": look.elsewhere("numbers:what_if"),
    }
    return look.answer("worth", context)


def _ordered(found: dict[str, Orders], names: dict[str, str], look: Look, by: str) -> list[tuple[Any, ...]]:
    """Who brought most comes first; those who ordered nothing in the period are left out."""
    rows = sorted(found.items(), key=lambda pair: -pair[1].revenue)
    return [
        (
            names.get(member, member),
            zip(TITLES, cells(one), strict=True),
            look.behind(behind_orders(), **{by: as_member(member)}),
        )
        for member, one in rows
        if one.orders
    ]


def forms_of(asked: Asked) -> list[Form]:
    month = asked.last
    s, six = asked.at(month), asked.back_from(month, SIX)
    found, c = lifetime(asked, month), churn_of(six)
    margin, yearly = rules.share("numbers.margin"), rules.share("numbers.discount")
    kept = None if s.year_churn is None else 1 - s.year_churn
    whole = None
    if kept is not None and s.year_nrr is not None:
        whole = ltv.recommended(s.end, margin, kept, s.year_nrr, yearly)
    facts = Facts(
        s.end, ratio(s.end, s.customers_end), margin, c, kept, s.year_nrr, yearly, monthly_discount(), growth_of(six)
    )
    return written(found, whole, facts, rules.number("numbers.horizon"))


@dataclass(frozen=True)
class Facts:
    mrr: Decimal
    arpa: Decimal | None
    margin: Decimal
    churn: Decimal | None
    retention: Decimal | None  # of accounts, over a year
    net: Decimal | None  # of MRR, over a year
    yearly: Decimal
    monthly: Decimal
    growth: Decimal


def written(found: ltv.LifetimeValue, whole: Decimal | None, f: Facts, horizon: int) -> list[Form]:
    """The forms as people read them, each with its numbers put in."""
    arpa, margin, churn = _money(f.arpa), share(f.margin), _fine(f.churn)
    q = None if f.churn is None else (1 - f.churn) * (1 + f.growth)
    why = MISSING[found.reason]() if found.reason else ""
    missing = _("Nobody has paid for a year yet.") if f.retention is None or f.net is None else MISSING[ltv.DIVERGES]()
    return [
        Form(
            _("Recommended"),
            _("MRR × margin × account retention / (1 + discount rate − net MRR retention)"),
            f"{money(f.mrr)} × {margin} × {_fine(f.retention)} / (1 + {_fine(f.yearly)} − {_fine(f.net)})",
            _exactly(whole, missing),
            _("What all customers of today bring together: it heeds who stays and who grows, over a year each."),
        ),
        Form(
            _("Simple"), _("ARPA / churn"), f"{arpa} / {churn}", _exactly(found.simple, why),
            _("Revenue of one customer until it leaves. Costs nothing to deliver, never grows."),
        ),
        Form(
            _("With margin"), _("ARPA × margin / churn"), f"{arpa} × {margin} / {churn}", _exactly(found.margin, why),
            _("What is left of it after the costs of delivery. LTV to CAC and to CRC use this one."),
        ),
        Form(
            _("Discounted"), _("Σ ARPA × margin × (q / (1 + d))ᵗ, q = (1 − churn)(1 + growth)"),
            f"{arpa} × {margin} / (1 − {_fine(q)} / (1 + {_fine(f.monthly)}))", _exactly(found.discounted, why),
            _("Later money is worth less, and those who stay may grow: by the mean growth of six months."),
        ),
        Form(
            _("Over %(months)s months") % {"months": formats.number(horizon)}, _("The same, but no longer than that"),
            f"q = {_fine(q)}, d = {_fine(f.monthly)}, t < {horizon}", _exactly(found.horizon, why),
            _("Has a value even where nobody ever leaves."),
        ),
    ]  # fmt: skip


def _money(value: Any) -> str:
    return NOTHING if value is None else money(value)


def _fine(value: Any) -> str:
    return NOTHING if value is None else formats.percent(value, decimals=2)


def _or(value: Any, why: str) -> str:
    return money(value) if value is not None else why or NOTHING


def ltv_text(found: ltv.LifetimeValue) -> str:
    return _or(found.margin, _("no churn yet") if found.reason == ltv.NO_CHURN else "")


LONG, ABSURD = Decimal(10) ** 9, Decimal(10) ** 15


def _exactly(value: Any, why: str) -> str:
    """To the cent; large ones shortened, and none that is beyond all reason."""
    if value is None:
        return why or NOTHING
    if abs(value) >= ABSURD:
        return _("Beyond all reason: no growth lasts for so long.")
    long = abs(value) >= LONG
    return formats.money(value, settings.REPORTING_CURRENCY, exact=not long, compact=long)


def _row(row: Worth, name: str, look: Look, by: str) -> dict[str, Any]:
    last = row.last
    return {
        "name": name,
        "few": row.few,
        "mrr": money(last.end),
        "customers": formats.number(last.customers_end),
        "behind": look.behind("end", **{"from": look.asked.last, "to": look.asked.last, by: as_member(row.member)}),
        "arpa": _money(ratio(last.end, last.customers_end)),
        "churn": _fine(row.churn),
        "ltv": ltv_text(row.ltv),
        "cac": _money(row.cac),
        "ltv_cac": NOTHING if row.ltv_to_cac is None else times(row.ltv_to_cac),
        "payback": NOTHING if row.payback is None else months(row.payback),
        "crc": _money(row.crc),
        "ltv_crc": NOTHING if row.ltv_to_crc is None else times(row.ltv_to_crc),
    }


def _whole(look: Look) -> dict[str, str]:
    """All of them as one: what each of the boards says."""
    one = Asked(look.asked.last, look.asked.last, look.asked.filters)
    figures = {
        "mrr": (kpis.mrr, money), "customers": (kpis.customers, formats.number), "arpa": (kpis.arpa, money),
        "ltv": (kpis.lifetime_value, money), "cac": (kpis.cac, money), "ltv_cac": (kpis.ltv_to_cac, times),
        "payback": (kpis.payback, months), "crc": (kpis.crc, money), "ltv_crc": (kpis.ltv_to_crc, times),
    }  # fmt: skip
    told = {name: (figure(one).last.value, write) for name, (figure, write) in figures.items()}
    return {
        "churn": _fine(churn_of(one.back_from(one.last, SIX))),
        "behind": look.behind("end", **{"from": one.last, "to": one.last}),
        **{name: NOTHING if value is None else write(value) for name, (value, write) in told.items()},
    }


def sheet(by: str, rows: list[Worth], ordered: dict[str, Orders], look: Look) -> Sheet:
    """Members with subscriptions first; then those who have only ordered."""
    names = look.names.of(by)
    head = [by, "mrr", "customers", "arpa", "churn", "ltv", "cac", "ltv_to_cac", "payback_months", "crc", "ltv_to_crc"]
    own = {
        row.member: [row.last.end, row.last.customers_end, ratio(row.last.end, row.last.customers_end), row.churn,
                     row.ltv.margin, row.cac, row.ltv_to_cac, row.payback, row.crc, row.ltv_to_crc]
        for row in rows
    }  # fmt: skip
    nothing = [None] * (len(head) - 1)
    return Sheet([*head, *HEAD], [
        [names.get(member, member), *own.get(member, nothing), *values(ordered.get(member))]
        for member in dict.fromkeys([*own, *ordered])
    ])  # fmt: skip


@require_safe
@requires("numbers.view")
def what_if(request: Request) -> HttpResponse:
    """Every form with values of one's own: those of now to begin with."""
    look = Look(request, "worth")
    given = any(name in request.GET for name in WhatIfForm.base_fields)
    form = WhatIfForm(request.GET if given else None, initial=_now(look.asked), auto_id="whatif-%s")
    context: dict[str, Any] = {"form": form, "example": EXAMPLE, "found": None}
    if given and form.is_valid():
        context["found"], context["bought"] = _tried(form.values())
    elif not given:
        trial = WhatIfForm(_now(look.asked))
        if trial.is_valid():
            context["found"], context["bought"] = _tried(trial.values())
    status = 422 if given and form.errors else 200
    return look.answer("what_if", context, status)


def _now(asked: Asked) -> dict[str, str]:
    s, six = asked.at(asked.last), asked.back_from(asked.last, SIX)
    kept = None if s.year_churn is None else (1 - s.year_churn) * 100
    shares = {
        "margin": rules.share("numbers.margin") * 100, "churn": (churn_of(six) or 0) * 100, "retention": kept,
        "net": None if s.year_nrr is None else s.year_nrr * 100, "discount": rules.share("numbers.discount") * 100,
        "growth": growth_of(six) * 100,
    }  # fmt: skip
    values = {"mrr": s.end, "arpa": ratio(s.end, s.customers_end) or 0, **shares, "cac": kpis.cac(asked).last.value}
    return {name: "" if value is None else _typed(name, Decimal(value)) for name, value in values.items()}


def _typed(name: str, value: Decimal) -> str:
    """As finely as its field takes it, so that the same comes out as from the value itself."""
    places = WhatIfForm.places(name)
    text = f"{round(value, places):f}"
    return text if places <= CENTS else text.rstrip("0").rstrip(".")


def _tried(values: dict[str, Decimal]) -> tuple[list[Form], dict[str, str] | None]:
    with_months = (1 + values["discount"]) ** (Decimal(1) / 12) - 1
    found = ltv.lifetime_value(
        values["arpa"], values["churn"], values["margin"], discount=with_months, growth=values["growth"],
        horizon=rules.number("numbers.horizon"),
    )  # fmt: skip
    whole = ltv.recommended(values["mrr"], values["margin"], values["retention"], values["net"], values["discount"])
    facts = Facts(
        values["mrr"], values["arpa"], values["margin"], values["churn"], values["retention"], values["net"],
        values["discount"], with_months, values["growth"],
    )  # fmt: skip
    bought = None
    if values.get("cac"):
        one = acquisition(values["cac"], 1, values["arpa"], values["margin"], found.margin)
        bought = {
            "ratio": NOTHING if one.ltv_to_cac is None else times(one.ltv_to_cac),
            "payback": NOTHING if one.payback_months is None else months(one.payback_months),
        }
    return written(found, whole, facts, rules.number("numbers.horizon")), bought
