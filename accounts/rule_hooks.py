"""Numbers of the ground floor's rules that an admin can change, in bold in RULES."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import tasks
from accounts.domain.rules import effects
from accounts.enums import Band
from accounts.registry import Rule, RuleGroup, Text, rule_groups, rules

DAYS = _("days")


def ranks_changed(keys: set[str]) -> None:
    """The timetable does it anyway; a broker that is away only makes it later."""
    if any(key.startswith("queue.loss_") for key in keys):
        transaction.on_commit(_rank_again, robust=True)


def _rank_again() -> None:
    with suppress(tasks.rank_again.OperationalError):
        tasks.rank_again.delay()


def renewals_changed(keys: set[str]) -> None:
    if keys & {"renewals.windows", "renewals.monthly_windows", "renewals.intent_days", "renewals.intent_latest"}:
        effects.look_at_terms_again()
    if any(key == "renewals.apart" or key.startswith("renewals.chance_") for key in keys):
        effects.review_opinions()


def check_renewals(values: Mapping[str, Any]) -> dict[str, Text]:
    if values["renewals.intent_latest"] >= values["renewals.intent_days"]:
        return {"renewals.intent_latest": _("Fewer days than those on which they are asked.")}
    return {}


def subscriptions_changed(keys: set[str]) -> None:
    if "subscriptions.dunning_days" in keys:
        effects.look_at_unpaid_again()
    if "subscriptions.trial_days" in keys:
        effects.look_at_trials_again()


rule_groups.add(
    RuleGroup("queue", _("Order of the queue"), _("What comes first: yearly value × chance of loss × nearness."), 10, changed=ranks_changed),
    RuleGroup("renewals", _("Renewals"), _("When terms are announced and asked about, and how likely they are thought to renew."), 20,
              check=check_renewals, changed=renewals_changed),
    RuleGroup("subscriptions", _("Subscriptions"), _("When an unpaid one stops counting, and when a trial is spoken of."), 25, changed=subscriptions_changed),
    RuleGroup("mails", _("Mails"), _("What is kept of what was written to people."), 35),
    RuleGroup("webhooks", _("Webhooks"), _("What other programs are told of."), 36),
    RuleGroup("pressure", _("Contact pressure"), _("How long a person is left in peace after being asked for something."), 30),
)  # fmt: skip

LOSS = {Band.RED: 40, Band.YELLOW: 15, Band.GREEN: 5, Band.THRIVING: 2, Band.UNKNOWN: 15}
RENEW = {Band.THRIVING: 95, Band.GREEN: 90, Band.YELLOW: 70, Band.RED: 40, Band.UNKNOWN: 70}
LOSS_TITLES = {
    Band.RED: _("Chance that a red customer leaves"), Band.YELLOW: _("Chance that a yellow customer leaves"),
    Band.GREEN: _("Chance that a green customer leaves"), Band.THRIVING: _("Chance that a thriving customer leaves"),
    Band.UNKNOWN: _("Chance that a customer of unknown health leaves"),
}  # fmt: skip
RENEW_TITLES = {
    Band.RED: _("Chance that a red customer renews"), Band.YELLOW: _("Chance that a yellow customer renews"),
    Band.GREEN: _("Chance that a green customer renews"), Band.THRIVING: _("Chance that a thriving customer renews"),
    Band.UNKNOWN: _("Chance that a customer of unknown health renews"),
}  # fmt: skip

rules.add(
    *(Rule(f"queue.loss_{band.value}", LOSS_TITLES[band], chance, least=0, most=100, unit="%", position=10 + n,
           help=_("Within a year.")) for n, (band, chance) in enumerate(LOSS.items())),
    Rule("queue.near_days", _("Far away is"), 14, least=1, most=365, unit=DAYS, position=20,
         help=_("So long before it is due, and before that, a follow-up weighs least; from then on more every hour.")),
    Rule("queue.near_least", _("What is far away weighs"), 25, least=0, most=100, unit="%", position=21,
         help=_("Of what it weighs when it is due.")),
    Rule("renewals.windows", _("A term is announced"), (90, 60, 30), least=1, most=365, unit=DAYS, position=10,
         help=_("Before its decision date: each opens a follow-up once.")),
    Rule("renewals.monthly_windows", _("A monthly term is announced"), (7,), least=1, most=30, unit=DAYS, position=11,
         help=_("Before its decision date.")),
    Rule("renewals.intent_days", _("Customers are asked whether they renew"), 60, least=2, most=365, unit=DAYS, position=12,
         help=_("Before the decision date; monthly ones are not asked.")),
    Rule("renewals.intent_latest", _("They are asked no more"), 30, least=0, most=364, unit=DAYS, position=13,
         help=_("Before the decision date, where a term came in late.")),
    *(Rule(f"renewals.chance_{band.value}", RENEW_TITLES[band], chance, least=0, most=100, unit="%", position=20 + n,
           help=_("Until the CSM says otherwise; what is decided stays as it was.")) for n, (band, chance) in enumerate(RENEW.items())),
    Rule("renewals.apart", _("Opinions differ from"), 30, least=1, most=100, unit=_("percentage points"), position=30,
         help=_("Health, CSM and customer further apart than this: somebody finds out who is right.")),
    Rule("renewals.settle_days", _("Time to settle it"), 14, least=1, most=90, unit=DAYS, position=31),
    Rule("subscriptions.dunning_days", _("Unpaid counts for"), 15, least=0, most=365, unit=DAYS, position=10,
         help=_("Then its MRR has churned. A change holds for those that are still counted.")),
    Rule("subscriptions.trial_days", _("The end of a trial is announced"), 7, least=1, most=90, unit=DAYS, position=20,
         help=_("Before its last day. The playbook “Trial ends” asks for so many days or fewer as well.")),
    Rule("mails.keep_days", _("The text of a mail is kept for"), 365, least=30, most=3650, unit=DAYS, position=10,
         help=_("That it was sent, to whom and what became of it stays.")),
    Rule("webhooks.keep_days", _("A webhook's deliveries are kept for"), 30, least=1, most=365, unit=DAYS, position=10),
    Rule("pressure.days", _("Left in peace for"), 14, least=0, most=365, unit=DAYS, position=10,
         help=_("After a survey or after being asked for a referral, a case study or a review, by whomever.")),
)  # fmt: skip
