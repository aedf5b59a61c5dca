"""What can happen to a term, and the follow-ups it opens: registered by hooks.py."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.domain.renewals.reactions import close_moved, health_changed
from accounts.domain.renewals.rules import LOW_INTENT
from accounts.enums import ChurnReason, IntentFactor, RenewalStage
from accounts.registry import (
    ActivityKind,
    Field,
    LinkPurpose,
    MailKind,
    PlaybookDefault,
    Reaction,
    activity_kinds,
    link_purposes,
    mail_kinds,
    playbook_defaults,
    reactions,
)

STAGES = tuple(RenewalStage.choices)
SIDES = (("model", _("Health")), ("call", _("CSM's call")), ("intent", _("Customer's intent")))

_term = (
    Field("renewal", int, _("Renewal"), public=False),
    Field("term", label=_("Term")),
    Field("subscription", label=_("Subscription")),
    Field("decision_date", label=_("Decision date")),
    Field("ends_on", label=_("Term ends on")),
)
_worth = (Field("mrr", Decimal, _("MRR")), Field("currency", label=_("Currency")))

activity_kinds.add(
    ActivityKind("renewal.term_ending", _("Term ends soon"), _("%(subscription)s: decision by %(decision_date)s (days left: %(left)s)"), "calendar",
                 (*_term, *_worth, Field("plan", label=_("Plan"), required=False), Field("days", int, _("Announced, days ahead")),
                  Field("left", int, _("Days left")), Field("notice_days", int, _("Notice, days")),
                  Field("auto_renew", bool, _("Renews by itself")), Field("monthly", bool, _("Monthly term")),
                  Field("stage", str, _("Stage"), STAGES)), tone="warn"),
    ActivityKind("renewal.stage_moved", _("Renewal moved on"), _("Renewal of %(subscription)s: %(before)s → %(after)s"), "flag",
                 (*_term, Field("before", str, _("Before"), STAGES), Field("after", str, _("After"), STAGES))),
    ActivityKind("renewal.called", _("Chance of renewal called"), _("Renewal of %(subscription)s called at %(chance)s%%: %(reason)s"), "target",
                 (*_term, Field("chance", Decimal, _("Chance, %")), Field("before", Decimal, _("Before, %"), required=False),
                  Field("reason", label=_("Reason")))),
    ActivityKind("renewal.moved", _("Term moved"), _("Term of %(subscription)s: end %(before)s → %(after)s"), "calendar",
                 (*_term, Field("before", label=_("Ended on")), Field("after", label=_("Ends on")), Field("decides_on", label=_("New decision date")))),
    ActivityKind("renewal.decided", _("Renewal decided"), _("%(subscription)s: %(outcome)s, MRR %(before)s → %(after)s %(currency)s"), "check",
                 (*_term, Field("plan", label=_("Plan"), required=False), Field("outcome", str, _("Outcome"), STAGES),
                  Field("before", Decimal, _("MRR before")), Field("after", Decimal, _("MRR after")), Field("currency", label=_("Currency")),
                  Field("reason", str, _("Reason"), tuple(ChurnReason.choices), required=False),
                  Field("comment", label=_("In their words"), required=False), Field("by_itself", bool, _("By itself")))),
    ActivityKind("renewal.reopened", _("Renewal open again"), _("%(subscription)s stays after all: its term up to %(ends_on)s is to be decided again"),
                 "refresh", _term),
    ActivityKind("renewal.lapsed", _("Term lapsed"), _("%(subscription)s: the term ended on %(ends_on)s, and nobody has decided"), "alert",
                 (*_term, *_worth), tone="bad"),
    ActivityKind("renewal.intent_asked", _("Asked about renewal"), _("Asked how likely they are to renew: %(contacts)s"), "send",
                 (*_term, Field("contacts", list, _("Contacts"))), trigger=False),
    ActivityKind("renewal.intent_answered", _("Renewal intent told"), _("%(contact)s is %(score)s of 10 likely to renew. %(comment)s"), "note",
                 (*_term, Field("contact", label=_("Contact")), Field("score", int, _("How likely, 0 to 10")),
                  Field("before", int, _("Answered before"), required=False),
                  Field("factors", list, _("What it depends on"), tuple(IntentFactor.choices)), Field("comment", label=_("Comment"), required=False))),
    ActivityKind("renewal.disputed", _("Opinions on a renewal differ"),
                 _("Renewal of %(subscription)s: health %(model)s%%, CSM %(call)s%%, customer %(intent)s%%. To be settled by %(settle_by)s"), "alert",
                 (*_term, Field("model", Decimal, _("Health, %")), Field("call", Decimal, _("CSM's call, %")),
                  Field("intent", Decimal, _("Customer's intent, %")), Field("settle_by", label=_("Settle by"))), tone="warn"),
    ActivityKind("renewal.settled", _("Opinions on a renewal settled"), _("Renewal of %(subscription)s settled: %(note)s"), "check",
                 (*_term, Field("note", label=_("What was found")), Field("decided", bool, _("By the decision"), required=False),
                  Field("chance", Decimal, _("Chance, %"), required=False))),
)  # fmt: skip

# What the clock says comes once for each window; what a customer says is answered every time. None cools down.
playbook_defaults.add(
    PlaybookDefault(
        "end_of_cycle", _("End of cycle"), "renewal.term_ending",
        title=_("{account}: renewal to be decided by {decision_date}"),
        instructions=_(
            "The term of {subscription} ({mrr} {currency} a month) ends on {ends_on}; what happens next is decided by "
            "{decision_date}. Days left: {left}. Notice: {notice_days} days. Renews by itself: {auto_renew}. Band: {band}."
        ),
        steps=(
            _("Read the account: what do they use, what has changed since the last term?"),
            _("Talk with {contact}: what do they plan, who decides, and by when?"),
            _("Say on the renewal how likely it is, and why"),
            _("Agree on the next term, or on what keeps them from it"),
        ),
        texts=(
            {
                "name": _("Ask for a talk about the next term"),
                "subject": _("Your next term with us"),
                "body": _(
                    "Hello {contact},\n\nyour current term ends on {ends_on}, and you can decide until {decision_date}. I "
                    "would like to look back with you at what it has brought you, and hear what you need from the next "
                    "one. Do you have half an hour in the coming two weeks?\n\n{csm}"
                ),
            },
        ),
        priority=2, due_hours=120, subject_field="term", closes_on="renewal.decided",
    ),
    PlaybookDefault(
        "low_intent", _("Low renewal intent"), "renewal.intent_answered",
        title=_("{account} is {score} of 10 likely to renew: call {contact}"),
        instructions=_(
            "{contact} answered {score} of 10 about the term that ends on {ends_on}. It depends on: {factors}. In their "
            "words: {comment}"
        ),
        conditions=({"field": "score", "op": "lte", "value": str(LOW_INTENT)},),
        steps=(
            _("Read what they named, and what of it we can change"),
            _("Call {contact}: thank them for their word, ask for the reason behind it"),
            _("Agree on one thing that is different by {decision_date}"),
            _("Say on the renewal how likely it is now"),
        ),
        texts=(
            {
                "name": _("Thank them and ask for a call"),
                "subject": _("Thank you for your open word"),
                "body": _(
                    "Hello {contact},\n\nthank you for telling us openly how you think about the next term. I would like to "
                    "understand what is behind it, and what we can change in time. When can I call you, today or "
                    "tomorrow?\n\n{csm}"
                ),
            },
        ),
        priority=1, due_hours=24, promise=True, subject_field="term", closes_on="renewal.decided",
    ),
    PlaybookDefault(
        "renewal_lapsed", _("Term lapsed"), "renewal.lapsed",
        title=_("{account}: the term of {subscription} is over and undecided"),
        instructions=_(
            "The term ended on {ends_on}, worth {mrr} {currency} a month. They may go on using what nobody has agreed on: find out whether "
            "they stay, and write down the outcome."
        ),
        steps=(_("Ask {contact} whether they stay"), _("Write down the outcome on the renewal")),
        priority=1, due_hours=48, subject_field="term", closes_on="renewal.decided",
    ),
    PlaybookDefault(
        "renewal_disputed", _("Opinions on a renewal differ"), "renewal.disputed",
        title=_("{account}: will they renew? Settle it by {settle_by}"),
        instructions=_(
            "Their health says {model}%, the CSM {call}%, the customer {intent}%. One of the three is wrong: find out "
            "which, before {decision_date}."
        ),
        steps=(
            _("Look at what each of the three is made of, and how old it is"),
            _("Ask {contact}"),
            _("Settle it on the renewal, with what you found"),
        ),
        priority=2, due_hours=336, subject_field="term", closes_on="renewal.settled",
    ),
)  # fmt: skip

link_purposes.add(LinkPurpose("intent", _("Renewal intent"), "intent", days=90))

# It is asked in their own interest, but asked: who wants no more questions gets none.
mail_kinds.add(MailKind("renewal.intent", _("How likely to renew"), asks=True))

reactions.add(
    Reaction("moved terms", ("renewal.moved",), close_moved),
    Reaction("opinions on renewals", ("health.band_changed",), health_changed),
)
