"""How the ground floor shows up on itself: what can happen to an account, and what is done about it."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts import (
    calendar_hooks,  # noqa: F401 - renewals in the navigation and in calendars
    checkup_hooks,  # noqa: F401 - what the doctor looks at
    mail_hooks,  # noqa: F401 - mails, personal links, contact pressure
    number_hooks,  # noqa: F401 - key figures, costs and goals
    personal_hooks,  # noqa: F401 - what is kept about people
    plan_hooks,  # noqa: F401 - the part that is about plans and the portal
    renewal_hooks,
    rule_hooks,  # noqa: F401 - the numbers that an admin can change
)
from accounts.domain import account_values, dropping, subscription_values
from accounts.domain.escalation import mail_managers
from accounts.domain.imports.kinds.accounts import AccountLoader
from accounts.domain.imports.kinds.churn import ChurnLoader
from accounts.domain.imports.kinds.contacts import ContactLoader
from accounts.domain.imports.kinds.subscriptions import SubscriptionLoader
from accounts.domain.wording import playbook_in_words
from accounts.enums import ChurnReason, Outcome, Stage
from accounts.registry import (
    ActivityKind,
    Field,
    ImportKind,
    NavItem,
    PlaybookDefault,
    Reaction,
    SettingsLink,
    activity_kinds,
    import_kinds,
    navigation,
    playbook_defaults,
    reactions,
    settings_links,
)

__all__ = ["renewal_hooks"]  # what can happen to a term registers itself

STAGES = tuple(Stage.choices)
OUTCOMES = tuple(Outcome.choices)

_mrr = (
    Field("subscription", label=_("Subscription")),
    Field("plan", label=_("Plan"), required=False),
    Field("before", Decimal, _("MRR before")),
    Field("after", Decimal, _("MRR after")),
    Field("amount", Decimal, _("Change of MRR")),
    Field("currency", label=_("Currency")),
)
_in_use = (
    Field(
        "in_use",
        label=_("Whether it was in use"),
        required=False,
        unsaid=_("not known"),
        worded=dropping.in_use_in_words,
    ),
    Field("use", dict, required=False, public=False),
)
_followup = (
    Field("follow_up", int, _("Follow-up"), public=False),
    Field("title", label=_("Title")),
)

activity_kinds.add(
    # The account itself
    ActivityKind("account.created", _("Account created"), _("Account created (%(source)s)"), "plus", (Field("source", label=_("Source")),)),
    ActivityKind("account.updated", _("Account changed"), _("Changed: %(fields)s"), "pencil",
                 (Field("fields", label=_("Fields"), worded=account_values.changed_fields), Field("changes", dict, public=False)), trigger=False),
    ActivityKind("account.csm_assigned", _("CSM assigned"), _("CSM: %(before)s → %(after)s"), "user",
                 (Field("before", label=_("Before")), Field("after", label=_("After")))),
    ActivityKind("account.stage_changed", _("Stage changed"), _("Stage: %(before)s → %(after)s"), "flag",
                 (Field("before", str, _("Before"), STAGES), Field("after", str, _("After"), STAGES))),
    ActivityKind("contact.added", _("Contact added"), _("Contact added: %(name)s"), "user",
                 (Field("name", label=_("Name")), Field("email", label=_("E-mail address")))),
    ActivityKind("contact.left", _("Contact left"), _("%(name)s has left"), "user",
                 (Field("name", label=_("Name")), Field("email", label=_("E-mail address")), Field("champion", bool, _("Champion"))), tone="warn"),
    ActivityKind("contact.erased", _("Contact erased"), _("Somebody asked to be forgotten: who it was is kept nowhere"), "user", trigger=False),
    # Talking with them
    ActivityKind("call.logged", _("Call logged"), _("Call with %(contact)s, %(minutes)s min: %(summary)s"), "phone",
                 (Field("contact", label=_("Contact")), Field("minutes", int, _("Minutes")), Field("summary", label=_("Summary")),
                  Field("two_way", bool, _("They spoke with us")))),
    ActivityKind("note.written", _("Note written"), "%(text)s", "note", (Field("text", label=_("Text")),)),
    # Subscriptions and MRR
    ActivityKind("subscription.changed", _("Subscription changed"), _("Subscription %(subscription)s: %(what)s"), "card",
                 (Field("subscription", label=_("Subscription")), Field("what", label=_("What changed"), worded=subscription_values.changed_fields),
                  Field("changes", dict, public=False))),
    ActivityKind("subscription.cancel_scheduled", _("Cancellation scheduled"), _("%(subscription)s will end on %(ends_on)s"), "card",
                 (Field("subscription", label=_("Subscription")), Field("ends_on", label=_("Ends on")), Field("mrr", Decimal, _("MRR"))), tone="warn"),
    ActivityKind("mrr.new", _("New MRR"), _("New: MRR %(after)s %(currency)s"), "trend-up", _mrr, tone="good"),
    ActivityKind("mrr.reactivated", _("MRR reactivated"), _("Back: MRR %(after)s %(currency)s"), "trend-up", _mrr, tone="good"),
    ActivityKind("mrr.expanded", _("MRR expanded"), _("Expansion: MRR %(before)s → %(after)s %(currency)s"), "trend-up", _mrr, tone="good"),
    ActivityKind("mrr.contracted", _("MRR contracted"), _("Contraction: MRR %(before)s → %(after)s %(currency)s, dropped: %(dropped)s"), "trend-down",
                 (*_mrr, Field("dropped", label=_("What was dropped"), worded=dropping.dropped_in_words),
                  Field("gone", dict, required=False, public=False), *_in_use), tone="bad"),
    ActivityKind("account.churned", _("Account churned"), _("Churned, MRR %(before)s %(currency)s gone (%(reason)s)"), "trend-down",
                 (*_mrr, Field("reason", str, _("Reason"), tuple(ChurnReason.choices)), Field("comment", label=_("In their words"), required=False)), tone="bad"),
    ActivityKind("trial.ending", _("Trial ends soon"), _("Trial of %(subscription)s ends on %(ends_on)s"), "clock",
                 (Field("subscription", label=_("Subscription")), Field("ends_on", label=_("Ends on")), Field("days", int, _("Days left"))), tone="warn"),
    # Follow-ups
    ActivityKind("followup.opened", _("Follow-up opened"), _("Follow-up: %(title)s"), "inbox", _followup, trigger=False),
    ActivityKind("followup.held_back", _("Held back"), _("Held back, cool-down until %(until)s: %(title)s"), "pause",
                 (Field("title", label=_("Title")), Field("playbook", label=_("Playbook"), worded=playbook_in_words), Field("until", label=_("Until"))), trigger=False),
    ActivityKind("followup.done", _("Follow-up done"), _("Done: %(title)s (%(outcome)s)"), "check",
                 (*_followup, Field("outcome", str, _("Outcome"), OUTCOMES), Field("note", label=_("Note"), required=False),
                  Field("playbook", label=_("Playbook"), required=False)), tone="good"),
    ActivityKind("followup.reopened", _("Follow-up opened again"), _("Opened again: %(title)s"), "inbox", _followup, trigger=False),
    ActivityKind("followup.snoozed", _("Follow-up snoozed"), _("Snoozed until %(until)s: %(title)s (%(reason)s)"), "clock",
                 (*_followup, Field("until", label=_("Until")), Field("reason", label=_("Reason")),
                  Field("past_promise", bool, _("Breaks a promise"), required=False)), trigger=False),
    ActivityKind("followup.reassigned", _("Follow-up handed over"), _("%(title)s: %(before)s → %(after)s"), "user",
                 (*_followup, Field("before", label=_("From")), Field("after", label=_("To")), Field("note", label=_("Note"), required=False)),
                 trigger=False),
    ActivityKind("followup.escalated", _("Follow-up escalated"), _("Overdue, escalated to %(to)s: %(title)s"), "alert",
                 (*_followup, Field("to", label=_("To")), Field("manager", int, required=False, public=False)), tone="bad", trigger=False),
    ActivityKind("followup.closed", _("Follow-up closed by itself"), _("Closed by itself: %(title)s (%(why)s)"), "check",
                 (*_followup, Field("why", label=_("Why"))), trigger=False),
    ActivityKind("followup.canceled", _("Follow-up canceled"), _("Canceled: %(title)s (%(why)s)"), "x",
                 (*_followup, Field("why", label=_("Why"))), trigger=False),
)  # fmt: skip

# What a person did has no cool-down: a second contraction a week later is called about too.
playbook_defaults.add(
    PlaybookDefault(
        "contraction", _("Contraction"), "mrr.contracted",
        # Who now pays by the year pays less a month, and stays longer: that is no reason to worry.
        conditions=({"field": "dropped", "op": "is_not", "value": "monthly billing"},),
        title=_("{account} pays less: ask about {dropped}"),
        instructions=_(
            "MRR went from {before} to {after} {currency}. What was dropped: {dropped}. Whether it was in use: {in_use}. "
            "What was used and dropped is about money or need, what was never used is about onboarding."
        ),
        steps=(
            _("Look at the usage of what was dropped"),
            _("Call {contact}: what has changed?"),
            _("Offer what fits their need now, or help with what they never used"),
            _("Write down the reason on the timeline"),
        ),
        texts=(
            {
                "name": _("Ask for a call"),
                "subject": _("Your change of plan"),
                "body": _(
                    "Hello {contact},\n\nI saw that you have changed your plan. I would like to understand what you need "
                    "now, and make sure that you lose nothing you rely on. Do you have a quarter of an hour today or "
                    "tomorrow?\n\n{csm}"
                ),
            },
        ),
        priority=1, due_hours=24, promise=True,
    ),
    PlaybookDefault(
        "churned", _("Churned"), "account.churned",
        title=_("{account} has left: ask why, part well"),
        instructions=_(
            "MRR {before} {currency} is gone. Reason given: {reason}. What they say now is worth more than any survey of "
            "those who stay, and whoever leaves well may come back."
        ),
        steps=(
            _("Send {contact} the three questions"),
            _("Offer a call of fifteen minutes"),
            _("Check that their data is exported and their access ends when it should"),
            _("Correct the reason for leaving if they name another"),
        ),
        texts=(
            {
                "name": _("Three questions"),
                "subject": _("Before you go: three questions"),
                "body": _(
                    "Hello {contact},\n\nthank you for the time you were with us. Three questions would help us:\n\n"
                    "1. What made you decide to leave?\n2. What did you miss most?\n3. What would have to change for you "
                    "to come back?\n\nA line or two is enough.\n\n{csm}"
                ),
            },
        ),
        priority=2, due_hours=120,
    ),
    PlaybookDefault(
        "trial_ending", _("Trial ends"), "trial.ending",
        title=_("{account}: trial ends on {ends_on}"),
        instructions=_("The trial of {subscription} ends on {ends_on}. Who has seen what it does for them, stays."),
        conditions=({"field": "days", "op": "lte", "value": "7"},),
        steps=(
            _("Look at what they have used, and what not yet"),
            _("Ask {contact} what keeps them from deciding"),
            _("Show the one thing that fits what they came for"),
        ),
        priority=2, due_hours=48, subject_field="subscription", closes_on="mrr.new",
    ),
)  # fmt: skip

reactions.add(Reaction("escalation mail", ("followup.escalated",), mail_managers))

navigation.add(
    NavItem("queue", _("Queue"), "queue", "inbox", 10),
    NavItem("accounts", _("Accounts"), "accounts:list", "building", 20),
    NavItem("settings", _("Settings"), "settings:home", "gear", 900, permission="settings.view"),
)

settings_links.add(
    SettingsLink("profile", _("Your profile"), "settings:profile", "you", 10, about=_("Name, language and time zone."), icon="user"),
    SettingsLink("security", _("Sign-in and security"), "mfa_index", "you", 20, about=_("Password, second factor, recovery codes."), icon="shield"),
    SettingsLink("sessions", _("Sessions"), "usersessions_list", "you", 30, about=_("Where you are signed in; end what is not you."), icon="monitor"),
    SettingsLink("users", _("Users"), "settings:users", "team", 10, "user.manage", _("Who signs in, and as what."), "users"),
    SettingsLink("assignment", _("CSM assignment"), "settings:assignment", "team", 20, "account.assign", _("Who looks after which customers."), "user"),
    SettingsLink("segments", _("Segments"), "settings:segments", "rules", 10, "segment.manage", _("Kinds of customers that are served and scored alike."), "layers"),
    SettingsLink("playbooks", _("Playbooks"), "settings:playbooks", "rules", 20, "settings.view", _("What opens a follow-up, and how well it does."), "book"),
    SettingsLink("rules", _("Rules"), "settings:rules", "rules", 15, "settings.view", _("The numbers that everything works by: days, chances, thresholds."), "scale"),
    SettingsLink("imports", _("Imports"), "imports:list", "data", 10, "import.run", _("Bring accounts, subscriptions, usage and tickets in from files."), "upload"),
    SettingsLink("tokens", _("API tokens"), "settings:tokens", "data", 20, "token.manage", _("Keys with which programs read and write."), "key"),
    SettingsLink("webhooks", _("Webhooks"), "settings:webhooks", "data", 25, "webhook.manage", _("Programs that are told of what happens."), "webhook"),
    SettingsLink("audit", _("Audit"), "settings:audit", "data", 40, "audit.view", _("Who changed what, from what to what."), "eye"),
    SettingsLink("deliveries", _("Deliveries"), "settings:deliveries", "data", 30, "settings.view", _("How each activity ended; what was parked, and why."), "send"),
)  # fmt: skip

import_kinds.add(
    ImportKind("accounts", _("Accounts"), AccountLoader(), 10),
    ImportKind("contacts", _("Contacts"), ContactLoader(), 20),
    ImportKind("subscriptions", _("Subscriptions"), SubscriptionLoader(), 30),
    ImportKind("churn", _("Churn events"), ChurnLoader(), 80),
)
