"""How surveys show up on the ground floor: what people answer, and what is done about it. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.enums import ChurnReason, Priority
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
from health.domain.surveys import sending
from health.domain.surveys.triggers import TRIGGERS, ask_about
from health.enums import NpsGroup

REASONS = tuple(ChurnReason.choices)
_who = (
    Field("contact", label=_("Who answered"), unsaid=_("Somebody")),
    Field("survey", label=_("Survey")),
    Field("comment", label=_("In their words")),
    Field("answer", int, public=False),
    Field("survey_id", int, required=False, public=False),
)

activity_kinds.add(
    ActivityKind("nps.answered", _("NPS answered"), _("%(contact)s gives %(score)s of 10 (%(group)s): %(comment)s"), "star",
                 (Field("group", str, _("Group"), tuple(NpsGroup.choices)), Field("score", int, _("Score")), *_who,
                  Field("least_used", label=_("What they use least"), required=False)), answers="survey"),
    ActivityKind("csat.answered", _("Satisfaction answered"), _("%(contact)s is satisfied %(score)s of 5 (%(survey)s): %(comment)s"), "star",
                 (Field("score", int, _("Score")), *_who), answers="survey"),
    ActivityKind("churn_survey.answered", _("Reason for leaving answered"), _("%(contact)s on leaving: %(reason)s. %(comment)s"), "note",
                 (Field("reason", str, _("Reason"), REASONS), *_who)),
    ActivityKind("answer.revised", _("Answer changed"), _("%(contact)s changed an answer (%(survey)s): %(before)s → %(after)s. %(comment)s"), "pencil",
                 (*_who, Field("before", str, _("Before"), REASONS), Field("after", str, _("After"), REASONS))),
)  # fmt: skip

mail_kinds.add(
    MailKind(sending.INVITE, _("Survey"), asks=True, sent=sending.note_sent, bounced=sending.note_bounced),
    MailKind(sending.REMINDER, _("Reminder of a survey"), asks=True),
)
# Sessions tell it too, once they are held; what nobody registers never happens.
reactions.add(Reaction("ask in a survey", tuple(TRIGGERS), ask_about))
link_purposes.add(LinkPurpose("survey", _("Survey"), "health:survey", days=180))


def _group(value: str) -> tuple[dict[str, str], ...]:
    return ({"field": "group", "op": "is", "value": value},)


# What a person said has no cool-down: a second detractor a week later is called too.
playbook_defaults.add(
    PlaybookDefault(
        key="detractor",
        name=_("Detractor: call within 24 hours"),
        trigger="nps.answered",
        conditions=_group("detractor"),
        title=_("Call {contact} of {account}: {score} of 10"),
        instructions=_(
            "{contact} gave {score} of 10 and wrote: {comment}\n\n{account} pays {mrr} a month, health is {band}. Whoever "
            "is called within a day of complaining often stays; whoever is not has been told that nobody reads it."
        ),
        steps=(
            _("Read the comment, the latest tickets and what moved the score"),
            _("Call {contact}. Thank them for being frank, and ask: “What made you give {score}?”"),
            _("Listen to the end. Explain nothing away, promise nothing you cannot keep"),
            _("Agree on one thing that will change, who does it and by when"),
            _("Log the call, and write to {contact} once it is done"),
        ),
        texts=(
            {
                "name": _("Call guide"),
                "subject": _("What to ask {contact}"),
                "body": _(
                    "1. You gave us {score} of 10. What happened?\n2. Since when has it been like that?\n3. What does it "
                    "keep you from doing?\n4. If we changed one thing this month, what should it be?\n5. May I tell you on "
                    "a given day how far we are?"
                ),
            },
            {
                "name": _("If nobody answers the phone"),
                "subject": _("Your answer to our question"),
                "body": _(
                    "Hello {contact},\n\nthank you for being frank: {score} of 10 tells me that something is wrong, and I "
                    "would like to understand it before I say anything about it. When may I call you today or tomorrow? "
                    "Ten minutes are enough.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.URGENT,
        due_hours=24,
        promise=True,
    ),
    PlaybookDefault(
        key="passive",
        name=_("Passive: targeted help"),
        trigger="nps.answered",
        conditions=_group("passive"),
        title=_("Help {contact} of {account} to more: {score} of 10"),
        instructions=_(
            "{contact} gave {score} of 10 and wrote: {comment}\n\nContent, but not attached. Of what {account} pays for "
            "it uses this least: {least_used}. Help with just that."
        ),
        steps=(
            _("See on the usage card whether {least_used} would help them at all"),
            _("Send the tutorial on it, or on what their comment asks for"),
            _("Look in two weeks whether they use it"),
        ),
        texts=(
            {
                "name": _("Mail with a tutorial"),
                "subject": _("Something that may make {account} faster"),
                "body": _(
                    "Hello {contact},\n\nthank you for your answer. I looked at what could make it a 10, and think that "
                    "“{least_used}” would save you time. Here is a short guide; if you like, I show it to you and your "
                    "colleagues in a quarter of an hour.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.NORMAL,
        due_hours=120,
    ),
    PlaybookDefault(
        key="promoter",
        name=_("Promoter: ask for a referral or a case study"),
        trigger="nps.answered",
        conditions=_group("promoter"),
        title=_("Ask {contact} of {account}: referral or case study"),
        instructions=_(
            "{contact} gave {score} of 10 and wrote: {comment}\n\nNobody tells it better than they do. Thank them first; "
            "then ask for one thing, not for three."
        ),
        steps=(
            _("Thank {contact} for the answer, in your own words"),
            _("Ask who they know that has the same problem, or whether they would tell their story"),
            _("Write down what they said yes to"),
        ),
        texts=(
            {
                "name": _("Ask for a referral"),
                "subject": _("Thank you, {contact}"),
                "body": _(
                    "Hello {contact},\n\nyour answer has made our day, thank you! Do you know somebody for whom the "
                    "product would do what it does for {account}? A name is enough, and I will be careful with "
                    "it.\n\n{csm}"
                ),
            },
            {
                "name": _("Ask for a case study"),
                "subject": _("May we tell the story of {account}?"),
                "body": _(
                    "Hello {contact},\n\nthank you for your answer! Others would learn from how {account} works with "
                    "the product. May I ask you three questions for a short text? You read it before anybody "
                    "else does.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.NORMAL,
        due_hours=168,
        asks="referral",
    ),
)
