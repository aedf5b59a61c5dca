import pghistory
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import AskKind, AssigneeRule, DueClock, PlaybookState, Priority
from accounts.models.audit import Audited


class PlaybookQuerySet(models.QuerySet["Playbook"]):
    def on(self) -> "PlaybookQuerySet":
        return self.filter(state=PlaybookState.ON)

    def triggered_by(self, kind: str) -> "PlaybookQuerySet":
        return self.filter(trigger=kind)


@pghistory.track(exclude=["updated_at"], model_name="PlaybookEvent", append_only=True)
class Playbook(models.Model):
    """When this happens, and these conditions hold, open that follow-up."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=PlaybookState, default=PlaybookState.DRAFT)
    trigger = models.CharField(_("when"), max_length=60)  # an ActivityKind's name
    # [{"field": "band_after", "op": "is", "value": "red"}, {"field": "account.mrr", "op": "gte", "value": "500"}]
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    # Templates of text: {account}, {csm}, {contact} and the activity's declared fields are filled in.
    title = models.CharField(_("title"), max_length=200)
    instructions = models.TextField(_("instructions"), blank=True)
    steps = models.JSONField(_("steps"), default=list, blank=True)  # ["Look at …", "Call …"]
    texts = models.JSONField(_("texts to use"), default=list, blank=True)  # [{"name", "subject", "body"}]
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    due_hours = models.PositiveIntegerField(_("due after, hours"), default=120, validators=[MaxValueValidator(8760)])
    due_clock = models.CharField(_("counted in"), max_length=8, choices=DueClock, default=DueClock.ELAPSED)
    # A promise made to the customer: breached ones come first, and a snooze may not hide one.
    promise = models.BooleanField(_("is a promise"), default=False)
    assignee_rule = models.CharField(_("goes to"), max_length=8, choices=AssigneeRule, default=AssigneeRule.CSM)
    pool = models.ManyToManyField("accounts.User", blank=True, related_name="+", verbose_name=_("pool"))
    cool_down_days = models.PositiveSmallIntegerField(_("cool-down, days"), default=0)
    # The activity's field that names the term, step, session or invoice it is about; empty: the account.
    subject_field = models.CharField(_("subject"), max_length=60, blank=True)
    # Closes by itself when this kind of activity says the condition has cleared.
    closes_on = models.CharField(_("closes by itself on"), max_length=60, blank=True)
    closes_when = models.JSONField(default=list, blank=True)  # conditions on that activity, as above
    # What it has the CSM ask of a person, if anything: the contact pressure may hold it back.
    asks = models.CharField(_("asks for"), max_length=12, choices=AskKind, blank=True, default="")
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlaybookQuerySet.as_manager()

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        ordering = ["name"]
        indexes = [models.Index(fields=["trigger"], name="playbook_trigger", condition=models.Q(state="on"))]
        triggers = [
            Audited(
                *("key", "name", "state", "trigger", "conditions", "title", "instructions", "steps", "texts", "asks"),
                *("priority", "due_hours", "due_clock", "promise", "assignee_rule", "cool_down_days", "subject_field"),
                *("closes_on", "closes_when"),
                labels={"closes_when": _("closes when")},
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlaybookPool(Playbook.pool.through):  # type: ignore[name-defined,misc]
    """Who is in a playbook's pool: so that it is audited."""

    class Meta:
        proxy = True
        verbose_name = _("pool of a playbook")
        verbose_name_plural = _("pools of playbooks")
        triggers = [
            Audited(
                *("playbook", "user"),
                related=("playbook",),
                labels={"playbook": _("Playbook"), "user": _("Who")},
                owner="playbook",
            )
        ]

    def __str__(self) -> str:
        return str(self.playbook)
