"""The rules of a group as the settings page shows them: what holds, what the default is, who chose otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.domain.rules import reading
from accounts.domain.rules.reading import Value
from accounts.models import AuditEntry, RuleValue, User
from accounts.registry import Rule, RuleGroup, rules


@dataclass(frozen=True)
class Shown:
    rule: Rule
    typed: str  # what stands in the field
    seen: str  # what held when the page was made
    is_changed: bool
    errors: list[Any]
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def default(self) -> str:
        return written(self.rule.default)

    @property
    def field(self) -> str:
        """The rule's name in forms and addresses of the page."""
        return self.rule.key.replace(".", "-")

    @property
    def is_list(self) -> bool:
        return isinstance(self.rule.default, tuple)


def written(value: Value) -> str:
    """As it is typed."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def of_group(group: RuleGroup) -> list[Rule]:
    found = [rule for rule in rules if rule.group == group.key]
    return sorted(found, key=lambda rule: rule.position)


def shown(
    group: RuleGroup, typed: Mapping[str, str] | None = None, errors: Mapping[str, list[Any]] | None = None
) -> list[Shown]:
    """`typed`: what stands in the fields instead of what holds, by key."""
    found, values = of_group(group), reading.current()
    changes = _changes(found)
    return [
        Shown(
            rule,
            (typed or {}).get(rule.key, written(values[rule.key])),
            written(values[rule.key]),
            values[rule.key] != rule.default,
            list((errors or {}).get(rule.key, ())),
            *changes.get(rule.key, (None, "")),
        )
        for rule in found
    ]


def changed_by_group() -> dict[str, int]:
    """How many rules of each group are not as they came."""
    values = reading.current()
    counts: dict[str, int] = {}
    for rule in rules:
        counts[rule.group] = counts.get(rule.group, 0) + (values[rule.key] != rule.default)
    return counts


def _changes(found: list[Rule]) -> dict[str, tuple[datetime, str]]:
    """The last one of each, and who it was; two queries."""
    last = AuditEntry.objects.filter(kind=RuleValue._meta.label_lower, name__in=[rule.key for rule in found])
    entries = list(last.order_by("name", "-at", "-pk").distinct("name"))
    people = User.objects.in_bulk({entry.user_id for entry in entries if entry.user_id})
    return {e.name: (e.at, str(people.get(e.user_id, "")) if e.user_id else e.actor) for e in entries}
