"""Onboarding among the numbers: key figures, what finishing goes with, which steps the best customers have done."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import AccountsBehind, Effect, Kpi, Traits, accounts_behind, effects, kpis, traits
from onboarding.domain import numbers

kpis.add(
    Kpi("activation", _("Activation"), _("Onboardings begun in the month that have reached first value."), "share", numbers.activation,
        ("fit",), ("onboarding",), position=76),
    Kpi("ttv", _("Time to first value"), _("From the start of onboarding to the step that counts as first value."), "days", numbers.time_to_value,
        ("fit",), ("onboarding",), good="down", position=77),
)  # fmt: skip
effects.add(
    Effect("finished", _("Onboarding"), _("Finished"), _("Have not finished"), numbers.finished, "onboarding:reports", 10),
    Effect("attended", _("Sessions"), _("Came to a session"), _("Came to none"), numbers.attended, "onboarding:reports", 20),
)  # fmt: skip
traits.add(Traits("steps", _("Step done"), numbers.steps_done, 10))
accounts_behind.add(
    AccountsBehind("onboardings", _("Activation"), (("onboardings", _("Onboardings begun"), "number"), ("reached", _("Reached first value"), "number")), page=numbers.who_began),
    AccountsBehind("first_value", _("Time to first value"), (("reached", _("Reached first value"), "number"), ("days", _("Days to first value"), "days")), page=numbers.who_got_there),
)  # fmt: skip
