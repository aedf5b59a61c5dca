"""What referrals do about what happens elsewhere, and which files they take. Part of hooks.py."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.enums import Priority
from accounts.models import Activity
from accounts.registry import ImportKind, PlaybookDefault, Reaction, import_kinds, playbook_defaults, reactions
from referrals.domain.clawback import came_back, claw_back_churned
from referrals.domain.holding import FINISHED, note_onboarded
from referrals.domain.importing import ConversionLoader, ReferralLoader, RefundLoader
from referrals.domain.promoters import note_answers


def release(activities: Sequence[Activity]) -> None:
    note_onboarded({activity.account_id for activity in activities})


def claw_back(activities: Sequence[Activity]) -> None:
    claw_back_churned({activity.account_id for activity in activities})


def welcome_back(activities: Sequence[Activity]) -> None:
    came_back({activity.account_id for activity in activities})


reactions.add(
    Reaction("release referrals", (FINISHED,), release),
    Reaction("claw back referrals", ("account.churned",), claw_back),
    Reaction("referred customers that come back", ("mrr.reactivated",), welcome_back),
    Reaction("promoters to invite", ("nps.answered",), note_answers),
)

import_kinds.add(
    ImportKind("referrals", _("Referrals"), ReferralLoader(), 90),
    ImportKind("conversions", _("Payments of referred customers"), ConversionLoader(), 91),
    ImportKind("refunds", _("Refunds to referred customers"), RefundLoader(), 92),
)

playbook_defaults.add(
    PlaybookDefault(
        key="invite_promoter",
        name=_("Invite promoter to refer"),
        trigger="referral.promoter_ready",
        title=_("Invite {contact} of {account} to refer others"),
        instructions=_(
            "{contact} gave {score} of 10, and {account} does well: that is the moment to ask. Both sides get something "
            "from “{program}”. Who is asked in person says yes far more often than who gets a circular."
        ),
        steps=(
            _("Look at what {account} has reached with us: it is what {contact} would tell others"),
            _("Invite {contact} from the account's page, under Referrals: they get their own link and material"),
            _("Offer to write the first recommendation with them"),
        ),
        texts=(
            {
                "name": _("Invitation to refer"),
                "subject": _("Would you recommend us, {contact}?"),
                "body": _(
                    "Hello {contact},\n\nit is good to see how far {account} has come. If you know somebody whom it would "
                    "help as well: you have a link of your own, and both of you get something from it. You find it on "
                    "your page with us.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.LOW,
        due_hours=168,
        cool_down_days=90,
        closes_on="partner.invited",
        asks="referral",
    ),
)
