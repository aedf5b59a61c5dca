"""Numbers that an admin can change: read, refused, told to every connection at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain import rules
from accounts.exceptions import Conflict, DomainError
from accounts.models import AuditEntry, RuleValue
from accounts.registry import Rule, RuleGroup, rule_groups, rules as registered

pytestmark = pytest.mark.django_db

told: list[set[str]] = []


def not_the_other_way_round(values):
    return {"probe.late": "Later than early."} if values["probe.late"] <= values["probe.early"] else {}


@pytest.fixture(autouse=True)
def probe(monkeypatch):
    told.clear()
    monkeypatch.setattr(registered, "items", dict(registered.items))
    monkeypatch.setattr(rule_groups, "items", dict(rule_groups.items))
    rule_groups.add(RuleGroup("probe", "Probe", check=not_the_other_way_round, changed=told.append))
    registered.add(
        Rule("probe.early", "Early", 3, least=1, most=60),
        Rule("probe.late", "Late", 14, least=1, most=365),
        Rule("probe.chance", "Chance", 40, least=0, most=100, unit="%"),
        Rule("probe.price", "Price", Decimal("0.5"), least=0, most=10, places=2),
        Rule("probe.windows", "Windows", (90, 60, 30), least=1, most=365),
    )


def test_without_a_change_the_defaults_hold() -> None:
    assert (rules.number("probe.late"), rules.days("probe.late")) == (14, timedelta(days=14))
    assert (rules.share("probe.chance"), rules.number("probe.price")) == (Decimal("0.4"), Decimal("0.5"))
    assert (rules.numbers("probe.windows"), rules.hours("probe.early")) == ((90, 60, 30), timedelta(hours=3))


def test_a_value_is_kept_as_it_was_meant() -> None:
    typed = {"probe.late": " 21 ", "probe.chance": "55", "probe.price": "1,25", "probe.windows": "7, 120 30"}
    assert rules.change(typed) == ["probe.late", "probe.chance", "probe.price", "probe.windows"]
    assert (rules.number("probe.late"), rules.share("probe.chance")) == (21, Decimal("0.55"))
    assert (rules.number("probe.price"), rules.numbers("probe.windows")) == (Decimal("1.25"), (120, 30, 7))
    assert told == [{"probe.late", "probe.chance", "probe.price", "probe.windows"}]


def test_what_stays_as_it_was_is_no_change() -> None:
    assert rules.change({"probe.late": "14", "probe.early": "3"}) == []
    assert (told, RuleValue.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("probe.late", "", "Give a whole number."),
        ("probe.late", "fourteen", "Give a whole number."),
        ("probe.late", "14.5", "Give a whole number."),
        ("probe.late", "٣", "Give a whole number."),
        ("probe.late", "1e9", "Give a whole number."),
        ("probe.late", "0", "From 1 to 365."),
        ("probe.late", "366", "From 1 to 365."),
        ("probe.price", "nan", "Give a number."),
        ("probe.price", "1.125", "At most 2 decimal places."),
        ("probe.windows", "", "Give one to 6 whole numbers, with commas between them."),
        ("probe.windows", "1 2 3 4 5 6 7", "Give one to 6 whole numbers, with commas between them."),
        ("probe.windows", "30, 30", "Give each number once."),
        ("probe.windows", "30, 0", "From 1 to 365."),
        ("probe.late", "2", "Later than early."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(key: str, typed: str, sentence: str) -> None:
    with pytest.raises(DomainError) as refused, transaction.atomic():
        rules.change({key: typed, "probe.chance": "1"})
    assert refused.value.errors == {key: [sentence]}
    assert RuleValue.objects.count() == 0


def test_back_to_the_default_leaves_nothing() -> None:
    rules.change({"probe.late": 20})
    assert (rules.reset("probe.late"), rules.reset("probe.late")) == (True, False)
    assert (rules.number("probe.late"), RuleValue.objects.count()) == (14, 0)
    entries = AuditEntry.objects.filter(kind="accounts.rulevalue").order_by("pk")
    assert [entry.operation for entry in entries] == ["insert", "delete"]


def test_back_to_a_default_that_does_not_fit_any_more_is_refused() -> None:
    rules.change({"probe.early": 30, "probe.late": 60})
    with pytest.raises(DomainError, match="do not go together"), transaction.atomic():
        rules.reset("probe.late")
    assert rules.number("probe.late") == 60


def test_who_saw_other_values_is_told() -> None:
    rules.change({"probe.late": 20})
    with pytest.raises(Conflict):
        rules.change({"probe.late": 30}, seen={"probe.late": 14})
    rules.change({"probe.early": 5}, seen={"probe.late": 14, "probe.early": 3})  # touches nothing of the other's
    assert (rules.number("probe.late"), rules.number("probe.early")) == (20, 5)


def test_reading_costs_no_query() -> None:
    rules.number("probe.late")
    with CaptureQueriesContext(connection) as queries:
        assert [rules.number("probe.late") for _ in range(100)] == [14] * 100
    assert len(queries) == 0
