"""A change of a rule is known to every connection; what is rolled back never was."""

import threading

import pytest
from django.db import connection, transaction

from accounts.domain import rules
from accounts.domain.rules import reading
from accounts.exceptions import DomainError
from accounts.registry import Rule, RuleGroup, rule_groups, rules as registered
from tests.services.installation import until


def not_the_other_way_round(values):
    return {"probe.late": "Later than early."} if values["probe.late"] <= values["probe.early"] else {}


@pytest.fixture(autouse=True)
def probe(monkeypatch):
    monkeypatch.setattr(registered, "items", dict(registered.items))
    monkeypatch.setattr(rule_groups, "items", dict(rule_groups.items))
    rule_groups.add(RuleGroup("probe", "Probe", check=not_the_other_way_round))
    registered.add(Rule("probe.early", "Early", 3, least=1, most=60), Rule("probe.late", "Late", 14, least=1, most=365))


def in_a_thread(work):
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def soon(value):
    """PostgreSQL speaks to the other connections when it has committed: some milliseconds later on a busy machine."""
    return until(lambda: rules.number("probe.late") == value)


@pytest.mark.django_db(transaction=True)
def test_a_change_holds_on_every_connection_at_once() -> None:
    """What is read outside a transaction is the truth of now, also where no query came between."""
    assert rules.number("probe.late") == 14
    in_a_thread(lambda: rules.change({"probe.late": 30}))
    assert soon(30)
    with transaction.atomic():
        rules.number("probe.late")
        in_a_thread(lambda: rules.reset("probe.late"))
        assert rules.number("probe.late") == 30  # a transaction sees one state of the rules
    assert soon(14)


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_never_was() -> None:
    with transaction.atomic():
        rules.change({"probe.late": 30})
        assert rules.number("probe.late") == 30
        transaction.set_rollback(True)
    assert rules.number("probe.late") == 14
    with transaction.atomic():
        assert rules.number("probe.late") == 14


@pytest.mark.django_db(transaction=True)
def test_where_nobody_is_told_values_are_read_again_soon(monkeypatch) -> None:
    """A pool that hands out connections by transaction."""
    rules.number("probe.late")
    connection.tenure_rules.told = False
    connection.tenure_rules.forget = lambda *_: None
    monkeypatch.setattr(reading, "POOLED_SECONDS", 0.0)
    in_a_thread(lambda: rules.change({"probe.late": 30}))
    assert rules.number("probe.late") == 30
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_cannot_break_what_belongs_together() -> None:
    def to(values):
        try:
            return rules.change(values)
        except DomainError as refused:
            return refused.code

    found = []

    def run(values):
        found.append(to(values))
        connection.close()

    threads = [threading.Thread(target=run, args=[v]) for v in ({"probe.early": 10}, {"probe.late": 8})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "rule_wrong" in found
    assert rules.number("probe.early") < rules.number("probe.late")
