"""Health among the numbers: NPS, what the best customers use, what was ordered. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import (
    AccountMeasure,
    AccountsBehind,
    Kpi,
    OrderBook,
    Traits,
    account_measures,
    accounts_behind,
    kpis,
    order_books,
    traits,
)
from health.domain import kpis as figures, measures
from health.domain.orders import orders, who_ordered
from health.domain.traits import used_early

kpis.add(
    Kpi("nps", "NPS", _("Per cent promoters less per cent detractors, of the answers of three months."), "score", figures.nps,
        ("stability", "fit"), ("retention",), position=75),
)  # fmt: skip
traits.add(Traits("actions", _("Used in the first 90 days"), used_early, 20))
account_measures.add(
    AccountMeasure(
        "usage", _("Usage"), measures.usage, _("Usage indicator: 100 is the target of the segment"), 10, (0, 100)
    ),
    AccountMeasure(
        "nps",
        _("NPS by account"),
        measures.nps,
        _("Latest answers of 180 days; every account counts once"),
        20,
        (-100, 100),
    ),
)
order_books.add(OrderBook("invoices", orders, "orders"))
accounts_behind.add(
    AccountsBehind("orders", _("Orders"), (("orders", _("Orders"), "number"), ("invoiced", _("Invoiced"), "money"), ("orders_ever", _("Orders up to the end"), "number")), page=who_ordered),
    AccountsBehind("answers", "NPS", (("promoters", _("Promoters"), "number"), ("passives", _("Passives"), "number"), ("detractors", _("Detractors"), "number")), page=figures.who_answered),
)  # fmt: skip
