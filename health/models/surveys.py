import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Stage
from accounts.models import Account, Audited, Contact, Mail, Segment
from health.enums import InviteStatus, SkipReason, SurveyKind, SurveyStatus

# Of one that has started: whom it was for, and what was asked of them (domain/surveys/checks).
STAYING = ("slug", "kind", "trigger", "stages", "roles", "min_account_days", "recontact_days", "sample_percent")
STARTED_CHANGED = "OLD.status <> 'draft' AND ({}) IS DISTINCT FROM ({})".format(
    *(", ".join(f"{row}.{column}" for column in STAYING) for row in ("OLD", "NEW"))
)


@pghistory.track(model_name="SurveyEvent", append_only=True)
class Survey(models.Model):
    """One question asked of many: to whom, how often, in which words."""

    slug = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=SurveyKind, default=SurveyKind.NPS)
    status = models.CharField(_("status"), max_length=8, choices=SurveyStatus, default=SurveyStatus.DRAFT)
    # By language: {"en": {"subject", "intro", "question", "thanks"}, "fr": …}; empty texts fall back to the default's.
    texts = models.JSONField(default=dict, blank=True)
    # Empty: everybody who is asked by hand or by a schedule. Else asked of the people of an account when this kind of
    # activity happens to it (CSAT after a session, the churn survey after leaving).
    trigger = models.CharField(_("asked when"), max_length=60, blank=True)

    # The audience; empty means all.
    segments = models.ManyToManyField(Segment, blank=True, related_name="+", verbose_name=_("segments"))
    stages = ArrayField(
        models.CharField(max_length=16, choices=Stage), default=list, blank=True, verbose_name=_("stages")
    )
    # "decides", "champion", "other"
    roles = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("people"))
    # Gates.
    min_account_days = models.PositiveSmallIntegerField(_("account age, days"), default=30)
    recontact_days = models.PositiveSmallIntegerField(_("days between two surveys"), default=90)
    sample_percent = models.DecimalField(
        _("sample, %"),
        max_digits=5,
        decimal_places=2,
        default=100,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    per_day = models.PositiveIntegerField(_("invites a day at the most"), null=True, blank=True)
    remind_after_days = models.PositiveSmallIntegerField(_("reminder after, days"), null=True, blank=True)

    created_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["trigger"], name="survey_trigger", condition=Q(status="running"))]
        triggers = [
            Audited(
                *("slug", "name", "kind", "status", "texts", "trigger", "stages", "roles", "min_account_days"),
                *("recontact_days", "sample_percent", "per_day", "remind_after_days"),
                labels={"texts": _("texts")},
            ),
            pgtrigger.Protect(
                name="started_stays", operation=pgtrigger.Update, condition=pgtrigger.Condition(STARTED_CHANGED)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SurveySegment(Survey.segments.through):  # type: ignore[name-defined,misc]
    """Which segments a survey asks: so that it is audited."""

    class Meta:
        proxy = True
        verbose_name = _("segment of a survey")
        verbose_name_plural = _("segments of surveys")
        triggers = [
            Audited(
                *("survey", "segment"),
                related=("survey",),
                labels={"survey": _("Survey"), "segment": _("Segment")},
                owner="survey",
            )
        ]

    def __str__(self) -> str:
        return str(self.survey)


class Invite(models.Model):
    """One person asked by one survey (about one thing). Queued with the start, sent in portions, answered once."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invites")
    account = models.ForeignKey(Account, models.CASCADE, related_name="invites", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="invites")
    address = models.EmailField(max_length=254)  # lower-cased, as it was then
    subject = models.CharField(max_length=80, blank=True)  # the session, the departure it is about
    status = models.CharField(_("status"), max_length=8, choices=InviteStatus, default=InviteStatus.QUEUED)
    skip_reason = models.CharField(_("why not"), max_length=16, choices=SkipReason, blank=True)
    mail = models.OneToOneField(Mail, models.SET_NULL, null=True, blank=True, related_name="+")
    queued_at = models.DateTimeField(default=timezone.now)
    # The mail went out. A bounce does not take it back, but it starts no clock any more (N7).
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    opened_at = models.DateTimeField(_("page opened"), null=True, blank=True)
    # N5: the last score link that was opened, and since when this invite's beacons are ignored.
    last_score = models.PositiveSmallIntegerField(null=True, blank=True)
    last_score_at = models.DateTimeField(null=True, blank=True)
    scanned_at = models.DateTimeField(_("opened by a scanner"), null=True, blank=True)

    class Meta:
        verbose_name = _("invite")
        verbose_name_plural = _("invites")
        constraints = [
            models.UniqueConstraint(fields=["survey", "contact", "subject"], name="invite_once"),
        ]
        indexes = [
            models.Index(fields=["survey", "status", "id"], name="invite_by_survey"),
            models.Index(fields=["account", "-queued_at"], name="invite_by_account"),
            # The next portion; who is due to be reminded.
            models.Index(
                fields=["survey", "id"], name="invite_waiting", condition=Q(status=InviteStatus.QUEUED, mail=None)
            ),
            models.Index(
                fields=["survey", "sent_at"],
                name="invite_unreminded",
                condition=Q(status=InviteStatus.SENT, reminded_at=None),
            ),
            # N7: the last survey that reached an address.
            models.Index(
                fields=["address", "-sent_at"],
                name="invite_reached",
                condition=Q(sent_at__isnull=False, bounced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} → {self.address}"
