"""Numbers of health and surveys that an admin can change. Those of a score belong to its model's version."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Rule, RuleGroup, rule_groups, rules

DAYS = _("days")

rule_groups.add(
    RuleGroup("notices", _("Signals of health"), _("From when on something is told, and opens a follow-up. A change holds from the next scoring on."), 40),
    RuleGroup("breaker", _("Fleet breaker"), _("When a reading moves for so many at once in a night, it is held: its feed is ill, not the customers."), 45),
    RuleGroup("surveys", _("Surveys"), _("How often people are asked, how long an answer can be changed, and when there are enough to tell."), 50),
)  # fmt: skip

rules.add(
    Rule("notices.theme_percent", _("Tickets about one theme"), 60, least=1, most=100, unit="%", position=10,
         help=_("Of the tickets of an account whose support is red, at least.")),
    Rule("notices.drop_percent", _("Usage has dropped by"), 40, least=1, most=100, unit="%", position=20,
         help=_("Against the 28 days before, at least.")),
    Rule("notices.overdue_days", _("An invoice is overdue for"), 15, least=1, most=365, unit=DAYS, position=30),
    Rule("breaker.points", _("A reading has moved by more than"), 20, least=1, most=150, unit=_("points"), position=10, help=_("All the same way.")),
    Rule("breaker.percent", _("For more than"), 40, least=1, most=100, unit=_("% of the accounts"), position=20),
    Rule("breaker.accounts", _("And for at least"), 20, least=1, most=100_000, unit=_("accounts"), position=30),
    Rule("surveys.recontact_days", _("Between two surveys"), 90, least=0, most=3650, unit=DAYS, position=10,
         help=_("What a new survey begins with; each keeps its own number.")),
    Rule("surveys.edit_days", _("An answer can be changed for"), 30, least=1, most=365, unit=DAYS, position=20),
    Rule("surveys.provisional_hours", _("A number looked at and not sent counts after"), 1, least=1, most=168, unit=_("hours"), position=30,
         help=_("Until then it opens no follow-up.")),
    Rule("surveys.enough", _("Too few to tell below"), 30, least=2, most=10_000, unit=_("answers"), position=40),
)  # fmt: skip
