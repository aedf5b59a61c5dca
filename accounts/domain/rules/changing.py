"""An admin chooses other numbers, or goes back to the defaults."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain.rules import reading
from accounts.domain.rules.reading import Value
from accounts.exceptions import Conflict, DomainError
from accounts.models import RuleValue
from accounts.registry import Rule, rule_groups, rules

MOST_IN_A_LIST = 6
WHOLE = re.compile(r"-?[0-9]{1,9}")
DECIMAL = re.compile(r"-?[0-9]{1,9}(?:[.,][0-9]{1,9})?")
SEPARATORS = re.compile(r"[\s,;]+")


@transaction.atomic
def change(given: Mapping[str, object], *, seen: Mapping[str, Value] | None = None) -> list[str]:
    """Keep these values, as typed or as numbers; returns the keys of those that are new. DomainError with a sentence
    by key, and nothing is kept. `seen`: what the values were when the form was filled; Conflict if somebody else has
    changed one of these meanwhile. Who it was is in the audit."""
    _alone()
    before = reading.current()
    wanted = _read_all(given)
    new = {key: value for key, value in wanted.items() if value != before[key]}
    if seen and any(before[key] != seen[key] for key in new if key in seen):
        raise Conflict(_("Somebody else has changed one of these rules meanwhile. Look at the values again."))
    _check_groups(before | new, {rules[key].group for key in new})
    for key, value in new.items():
        _keep(rules[key], value)
    _tell_groups(new)
    return list(new)


def reset(key: str) -> bool:
    """Back to the default, which must fit the others of its group as well. False: it was that already."""
    return bool(change({key: rules[key].default}))


def _alone() -> None:
    """One change after the other: checks look at several values together."""
    reading.writing()
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_rulevalue IN SHARE ROW EXCLUSIVE MODE")  # readers go on


def _keep(rule: Rule, value: Value) -> None:
    if value == rule.default:
        RuleValue.objects.filter(key=rule.key).delete()
    else:
        RuleValue.objects.update_or_create(key=rule.key, defaults={"value": _stored(value)})


def _stored(value: Value) -> Any:
    return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value


# Reading what was typed -------------------------------------------------------------------------------


def _read_all(given: Mapping[str, object]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    errors: dict[str, list[Any]] = {}
    for key, typed in given.items():
        try:
            values[key] = read(rules[key], typed)
        except DomainError as error:
            errors[key] = [str(error)]
    if errors:
        raise DomainError(_("Some values cannot be."), code="rule_wrong", errors=errors)
    return values


def read(rule: Rule, typed: object) -> Value:
    """The value that was meant; DomainError with a sentence."""
    if isinstance(rule.default, tuple):
        return _list(rule, typed)
    value = _one(rule, str(typed).strip())
    _within(rule, value)
    return value


def _one(rule: Rule, text: str) -> int | Decimal:
    if not rule.places:
        if not WHOLE.fullmatch(text):
            raise DomainError(_("Give a whole number."))
        return int(text)
    if not DECIMAL.fullmatch(text):
        raise DomainError(_("Give a number."))
    value = Decimal(text.replace(",", "."))
    if -int(value.as_tuple().exponent) > rule.places:
        raise DomainError(
            ngettext("At most %(n)s decimal place.", "At most %(n)s decimal places.", rule.places) % {"n": rule.places}
        )
    return value


def _within(rule: Rule, value: int | Decimal) -> None:
    if not rule.least <= value <= rule.most:
        bounds = {"least": formats.number(rule.least), "most": formats.number(rule.most)}
        raise DomainError(_("From %(least)s to %(most)s.") % bounds)


def _list(rule: Rule, typed: object) -> tuple[int, ...]:
    """The largest first."""
    parts = list(typed) if isinstance(typed, list | tuple) else [p for p in SEPARATORS.split(str(typed)) if p]
    if not parts or len(parts) > MOST_IN_A_LIST:
        raise DomainError(_("Give one to %(most)s whole numbers, with commas between them.") % {"most": MOST_IN_A_LIST})
    values = []
    for part in parts:
        value = _one(rule, str(part))
        _within(rule, value)
        values.append(int(value))
    if len(set(values)) < len(values):
        raise DomainError(_("Give each number once."))
    return tuple(sorted(values, reverse=True))


# What belongs together --------------------------------------------------------------------------------


def _check_groups(values: Mapping[str, Value], groups: set[str]) -> None:
    errors: dict[str, list[Any]] = {}
    for group in groups:
        if check := rule_groups[group].check:
            found = check({key: value for key, value in values.items() if rules[key].group == group})
            errors |= {key: [sentence] for key, sentence in found.items()}
    if errors:
        raise DomainError(_("Some values do not go together."), code="rule_wrong", errors=errors)


def _tell_groups(new: Mapping[str, Value]) -> None:
    for group in sorted({rules[key].group for key in new}):
        if changed := rule_groups[group].changed:
            changed({key for key in new if rules[key].group == group})
