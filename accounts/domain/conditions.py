"""The conditions of playbooks: a field, an operator, a value. All of them must hold.

{"field": "after", "op": "lt", "value": "500"} reads the activity; "account.mrr" reads the account as it is now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain.text import one_line
from accounts.enums import Band, Stage, TouchModel
from accounts.exceptions import DomainError
from accounts.registry import Field, activity_kinds

Condition = dict[str, Any]
Facts = Mapping[str, Any]  # of the activity by name, of the account by "account.name"

MOST, LONGEST_LIST = 20, 200

ACCOUNT_FIELDS: dict[str, Field] = {
    f"account.{field.name}": field
    for field in (
        Field("segment", str, gettext_lazy("Segment")),  # its key
        Field("band", str, gettext_lazy("Band"), tuple(Band.choices)),
        Field("mrr", Decimal, gettext_lazy("MRR")),
        Field("stage", str, gettext_lazy("Stage"), tuple(Stage.choices)),
        Field("csm", str, gettext_lazy("CSM")),  # their e-mail address
        Field("plan", str, gettext_lazy("Plan")),  # its key
        Field("touch_model", str, gettext_lazy("Touch model"), tuple(TouchModel.choices)),
    )
}

OPS: dict[str, Any] = {
    "is": pgettext_lazy("condition", "is"),
    "is_not": pgettext_lazy("condition", "is not"),
    "in": pgettext_lazy("condition", "is one of"),
    "gte": pgettext_lazy("condition", "is at least"),
    "lte": pgettext_lazy("condition", "is at most"),
    "gt": pgettext_lazy("condition", "is more than"),
    "lt": pgettext_lazy("condition", "is less than"),
    "contains": pgettext_lazy("condition", "contains"),
}
NUMBER_OPS = ("is", "is_not", "gte", "lte", "gt", "lt", "in")
OPS_OF: dict[type, tuple[str, ...]] = {
    str: ("is", "is_not", "in", "contains"),
    bool: ("is", "is_not"),
    list: ("contains",),
    int: NUMBER_OPS,
    Decimal: NUMBER_OPS,
}
YES, NO = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


def fields_of(trigger: str) -> dict[str, Field]:
    """What conditions on activities of this kind may ask about."""
    declared = activity_kinds[trigger].fields if trigger in activity_kinds else ()
    return {f.name: f for f in declared if f.public and f.type in OPS_OF} | ACCOUNT_FIELDS


# Checking what an admin wrote -----------------------------------------------------------------------


def validate_conditions(trigger: str, conditions: Any, *, field: str = "conditions") -> list[Condition]:
    """The conditions as they are stored. DomainError with one sentence for each that cannot be."""
    if not isinstance(conditions, list) or len(conditions) > MOST:
        sentence = _("Conditions are a list of at most %(most)s.") % {"most": MOST}
        raise DomainError(sentence, code="conditions_wrong", errors={field: [sentence]})
    good, wrong = [], []
    for number, condition in enumerate(conditions, start=1):
        try:
            good.append(_checked(trigger, condition))
        except DomainError as error:
            wrong.append(_("Condition %(number)s: %(sentence)s") % {"number": number, "sentence": error})
    if wrong:
        raise DomainError(" ".join(wrong), code="conditions_wrong", errors={field: wrong})
    return good


def _checked(trigger: str, condition: Any) -> Condition:
    if not isinstance(condition, dict) or not {"field", "op", "value"} <= condition.keys():
        raise DomainError(_("it needs a field, an operator and a value."))
    name, op = str(condition["field"]), str(condition["op"])
    field = fields_of(trigger).get(name)
    if field is None:
        raise DomainError(_("there is no field “%(name)s” here.") % {"name": name[:60]})
    if op not in OPS_OF[field.type]:
        raise DomainError(
            _("“%(field)s” cannot be compared with “%(op)s”.") % {"field": field.label, "op": OPS.get(op, op[:20])}
        )
    return {"field": name, "op": op, "value": _checked_value(field, op, condition["value"])}


def _checked_value(field: Field, op: str, value: Any) -> Any:
    if op == "in":
        values = value if isinstance(value, list) else str(value).split(",")
        if not 0 < len(values) <= LONGEST_LIST:
            raise DomainError(_("give between 1 and %(most)s values.") % {"most": LONGEST_LIST})
        return [_plain(field, one) for one in values]
    return _plain(field, value)


def _plain(field: Field, value: Any) -> Any:
    """The value in the form it is stored and shown in; DomainError where it can never equal the field's."""
    if field.type in (int, Decimal):
        return _plain_number(field, value)
    text = one_line(value, 400)
    if field.type is bool:
        if text.lower() not in YES | NO:
            raise DomainError(_("“%(field)s” is yes or no.") % {"field": field.label})
        return text.lower() in YES
    if not text:
        raise DomainError(_("give a value for “%(field)s”.") % {"field": field.label})
    if field.choices and text not in dict(field.choices):
        raise DomainError(
            _("“%(value)s” is none of the values of “%(field)s”.") % {"value": text, "field": field.label}
        )
    return text


def _plain_number(field: Field, value: Any) -> str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal("1e15"):
        raise DomainError(_("“%(field)s” is compared with a number.") % {"field": field.label})
    return f"{number:f}"


# Judging ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Test:
    """One condition, ready to be asked many times."""

    condition: Condition
    field: Field
    holds: Callable[[Any], bool]

    def found(self, facts: Facts) -> Any:
        return facts.get(self.condition["field"])

    def __call__(self, facts: Facts) -> bool:
        return self.holds(self.found(facts))


def compile_conditions(trigger: str, conditions: Sequence[Condition]) -> list[Test]:
    """DomainError where a stored condition no longer fits what the kind declares."""
    fields = fields_of(trigger)
    return [
        Test(condition, fields[condition["field"]], _test(fields[condition["field"]], condition))
        for condition in validate_conditions(trigger, list(conditions))
    ]


def first_miss(tests: Sequence[Test], facts: Facts) -> Test | None:
    for test in tests:
        if not test(facts):
            return test
    return None


def _test(field: Field, condition: Condition) -> Callable[[Any], bool]:
    op, value = condition["op"], condition["value"]
    read = _number if field.type in (int, Decimal) else _same
    if op == "in":
        return partial(_is_in, read, {read(one) for one in value})
    return partial(_compare, op, read, read(value))


def _is_in(read: Callable[[Any], Any], values: set[Any], found: Any) -> bool:
    return read(found) in values if found is not None else False


def _compare(op: str, read: Callable[[Any], Any], value: Any, found: Any) -> bool:
    """An unknown fact is not anything: only "is not" holds for it."""
    if op == "contains":
        return _contains(found, value)
    actual = read(found)
    if actual is None:
        return op == "is_not"
    return _COMPARE[op](actual, value)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda a, b: a == b,
    "is_not": lambda a, b: a != b,
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
}


def _contains(found: Any, value: str) -> bool:
    if isinstance(found, list):
        return value in {str(one) for one in found}
    return found is not None and value.casefold() in str(found).casefold()


def _same(value: Any) -> Any:
    return value


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


# Telling ----------------------------------------------------------------------------------------------


def describe(trigger: str, condition: Condition) -> str:
    """ "Band is one of Red, Yellow": in the reader's language, also for what is no longer declared."""
    field = fields_of(trigger).get(condition["field"]) or Field(condition["field"], label=condition["field"])
    return _("%(field)s %(op)s %(value)s") % {
        "field": field.label or field.name,
        "op": OPS.get(condition["op"], condition["op"]),
        "value": told_value(field, condition["value"]),
    }


def told_value(field: Field, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(told_value(field, one) for one in value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(dict(field.choices).get(value, value) if field.choices else value)
