"""The numbers of a score model beside its weights, checked before a version is published with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.exceptions import DomainError
from health.domain.parameters import Parameters, Thresholds
from health.enums import Severity

# Whole numbers, from to.
BOUNDS: dict[str, tuple[int, int]] = {
    "red": (1, 147),
    "yellow": (2, 148),
    "green": (3, 149),
    "cap": (0, 99),
    "known": (1, 100),
    "usage_days": (7, 90),
    "nps_days": (30, 730),
    "support_days": (7, 180),
    "relationship_days": (7, 365),
    "ttv_target_days": (1, 180),
    "ttv_zero_days": (2, 365),
    "pulse_days": (1, 365),
    "custom_days": (1, 365),
}
THRESHOLDS = ("red", "yellow", "green", "cap", "known")
DAYS = tuple(name for name in BOUNDS if name not in THRESHOLDS)
MOST_STEPS = 5
LONGEST_OVERDUE = 365


def checked(given: Mapping[str, Any], current: tuple[Thresholds, Parameters]) -> tuple[Thresholds, Parameters]:
    """`given`: whole numbers by name, "severity" by its key, "billing" as steps (days overdue, value); what is not
    given stays as in `current`. DomainError with a sentence for each that cannot be."""
    errors: dict[str, list[Any]] = {}
    numbers = {**vars(current[0]), **vars(current[1]), **given}
    for name, (least, most) in BOUNDS.items():
        if not _whole(numbers[name], least, most):
            errors[name] = [_("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}]
    errors |= errors or _order(numbers)
    errors |= _severity(numbers["severity"]) | _billing(numbers["billing"])
    if errors:
        raise DomainError(_("Some numbers cannot be."), code="bad_numbers", errors=errors)
    thresholds = Thresholds(**{name: numbers[name] for name in THRESHOLDS})
    parameters = {name: numbers[name] for name in vars(current[1])}
    return thresholds, Parameters.of(parameters)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _order(numbers: Mapping[str, Any]) -> dict[str, list[Any]]:
    pairs = (
        ("red", "yellow", _("More than red ends with.")),
        ("yellow", "green", _("More than yellow ends with.")),
        ("ttv_target_days", "ttv_zero_days", _("Later than the target.")),
    )
    return {high: [sentence] for low, high, sentence in pairs if numbers[low] >= numbers[high]}


def _severity(weights: Mapping[str, Any]) -> dict[str, list[Any]]:
    wrong = [key for key in Severity.values if not _whole(weights.get(key), 0, 100)]
    if wrong:
        sentence = _("A whole number from %(least)s to %(most)s.") % {"least": 0, "most": 100}
        return {f"severity_{key}": [sentence] for key in wrong}
    ordered = [weights[key] for key in Severity.values]
    if ordered != sorted(ordered):
        return {f"severity_{Severity.URGENT}": [_("What is more severe weighs no less.")]}
    return {}


def _billing(steps: Sequence[Any]) -> dict[str, list[Any]]:
    """From so many days on, this value; later ones are worth less."""
    if not 1 <= len(steps) <= MOST_STEPS:
        return {"billing": [_("Give one to %(most)s steps.") % {"most": MOST_STEPS}]}
    if not all(_whole(days, 1, LONGEST_OVERDUE) and _whole(value, 0, 99) for days, value in steps):
        return {"billing": [_("Days from 1 to %(most)s, values from 0 to 99.") % {"most": LONGEST_OVERDUE}]}
    days, values = [day for day, _value in steps], [value for _day, value in steps]
    if days != sorted(set(days)) or values != sorted(set(values), reverse=True):
        return {"billing": [_("Each step is later than the one before, and worth less.")]}
    return {}
