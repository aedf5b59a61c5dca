"""Strategies and stages that the numbers are looked at by, and what they ask."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy


@dataclass(frozen=True)
class Board:
    title: Any
    about: Any


STRATEGIES = {
    "stability": Board(
        pgettext_lazy("strategy", "Stability"),
        _("Keep what there is: who stays, what is lost, and whether those who stay make up for it."),
    ),
    "fit": Board(
        pgettext_lazy("strategy", "Product-market fit"),
        _("Is it what they need: do trials become customers, do they use it, recommend it, want more of it."),
    ),
    "profit": Board(
        pgettext_lazy("strategy", "Profitability"),
        _("What a customer brings, what it costs to win and to keep one, and when it has paid for itself."),
    ),
}
STAGES = {
    "onboarding": Board(
        pgettext_lazy("journey", "Onboarding"),
        _("From the first day to the first value: who gets there, and how soon."),
    ),
    "retention": Board(pgettext_lazy("journey", "Retention"), _("Those who stay, those who leave, and what it costs.")),
    "expansion": Board(pgettext_lazy("journey", "Expansion"), _("Those who take more of it, and bring others.")),
}
