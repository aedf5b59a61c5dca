"""Conditions of playbooks: what may be asked, and what holds."""

from decimal import Decimal

import pytest
from django.utils import translation

from accounts.domain.conditions import compile_conditions, describe, fields_of, first_miss, validate_conditions
from accounts.exceptions import DomainError
from accounts.registry import ActivityKind, Field, activity_kinds

KIND = ActivityKind(
    "test.happened",
    "Test",
    "It happened",
    fields=(
        Field("word", label="Word"),
        Field("pick", str, "Pick", (("a", "First"), ("b", "Second"))),
        Field("number", int, "Number"),
        Field("amount", Decimal, "Amount"),
        Field("flag", bool, "Flag"),
        Field("tags", list, "Tags"),
        Field("bulk", dict, "Bulk"),
        Field("secret", str, "Secret", public=False),
    ),
)


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setitem(activity_kinds.items, KIND.name, KIND)


def holds(field, op, value, **facts):
    tests = compile_conditions(KIND.name, [{"field": field, "op": op, "value": value}])
    return first_miss(tests, facts) is None


@pytest.mark.parametrize(
    ("field", "op", "value", "found", "expected"),
    [
        ("word", "is", "x", "x", True),
        ("word", "is", "x", "X", False),
        ("word", "is_not", "x", "y", True),
        ("word", "in", ["x", "y"], "y", True),
        ("word", "in", "x, y", "y", True),
        ("word", "in", ["x"], "y", False),
        ("word", "contains", "ETU", "Betula", True),
        ("word", "contains", "z", "Betula", False),
        ("pick", "is", "a", "a", True),
        ("number", "is", "3", 3, True),
        ("number", "is", "3.0", 3, True),
        ("number", "in", ["1", "3"], 3, True),
        ("number", "gt", "3", 3, False),
        ("number", "gte", 3, 3, True),
        ("amount", "lt", "-0.5", "-1", True),
        ("amount", "lte", "10", "9.99999999", True),
        ("amount", "is_not", "1", "1.00", False),
        ("flag", "is", "yes", True, True),
        ("flag", "is", False, True, False),
        ("tags", "contains", "x", ["x", "y"], True),
        ("tags", "contains", "x", "xy", True),
        ("tags", "contains", "x", [], False),
    ],
)
def test_what_holds(field, op, value, found, expected):
    assert holds(field, op, value, **{field: found}) is expected


@pytest.mark.parametrize("op", ["is", "in", "contains"])
def test_an_unknown_fact_is_not_anything(op):
    assert not holds("word", op, "x", word=None)
    assert not holds("word", op, "x")


def test_only_is_not_holds_for_an_unknown_fact():
    assert holds("word", "is_not", "x")
    assert not holds("number", "lt", "5", number=None)
    assert not holds("number", "lt", "5", number="NaN")


def test_the_account_can_be_asked_too():
    tests = compile_conditions(
        KIND.name,
        [
            {"field": "account.mrr", "op": "gte", "value": "500"},
            {"field": "account.stage", "op": "is_not", "value": "trial"},
        ],
    )

    assert first_miss(tests, {"account.mrr": Decimal(500), "account.stage": "active"}) is None
    assert first_miss(tests, {"account.mrr": Decimal("499.99"), "account.stage": "active"}) is tests[0]
    assert first_miss(tests, {"account.mrr": Decimal(500), "account.stage": "trial"}) is tests[1]


def test_bulky_and_internal_facts_cannot_be_asked():
    assert set(fields_of(KIND.name)) == {
        "word", "pick", "number", "amount", "flag", "tags", "account.segment", "account.band", "account.mrr",
        "account.stage", "account.csm", "account.plan", "account.touch_model",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"field": "nope", "op": "is", "value": "x"}, "Condition 1: there is no field “nope” here."),
        ({"field": "secret", "op": "is", "value": "x"}, "Condition 1: there is no field “secret” here."),
        ({"field": "word", "op": "gte", "value": "x"}, "Condition 1: “Word” cannot be compared with “is at least”."),
        ({"field": "word", "op": "like", "value": "x"}, "Condition 1: “Word” cannot be compared with “like”."),
        ({"field": "word", "op": "is", "value": "  "}, "Condition 1: give a value for “Word”."),
        ({"field": "pick", "op": "is", "value": "c"}, "Condition 1: “c” is none of the values of “Pick”."),
        ({"field": "pick", "op": "in", "value": ["a", "c"]}, "Condition 1: “c” is none of the values of “Pick”."),
        ({"field": "word", "op": "in", "value": []}, "Condition 1: give between 1 and 200 values."),
        ({"field": "number", "op": "is", "value": "many"}, "Condition 1: “Number” is compared with a number."),
        ({"field": "number", "op": "is", "value": "Infinity"}, "Condition 1: “Number” is compared with a number."),
        ({"field": "amount", "op": "is", "value": "1e999"}, "Condition 1: “Amount” is compared with a number."),
        ({"field": "flag", "op": "is", "value": "maybe"}, "Condition 1: “Flag” is yes or no."),
        ({"field": "word", "op": "is"}, "Condition 1: it needs a field, an operator and a value."),
        ("word is x", "Condition 1: it needs a field, an operator and a value."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(condition, sentence):
    with pytest.raises(DomainError) as refusal:
        validate_conditions(KIND.name, [condition])

    assert str(refusal.value) == sentence
    assert refusal.value.errors == {"conditions": [sentence]}


def test_every_wrong_condition_is_named():
    with pytest.raises(DomainError) as refusal:
        validate_conditions(
            KIND.name,
            [
                {"field": "nope", "op": "is", "value": "x"},
                {"field": "word", "op": "is", "value": "x"},
                {"field": "number", "op": "is", "value": ""},
            ],
            field="closes_when",
        )

    assert [s[:12] for s in refusal.value.errors["closes_when"]] == ["Condition 1:", "Condition 3:"]


@pytest.mark.parametrize("conditions", [None, {}, "x", [{}] * 21])
def test_conditions_are_a_short_list(conditions):
    with pytest.raises(DomainError, match="at most 20"):
        validate_conditions(KIND.name, conditions)


def test_they_are_kept_in_one_form():
    kept = validate_conditions(
        KIND.name,
        [
            {"field": "number", "op": "is", "value": " 3 ", "junk": 1},
            {"field": "flag", "op": "is", "value": "YES"},
            {"field": "word", "op": "in", "value": "a,b"},
        ],
    )

    assert kept == [
        {"field": "number", "op": "is", "value": "3"},
        {"field": "flag", "op": "is", "value": True},
        {"field": "word", "op": "in", "value": ["a", "b"]},
    ]
    assert validate_conditions(KIND.name, kept) == kept


def test_they_are_told_in_words():
    assert describe(KIND.name, {"field": "pick", "op": "in", "value": ["a", "b"]}) == "Pick is one of First, Second"
    assert describe(KIND.name, {"field": "account.band", "op": "is", "value": "red"}) == "Band is Red"
    assert describe(KIND.name, {"field": "flag", "op": "is", "value": True}) == "Flag is yes"
    assert describe("no.such_kind", {"field": "gone", "op": "is", "value": "x"}) == "gone is x"
    with translation.override("fr"):
        assert describe(KIND.name, {"field": "word", "op": "is", "value": "x"})
