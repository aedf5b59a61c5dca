"""How templates and touch models show up on the ground floor. Part of hooks.py."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.registry import (
    Panel,
    Reaction,
    Rule,
    RuleGroup,
    SettingsLink,
    Text,
    panels,
    reactions,
    rule_groups,
    rules,
    settings_links,
)
from onboarding.domain.touch import recommend_new


def check_touch(values: Mapping[str, Any]) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if values["touch.low_value"] > values["touch.high_value"]:
        wrong["touch.high_value"] = _("Less than where a contract counts as small.")
    if values["touch.mid_hours"] > values["touch.high_hours"]:
        wrong["touch.high_hours"] = _("Fewer hours than mid touch takes.")
    return wrong


MONEY, HOURS, DAYS = _("a year"), _("hours a week"), _("days")

rule_groups.add(
    RuleGroup("touch", _("Touch model"), _("What is recommended for new customers, by complexity of their plan, value and the team's hours."), 55,
              check=check_touch),
)  # fmt: skip
rules.add(
    Rule("touch.low_value", _("A contract is small under"), 600, least=0, most=1_000_000, unit=MONEY, position=10,
         help=_("In the reporting currency.")),
    Rule("touch.high_value", _("A contract is large over"), 6000, least=0, most=100_000_000, unit=MONEY, position=11,
         help=_("In the reporting currency.")),
    Rule("touch.mid_hours", _("Mid touch takes"), 1, least=0, most=40, places=1, unit=HOURS, position=20,
         help=_("Of the team, for one new customer.")),
    Rule("touch.high_hours", _("High touch takes"), 3, least=0, most=40, places=1, unit=HOURS, position=21,
         help=_("Of the team, for one new customer. Without so many free hours the next lower model is recommended.")),
    Rule("touch.new_days", _("A customer is new for"), 30, least=1, most=365, unit=DAYS, position=30,
         help=_("So long after their start the touch model is recommended anew when what they pay changes.")),
)  # fmt: skip

# What somebody pays is known a moment after they are.
reactions.add(
    Reaction("recommend a touch model", ("account.created", "subscription.changed", "mrr.new"), recommend_new)
)
panels.add(Panel("touch", _("Touch model"), "onboarding:touch", 30, tab="onboarding"))
settings_links.add(
    SettingsLink("checklists", _("Checklist templates"), "onboarding:templates", "rules", 60, "settings.view",
                 _("What new customers go through, step by step."), "layers"),
)  # fmt: skip
