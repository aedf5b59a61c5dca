"""What checklists tell the ground floor: what can happen on the way, and what is done about it. Part of hooks.py."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.enums import TouchModel
from accounts.registry import ActivityKind, Field, activity_kinds
from onboarding.enums import StepOwner, StepState

TOUCH = tuple(TouchModel.choices)
OWNERS = tuple(StepOwner.choices)
LEFT_OUT = tuple((state.value, state.label) for state in (StepState.SKIPPED, StepState.NOT_APPLICABLE))
YES = (("yes", _("Yes")), ("no", _("No")))

_checklist = (Field("checklist", int, _("Checklist"), public=False), Field("template", label=_("Checklist template")))
_step = (*_checklist, Field("step", label=_("Step")), Field("key", label=_("Key of the step"), public=False))
_engagement = Field("engagement", Decimal, _("Engagement score"))
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
    ActivityKind("checklist.finished", _("Onboarding finished"), _("Onboarding finished after %(days)s days: %(template)s"), "check",
                 (*_checklist, Field("days", int, _("Days from the start"))), tone="good"),
    ActivityKind("checklist.canceled", _("Onboarding canceled"), _("Onboarding canceled: %(template)s (%(reason)s)"), "x",
                 (*_checklist, Field("reason", label=_("Reason"))), tone="warn"),
    ActivityKind("checklist.behind", _("Onboarding behind"), _("Behind: %(step)s was due on %(due)s"), "clock",
                 (*_step, Field("due", label=_("Was due")), Field("owner", str, _("Whose step"), OWNERS)), tone="warn"),
    ActivityKind("checklist.stuck", _("Onboarding stuck"), _("Stuck: no progress for %(days)s days, next would be %(step)s"), "pause",
                 (*_step, Field("days", int, _("Days without progress")), Field("owner", str, _("Whose step"), OWNERS)), tone="bad"),
    # What ends the two: the step is no longer late; something has moved.
    ActivityKind("checklist.caught_up", _("Onboarding caught up"), _("No longer late: %(step)s"), "trend-up", _step, tone="good"),
    ActivityKind("checklist.unstuck", _("Onboarding moves again"), _("Onboarding moves again: %(template)s"), "trend-up", _checklist, tone="good"),
    ActivityKind("checklist.changed", _("Checklist changed"), _("%(template)s, version %(version)s: %(what)s"), "pencil",
                 (*_checklist, Field("version", int, _("Version")), Field("what", label=_("What has changed"))), trigger=False),
    ActivityKind("touch.recommended", _("Touch model recommended"), _("Recommended: %(model)s. %(reason)s"), "heart",
                 (Field("model", str, _("Touch model"), TOUCH), Field("wanted", str, _("By value and complexity"), TOUCH, required=False),
                  Field("reason", label=_("Why")))),
    ActivityKind("touch.chosen", _("Touch model chosen"), _("%(before)s → %(model)s: %(reason)s"), "heart",
                 (Field("model", str, _("Touch model"), TOUCH), Field("before", str, _("Before"), TOUCH), Field("reason", label=_("Why")))),
    ActivityKind("colleague.invited", _("Colleague invited"), _("%(inviter)s has invited %(contact)s"), "mail", _person),
    ActivityKind("colleague.joined", _("Colleague joined"), _("%(contact)s has come, invited by %(inviter)s"), "user", _person, tone="good"),
)  # fmt: skip
