"""How health shows up on the ground floor: what can happen, what is shown of it, what is done about it."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.enums import Band, Priority
from accounts.registry import (
    ActiveUsers,
    ActivityKind,
    AfterImport,
    Field,
    ImportKind,
    KnownActions,
    ListExtra,
    NavItem,
    Panel,
    PlaybookDefault,
    Reaction,
    SettingsLink,
    UsageAnswer,
    UsageHistory,
    active_users,
    activity_kinds,
    after_imports,
    import_kinds,
    known_actions,
    list_extras,
    navigation,
    panels,
    playbook_defaults,
    reactions,
    settings_links,
    usage_answers,
    usage_histories,
)
from health import (
    checkup_hooks,  # noqa: F401 - what the doctor looks at
    number_hooks,  # noqa: F401 - what it brings to the numbers
    personal_hooks,  # noqa: F401 - what is kept about people
    rule_hooks,  # noqa: F401 - the numbers that an admin can change
    survey_hooks,  # noqa: F401 - the part that is about surveys
)
from health.domain.actions import named as named_actions
from health.domain.dropped import use_in_words, was_in_use
from health.domain.heard import history
from health.domain.history import recent_scores
from health.domain.importing import AnswerLoader, InvoiceLoader, TicketLoader, UsageLoader
from health.domain.marks import mark, mark_accounts_of
from health.domain.onboarding import WORDS, hear
from health.domain.people import active_users as count_active_users
from health.registry import indicators

# A churned account has no band.
BANDS = (*Band.choices, ("", pgettext_lazy("band", "None")))
INDICATORS = tuple((i.key, i.label) for i in indicators)
WAYS = (("up", _("up")), ("down", _("down")))
_move = (Field("before", str, _("Band before"), BANDS), Field("after", str, _("Band"), BANDS))

activity_kinds.add(
    ActivityKind("health.band_changed", _("Band changed"),
                 _("Health: %(before)s → %(after)s, score %(score)s, weakest is %(weakest)s with %(weakest_value)s"), "heart",
                 (*_move, Field("score", int, _("Score")), Field("known_weight", int, _("Known weight, %")),
                  Field("capped_by", str, _("Capped by"), INDICATORS), Field("weakest", str, _("Weakest indicator"), INDICATORS),
                  Field("weakest_value", int, _("Its value")), Field("first", bool, _("First score of the account"), required=False))),
    ActivityKind("usage.dropped", _("Usage dropped"), _("Usage is down %(percent)s%% over 28 days: %(before)s → %(points)s points"), "trend-down",
                 (Field("percent", int, _("Down by, %")), Field("before", int, _("Points before")), Field("points", int, _("Points now"))), tone="bad"),
    ActivityKind("usage.recovered", _("Usage recovered"), _("Usage is no longer far below what it was"), "trend-up", (), tone="good"),
    ActivityKind("support.red_theme", _("Support about one theme"), _("Tickets about %(theme)s: %(count)s of %(tickets)s"), "alert",
                 (Field("theme", label=_("Theme")), Field("count", int, _("Tickets about it")), Field("tickets", int, _("Tickets in 30 days"))), tone="bad"),
    ActivityKind("support.theme_cleared", _("Theme of support cleared"), _("Support is no longer about %(theme)s"), "check",
                 (Field("theme", label=_("Theme")),), tone="good"),
    ActivityKind("invoice.overdue", _("Invoice overdue"), _("Invoice %(invoice)s over %(amount)s %(currency)s is %(days)s days overdue"), "clock",
                 (Field("invoice", label=_("Invoice")), Field("days", int, _("Days overdue")), Field("amount", Decimal, _("Amount")),
                  Field("currency", label=_("Currency")), Field("due_on", label=_("Due on"))), tone="bad"),
    ActivityKind("invoice.settled", _("Invoice settled"), _("Invoice %(invoice)s is no longer overdue"), "check", (Field("invoice", label=_("Invoice")),), tone="good"),
    ActivityKind("pulse.set", _("Pulse set"), _("Pulse %(value)s of 5: %(reason)s"), "heart",
                 (Field("value", int, _("Pulse")), Field("reason", label=_("Reason")))),
    ActivityKind("health.indicator_frozen", _("Indicator frozen"), _("%(indicator)s moved %(direction)s for %(moved)s of %(known)s accounts in one night: held at its earlier values"), "alert",
                 (Field("indicator", str, _("Indicator"), INDICATORS), Field("direction", str, _("Direction"), WAYS),
                  Field("moved", int, _("Accounts that moved")), Field("known", int, _("Accounts compared"))), tone="warn", trigger=False),
)  # fmt: skip

panels.add(
    Panel("health", _("Health"), "health:panel", 10),
    Panel("voice", _("Voice"), "health:voice_panel", 15, tab="voice"),
    Panel("usage", _("Usage"), "health:usage", 10, tab="usage"),
    Panel("tickets", _("Tickets"), "health:tickets", 10, tab="tickets"),
    Panel("invoices", _("Invoices"), "health:invoices", 90, tab="subscription"),
)
usage_answers.add(UsageAnswer("usage", was_in_use, use_in_words))
usage_histories.add(UsageHistory("usage", history))
active_users.add(ActiveUsers("usage", count_active_users))
navigation.add(NavItem("voice", _("Voice"), "health:voice", "chat", 50, "voice.view"))
known_actions.add(KnownActions("actions", named_actions))
list_extras.add(ListExtra("sparkline", _("Score"), recent_scores))

# Whatever changes what a score is made of: seats, plan, segment, zone, the last contact.
reactions.add(
    Reaction(
        "score the account",
        (
            "account.created",
            "account.updated",
            "account.stage_changed",
            "account.churned",
            "call.logged",
            "subscription.changed",
            "mrr.new",
            "mrr.reactivated",
            "mrr.expanded",
            "mrr.contracted",
        ),
        mark_accounts_of,
    )
)
reactions.add(Reaction("health.onboarding", tuple(WORDS), hear))
import_kinds.add(
    ImportKind("usage", _("Usage"), UsageLoader(), 40),
    ImportKind("tickets", _("Tickets"), TicketLoader(), 50),
    ImportKind("invoices", _("Invoices"), InvoiceLoader(), 60),
    ImportKind("answers", _("NPS answers"), AnswerLoader(), 70),
)
after_imports.add(AfterImport("score the accounts", mark))

settings_links.add(
    SettingsLink("scoring", _("Scoring"), "health:scoring", "rules", 30, "scoring.manage", _("What health is made of, and how much each part weighs."), "heart"),
    SettingsLink("surveys", _("Surveys"), "health:surveys", "rules", 50, "survey.manage", _("What customers are asked, whom, and how often."), "mail"),
    SettingsLink("actions", _("Actions and targets"), "health:actions", "rules", 40, "scoring.manage", _("What using the product is worth, and how much of it is right."), "zap"),
)  # fmt: skip


def _band(value: str) -> dict[str, str]:
    return {"field": "after", "op": "is", "value": value}


# A first import scores thousands for the first time: their band is where they stand, not what has happened to them.
NOT_THE_FIRST = {"field": "first", "op": "is_not", "value": True}


def _no_longer(value: str) -> tuple[dict[str, str], ...]:
    return ({"field": "after", "op": "is_not", "value": value},)


playbook_defaults.add(
    PlaybookDefault(
        key="red",
        name=_("Red: review now"),
        trigger="health.band_changed",
        conditions=(_band("red"),),
        title=_("Review {account}: it has turned red"),
        instructions=_(
            "The account went from {before} to {after}. When this opened its score was {score}, its weakest indicator "
            "{weakest} with {weakest_value}. "
            "Find out why before you call, and call before they decide."
        ),
        steps=(
            _("See what moved the score, on the account's health card"),
            _("Read the latest tickets, answers and notes"),
            _("Call {contact} and ask what has changed for them"),
            _("Agree on one next step with a date, and log the call"),
        ),
        texts=(
            {
                "name": _("Mail asking for a call"),
                "subject": _("A few minutes for {account}?"),
                "body": _(
                    "Hello {contact},\n\nI have looked at how things are going for {account} and would like to "
                    "hear it from you. Do you have fifteen minutes this week? I want to make sure that you get what you "
                    "pay for.\n\nBest regards\n{csm}"
                ),
            },
        ),
        priority=Priority.HIGH,
        due_hours=24,
        cool_down_days=14,
        closes_on="health.band_changed",
        closes_when=_no_longer("red"),
    ),
    PlaybookDefault(
        key="yellow",
        name=_("Yellow: targeted guidance"),
        trigger="health.band_changed",
        conditions=(_band("yellow"), NOT_THE_FIRST),
        title=_("Guide {account}: {weakest} is weak"),
        instructions=_(
            "When this opened: yellow at {score}, the weakest indicator {weakest} with {weakest_value}. Help with just that: "
            "a short mail is often enough."
        ),
        steps=(
            _("See which indicator is weak, and since when"),
            _("Send the tutorial or the answer that fits it"),
            _("Look again in two weeks"),
        ),
        texts=(
            {
                "name": _("Mail with help"),
                "subject": _("Something that may help {account}"),
                "body": _(
                    "Hello {contact},\n\nI noticed that you could get more out of the product than you do now. "
                    "Here is a short guide that helped others in your place. If something stands in your way, tell me and "
                    "I will take care of it.\n\nBest regards\n{csm}"
                ),
            },
        ),
        priority=Priority.LOW,
        due_hours=120,
        cool_down_days=14,
        closes_on="health.band_changed",
        closes_when=_no_longer("yellow"),
    ),
    PlaybookDefault(
        key="thriving",
        name=_("Thriving: expansion"),
        trigger="health.band_changed",
        conditions=(_band("thriving"), NOT_THE_FIRST),
        title=_("{account} is thriving: talk about more"),
        instructions=_(
            "They use more than their plan was made for. Find out what they achieve with it, and whether more seats "
            "or a larger plan would give them more of it."
        ),
        steps=(
            _("See which actions they use most"),
            _("Ask {contact} what they plan for the coming months"),
            _("Show what the next plan would add, with its price"),
        ),
        texts=(
            {
                "name": _("Mail about growing"),
                "subject": _("{account} is doing great"),
                "body": _(
                    "Hello {contact},\n\nyou are among those who get the most out of the product, congratulations! "
                    "I would like to learn what comes next for you, and to show what could make it easier. When would "
                    "it suit you?\n\nBest regards\n{csm}"
                ),
            },
        ),
        priority=Priority.NORMAL,
        due_hours=168,
        cool_down_days=14,
        closes_on="health.band_changed",
        closes_when=_no_longer("thriving"),
        asks="upsell",
    ),
    PlaybookDefault(
        key="support_theme",
        name=_("Support red about one theme"),
        trigger="support.red_theme",
        title=_("Tickets about {theme}, {count} of {tickets}: plan a call on it"),
        instructions=_(
            "Support is in the red, and most of it is one thing: {theme}. One call that settles it is worth more "
            "than another round of answers."
        ),
        steps=(
            _("Read the tickets about {theme}"),
            _("Ask support what is known, and until when it will be solved"),
            _("Plan a call with {contact}, with whoever knows {theme} best"),
        ),
        texts=(
            {
                "name": _("Mail inviting to a call"),
                "subject": _("Let us settle {theme} together"),
                "body": _(
                    "Hello {contact},\n\nyou have written to us several times about {theme}. Rather than answering "
                    "one by one, I would like to go through it with you and a colleague who knows it well. Which day "
                    "suits you?\n\nBest regards\n{csm}"
                ),
            },
        ),
        priority=Priority.HIGH,
        due_hours=48,
        cool_down_days=14,
        subject_field="theme",
        closes_on="support.theme_cleared",
    ),
    PlaybookDefault(
        key="usage_down",
        name=_("Usage down"),
        trigger="usage.dropped",
        # xgettext:no-python-format - “% l” would pass for a conversion
        title=_("{account} uses it much less: find out why"),
        instructions=_(
            "Points went from {before} to {points} in 28 days. Holidays, a champion who has left, another tool? "
            "Usage falls before customers do."
        ),
        steps=(
            _("See which actions fell, on the usage card"),
            _("Ask {contact} what has changed"),
            _("Offer a session for those who are new or have stopped"),
        ),
        texts=(
            {
                "name": _("Mail asking what has changed"),
                "subject": _("Is everything all right at {account}?"),
                "body": _(
                    "Hello {contact},\n\nI see that you have used the product less in the last weeks. Has something "
                    "changed, or does something stand in your way? I am glad to help, and if it is just the season, a "
                    "short word is enough.\n\nBest regards\n{csm}"
                ),
            },
        ),
        priority=Priority.HIGH,
        due_hours=72,
        cool_down_days=14,
        closes_on="usage.recovered",
    ),
    PlaybookDefault(
        key="invoice_overdue",
        name=_("Invoice overdue"),
        trigger="invoice.overdue",
        title=_("Invoice {invoice} of {account} is overdue since {due_on}"),
        instructions=_(
            "{amount} {currency} were due on {due_on}. Often it is a changed address or a missing order number; "
            "sometimes it is the first sign that they want to leave."
        ),
        steps=(
            _("Ask accounting whether they have been in touch"),
            _("Ask {contact} whether anything is missing, or wrong"),
        ),
        texts=(
            {
                "name": _("Mail asking about the invoice"),
                "subject": _("Invoice {invoice}"),
                "body": _(
                    "Hello {contact},\n\ninvoice {invoice} over {amount} {currency} was due on {due_on} and is still "
                    "open. Is anything missing that you need to pay it? Tell me and I will see to it.\n\n"
                    "Best regards\n{csm}"
                ),
            },
        ),
        priority=Priority.NORMAL,
        due_hours=48,
        cool_down_days=14,
        subject_field="invoice",
        closes_on="invoice.settled",
    ),
)
