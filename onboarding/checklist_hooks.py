"""What checklists tell the ground floor: what can happen on the way, and what is done about it. Part of hooks.py."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.enums import Priority, TouchModel
from accounts.registry import (
    ActivityKind,
    AfterImport,
    Field,
    MailKind,
    Panel,
    PlaybookDefault,
    PortalPart,
    Reaction,
    Rule,
    RuleGroup,
    UsageListener,
    activity_kinds,
    after_imports,
    mail_kinds,
    panels,
    playbook_defaults,
    portal_parts,
    reactions,
    rule_groups,
    rules,
    usage_listeners,
)
from onboarding import touch_hooks  # noqa: F401 - a touch model is recommended before a checklist is chosen by it
from onboarding.domain import attendance, colleagues
from onboarding.domain.checklists import facts, mails, reactions as answers, reading, sweep, take_events, wanted
from onboarding.domain.templates import applying
from onboarding.domain.touch.wording import reason_in_words
from onboarding.enums import StepOwner, StepState

TOUCH = tuple(TouchModel.choices)
OWNERS = tuple(StepOwner.choices)
LEFT_OUT = tuple((state.value, state.label) for state in (StepState.SKIPPED, StepState.NOT_APPLICABLE))
YES = (("yes", _("Yes")), ("no", _("No")))

_checklist = (Field("checklist", int, _("Checklist"), public=False), Field("template", label=_("Checklist template")))
_step = (*_checklist, Field("step", label=_("Step")), Field("key", label=_("Key of the step"), public=False))
_engagement = Field("engagement", Decimal, _("Engagement score"), decimals=0)
_person = (
    Field("contact", label=_("Colleague")),
    Field("email", label=_("E-mail address")),
    Field("inviter", label=_("Invited by")),
)

activity_kinds.add(
    ActivityKind("checklist.started", _("Onboarding started"), _("Onboarding started: %(template)s"), "flag",
                 (*_checklist, Field("started_at", label=_("Started")))),
    ActivityKind("checklist.step_done", _("Step done"), _("Step done: %(step)s, engagement %(engagement)s"), "check",
                 (*_step, Field("owner", str, _("Whose step"), OWNERS), Field("by_itself", str, _("Ticked by the product"), YES), _engagement,
                  Field("note", label=_("Note"), required=False)), tone="good"),
    ActivityKind("checklist.step_skipped", _("Step left out"), _("%(step)s: %(how)s. %(note)s"), "arrow-right",
                 (*_step, Field("how", str, _("Why"), LEFT_OUT), _engagement, Field("note", label=_("Note"))), trigger=False),
    ActivityKind("checklist.step_reopened", _("Step opened again"), _("Step opened again: %(step)s, engagement %(engagement)s"), "refresh",
                 (*_step, _engagement, Field("note", label=_("Note"), required=False))),
    ActivityKind("checklist.activated", _("Activated"), _("First value reached: %(step)s, after %(hours)s hours"), "zap",
                 (*_step, Field("hours", int, _("Hours from the start"))), tone="good"),
    ActivityKind("checklist.finished", _("Onboarding finished"), _("Onboarding finished: %(template)s (days it took: %(days)s)"), "check",
                 (*_checklist, Field("days", int, _("Days from the start"))), tone="good"),
    ActivityKind("checklist.canceled", _("Onboarding canceled"), _("Onboarding canceled: %(template)s (%(reason)s)"), "x",
                 (*_checklist, Field("reason", label=_("Reason"), worded=facts.canceled_in_words),
                  Field("left", bool, required=False, public=False)), tone="warn"),
    ActivityKind("checklist.behind", _("Onboarding behind"), _("Behind: %(step)s was due on %(due)s"), "clock",
                 (*_step, Field("due", label=_("Was due")), Field("owner", str, _("Whose step"), OWNERS)), tone="warn"),
    ActivityKind("checklist.stuck", _("Onboarding stuck"), _("Stuck: no progress for %(days)s days, next would be %(step)s"), "pause",
                 (*_step, Field("days", int, _("Days without progress")), Field("owner", str, _("Whose step"), OWNERS)), tone="bad"),
    # What ends the two: the step is no longer late; something has moved.
    ActivityKind("checklist.caught_up", _("Onboarding caught up"), _("No longer late: %(step)s"), "trend-up", _step, tone="good"),
    ActivityKind("checklist.unstuck", _("Onboarding moves again"), _("Onboarding moves again: %(template)s"), "trend-up", _checklist, tone="good"),
    ActivityKind("checklist.changed", _("Checklist changed"), _("%(template)s, version %(version)s: %(what)s"), "pencil",
                 (*_checklist, Field("version", int, _("Version")), Field("what", label=_("What has changed"), worded=applying.change_in_words),
                  Field("steps", dict, required=False, public=False)), trigger=False),
    ActivityKind("touch.recommended", _("Touch model recommended"), _("Recommended: %(model)s. %(reason)s"), "heart",
                 (Field("model", str, _("Touch model"), TOUCH), Field("wanted", str, _("By value and complexity"), TOUCH, required=False),
                  Field("reason", label=_("Why"), worded=reason_in_words), Field("facts", dict, required=False, public=False))),
    ActivityKind("touch.chosen", _("Touch model chosen"), _("%(before)s → %(model)s: %(reason)s"), "heart",
                 (Field("model", str, _("Touch model"), TOUCH), Field("before", str, _("Before"), TOUCH), Field("reason", label=_("Why")))),
    ActivityKind("colleague.invited", _("Colleague invited"), _("%(inviter)s has invited %(contact)s"), "mail", _person),
    ActivityKind("colleague.joined", _("Colleague joined"), _("%(contact)s has come, invited by %(inviter)s"), "user", _person, tone="good"),
)  # fmt: skip

DAYS = _("days")
rule_groups.add(
    RuleGroup(
        "onboarding",
        _("Onboarding"),
        _("When a customer counts as stuck, and when they are reminded."),
        56,
        changed=sweep.look_again,
    )
)
rules.add(
    Rule("onboarding.stuck_days", _("Stuck after"), 14, least=1, most=365, unit=DAYS, position=10,
         help=_("Without progress on any step.")),
    Rule("onboarding.remind_days", _("Remind of steps"), 2, least=0, most=30, unit=DAYS, position=20,
         help=_("Before they are due; of the customer’s own steps, by mail.")),
)  # fmt: skip

mail_kinds.add(
    MailKind(mails.WELCOME, _("Onboarding begins"), asks=True),
    MailKind(mails.REMINDER, _("Steps due soon"), asks=True),
    MailKind(colleagues.KIND, _("Invitation of a colleague"), asks=True),
)
portal_parts.add(
    PortalPart("checklist", _("Getting started"), "onboarding/checklist/part.html", reading.portal_part, 10)
)
panels.add(Panel("onboarding", _("Onboarding"), "onboarding:checklist", 20, tab="onboarding"))

usage_listeners.add(UsageListener("checklists", wanted, take_events))
reactions.add(
    Reaction("start checklists", ("account.created", "account.stage_changed"), answers.account_is_new),
    Reaction("cancel checklists", ("account.churned", "account.stage_changed"), answers.customer_left),
    Reaction("welcome to onboarding", ("contact.added",), answers.somebody_to_write_to),
    Reaction("steps of sessions", ("session.attended", "session.unmarked"), answers.session_took_place),
    Reaction("no-shows taken back", ("session.attended", "session.unmarked"), attendance.came_after_all),
)
after_imports.add(AfterImport("start checklists", answers.accounts_came_in))

playbook_defaults.add(
    PlaybookDefault(
        "onboarding_behind", _("Onboarding behind"), "checklist.behind",
        title=_("{account} is behind: {step}"),
        instructions=_(
            "“{step}” was due on {due} ({owner}). Find out what it hangs on before the days after it slip as well."
        ),
        steps=(
            _("Look at the checklist: what else waits for this step?"),
            _("Yours? Do it now, or tell them until when. Theirs? Ask {contact} what stands in the way"),
            _("If it does not apply to them, say so on the checklist"),
        ),
        texts=(
            {
                "name": _("Mail asking what is missing"),
                "subject": _("{step}: can we help?"),
                "body": _(
                    "Hello {contact},\n\nthe next step on your way is “{step}”. Is anything missing that you need for it? A "
                    "line is enough; if it is quicker together, I take a quarter of an hour with you.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.NORMAL, due_hours=48, due_clock="business", subject_field="key", closes_on="checklist.caught_up",
    ),
    PlaybookDefault(
        "onboarding_stuck", _("Onboarding stuck"), "checklist.stuck",
        title=_("{account} is stuck at “{step}”"),
        instructions=_(
            "No step has moved for {days} days; the next would be “{step}” ({owner}). Who does not see value in the first "
            "weeks rarely stays: call, do not write."
        ),
        steps=(
            _("See on the usage card whether they have stopped using it, or only stopped ticking"),
            _("Call {contact}: what did they want to reach, and what keeps them from it?"),
            _("Do the step together, or take out what they do not need"),
            _("Write down what it was, as a friction point or a note"),
        ),
        texts=(
            {
                "name": _("Mail asking for a call"),
                "subject": _("Let us do “{step}” together"),
                "body": _(
                    "Hello {contact},\n\nI see that “{step}” has been waiting for a while. That is usually our fault rather "
                    "than yours. Let us do it together: when do you have twenty minutes this week?\n\n{csm}"
                ),
            },
        ),
        priority=Priority.HIGH, due_hours=24, due_clock="business", closes_on="checklist.unstuck",
    ),
    PlaybookDefault(
        "no_show", _("No-show: rebook"), "session.no_show",
        title=_("{contact} of {account} did not come to {type}: rebook"),
        instructions=_("{host} waited on {starts_at}. Most people are sorry, and busy: offer another time at once."),
        steps=(
            _("Write to {contact} with the link to book again"),
            _("No booking after two days? Call"),
        ),
        texts=(
            {
                "name": _("Mail offering another time"),
                "subject": _("We missed each other"),
                "body": _(
                    "Hello {contact},\n\nwe had planned {type}, and something must have come up. No harm done: choose another "
                    "time with the link in your first mail, or tell me what suits you.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.HIGH, due_hours=24, subject_field="type", closes_on="session.booked",
    ),
    PlaybookDefault(
        "onboarding_finished", _("Onboarding finished"), "checklist.finished",
        title=_("{account} is onboarded: agree on what comes next"),
        instructions=_("All required steps are done, after {days} days. Close it together, while it is fresh."),
        steps=(
            _("Thank {contact}, and sum up what they have reached"),
            _("Ask what was hard: it goes into the template"),
            _("Agree on the goal of the next quarter, and when you speak again"),
        ),
        texts=(
            {
                "name": _("Mail closing the onboarding"),
                "subject": _("You are set up"),
                "body": _(
                    "Hello {contact},\n\neverything we had planned for the start is done, congratulations! What would you like "
                    "to reach with it in the next three months? I have some ideas and would like to hear yours.\n\n{csm}"
                ),
            },
        ),
        priority=Priority.LOW, due_hours=120, due_clock="business",
    ),
)  # fmt: skip
