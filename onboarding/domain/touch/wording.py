"""Why this touch model: a sentence or two, in the reader's language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.enums import Complexity, TouchModel
from onboarding.models import TouchDecision


def reason_of(decision: TouchDecision) -> str:
    return reason(decision.recommended, decision.facts)


def reason_in_words(data: Mapping[str, Any]) -> str:
    """Of a touch.recommended."""
    return reason(data["model"], data["facts"]) if "facts" in data else ""


def reason(model: str, facts: Mapping[str, Any]) -> str:
    wanted = facts.get("wanted") or model
    known = _("Complexity of the plan: %(complexity)s; contract: %(value)s a year. Together that means %(model)s.") % {
        "complexity": Complexity(facts.get("complexity") or Complexity.MID).label,
        "value": formats.money(Decimal(str(facts.get("yearly_value") or 0)), facts.get("currency") or "USD"),
        "model": TouchModel(wanted).label,
    }
    return f"{known} {_hours(model, wanted, facts)}"


def _hours(model: str, wanted: str, facts: Mapping[str, Any]) -> str:
    needed, free = Decimal(str(facts.get("needed_hours") or 0)), facts.get("free_hours")
    if not needed:
        return _("It takes no hours of the team.")
    if free is None:
        return _("Nobody has planned hours for onboarding, so there is nothing to be short of.")
    names = {"needed": formats.number(needed), "free": formats.number(Decimal(str(free)))}
    if model == wanted:
        return _("It takes %(needed)s hours a week, and %(free)s are free this week.") % names
    short = needed - Decimal(str(free))
    sentence = ngettext(
        "That takes %(needed)s hours a week and %(free)s are free: short by %(short)s hour, so the next lower model "
        "that there is time for, %(model)s.",
        "That takes %(needed)s hours a week and %(free)s are free: short by %(short)s hours, so the next lower model "
        "that there is time for, %(model)s.",
        1 if short == 1 else 2,
    )
    return sentence % {**names, "short": formats.number(short), "model": TouchModel(model).label}
