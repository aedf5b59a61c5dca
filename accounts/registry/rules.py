"""Numbers that an admin can change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class Rule:
    """A number of the product's rules that an admin can change: days, hours, per cents, thresholds.

    An app registers its own in its hooks, beside the group that its key begins with:

        rule_groups.add(RuleGroup("onboarding", _("Onboarding"), _("When a customer counts as stuck."), 50))
        rules.add(Rule("onboarding.stuck_days", _("Stuck after"), 14, least=1, most=365, unit=_("days")))

    and asks for it wherever it is needed, each time anew (a change holds at once, in every process, without a query):

        from accounts.domain import rules
        rules.number("onboarding.stuck_days")   # 14; with `places` a Decimal
        rules.days("onboarding.stuck_days")     # timedelta(days=14); hours() the same in hours
        rules.share("loss.red")                 # of a rule in per cent: Decimal("0.40")
        rules.numbers("renewal.windows")        # of a rule whose default is a tuple: (90, 60, 30)

    Never as a constant of a module or as a default argument: that would be the value of when the process began. In SQL
    it travels as a parameter. Rules appear on the settings page by themselves. `position` orders them in their group.
    """

    key: str  # "<group>.<name>"
    title: Text
    default: int | Decimal | tuple[int, ...]  # a tuple is a list of different whole numbers
    least: int
    most: int
    unit: Text = ""
    help: Text = ""
    places: int = 0  # decimal places that may be given
    position: int = 100

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True)
class RuleGroup:
    """Rules that belong together. `check` gets all values of the group by key, as they would be, and answers with a
    sentence by key for those that cannot be. `changed` gets the keys whose values are new, in the transaction that
    changes them: for who keeps something that was computed with them."""

    key: str
    title: Text
    about: Text = ""
    position: int = 100
    check: Callable[[Mapping[str, Any]], dict[str, Text]] | None = None
    changed: Callable[[set[str]], None] | None = None


rules: Registry[Rule] = Registry("rule", lambda r: r.key)
rule_groups: Registry[RuleGroup] = Registry("group of rules", lambda g: g.key)
