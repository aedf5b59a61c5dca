"""Numbers of the ground floor's rules that an admin can change, in bold in RULES."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Rule, RuleGroup, rule_groups, rules

DAYS = _("days")

rule_groups.add(
    RuleGroup(
        "pressure", _("Contact pressure"), _("How long a person is left in peace after being asked for something."), 30
    ),
)

rules.add(
    Rule("pressure.days", _("Left in peace for"), 14, least=0, most=365, unit=DAYS,
         help=_("After a survey or after being asked for a referral, a case study or a review, by whomever."), position=10),
)  # fmt: skip
