import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Audited, Contact
from onboarding.enums import HostRule, SeatStatus, SessionStatus


class TimeRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class SessionType(models.Model):
    """A kind of session that customers book: how long, with whom, how far ahead."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    # By language: {"en": {"name", "about"}, …}.
    texts = models.JSONField(_("texts"), default=dict)
    minutes = models.PositiveSmallIntegerField(
        _("length, minutes"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    every = models.PositiveSmallIntegerField(
        _("starts every, minutes"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    before = models.PositiveSmallIntegerField(_("free before, minutes"), default=0)
    after = models.PositiveSmallIntegerField(_("free after, minutes"), default=0)
    notice = models.PositiveIntegerField(_("notice, minutes"), default=240)
    horizon_days = models.PositiveSmallIntegerField(_("how far ahead, days"), default=30)
    # 1: one-to-one; more: a group session with so many seats.
    seats = models.PositiveSmallIntegerField(_("seats"), default=1, validators=[MinValueValidator(1)])
    host_rule = models.CharField(_("who hosts"), max_length=8, choices=HostRule, default=HostRule.CSM)
    per_day = models.PositiveSmallIntegerField(_("a day at the most"), null=True, blank=True)
    per_week = models.PositiveSmallIntegerField(_("a week at the most"), null=True, blank=True)
    minutes_per_week = models.PositiveIntegerField(_("minutes a week at the most"), null=True, blank=True)
    where = models.CharField(_("where"), max_length=400, blank=True)  # a meeting's address, a phone number
    # Open to anybody at /book/<slug>/; else by personal link only.
    public = models.BooleanField(_("open to anybody"), default=False)
    # [{"key", "text": {"en": …}, "kind": "text"|"choice"|"number", "choices": […], "required": bool,
    #   "routes": [{"value", "to": "webinar"|"material", "slug"|"url", "text"}]}]
    questions = models.JSONField(_("questions"), default=list, blank=True)
    # Sites that may embed the booking page.
    embed_hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True, verbose_name=_("embedded by"))
    active = models.BooleanField(_("offered"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("session type")
        verbose_name_plural = _("session types")
        ordering = ["slug"]
        triggers = [
            Audited(
                "slug", "texts", "minutes", "every", "before", "after", "notice", "horizon_days", "seats", "host_rule",
                "per_day", "per_week", "minutes_per_week", "where", "public", "questions", "embed_hosts", "active",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.slug


class PoolHost(models.Model):
    """One of the pool of a session type (B8)."""

    session_type = models.ForeignKey(SessionType, models.CASCADE, related_name="hosts")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    weight = models.PositiveSmallIntegerField(_("weight"), default=100)
    # The bookings they are taken to have had when they joined.
    calibration = models.DecimalField(max_digits=10, decimal_places=3, default=0, editable=False)
    assigned = models.PositiveIntegerField(default=0, editable=False)
    assigned_at = models.DateTimeField(null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [models.UniqueConstraint(fields=["session_type", "user"], name="pool_host_once")]
        triggers = [
            Audited(
                "session_type", "user", "weight", related=["session_type", "user"],
                labels={"session_type": _("session type"), "user": _("host")},
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.session_type}: {self.user}"


class Session(models.Model):
    """A booking: somebody of ours, at that time. Who comes are its seats."""

    session_type = models.ForeignKey(SessionType, models.PROTECT, related_name="sessions")
    # Found by session_by_host: with an index of its own besides, a host's years are read for one week of them.
    host = models.ForeignKey("accounts.User", models.PROTECT, related_name="sessions", db_index=False)
    # The account it is for; none for a prospect, and for a group session that is open to all.
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="sessions")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    before = models.PositiveSmallIntegerField(default=0)
    after = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(_("status"), max_length=10, choices=SessionStatus, default=SessionStatus.CONFIRMED)
    # A form is open on it: until then nobody else gets it.
    held_until = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=64, blank=True)  # digest of the visitor's own key
    held_for = models.CharField(max_length=80, blank=True)  # who, or where from: nobody holds a whole day
    seats = models.PositiveSmallIntegerField(default=1)
    seats_taken = models.PositiveSmallIntegerField(default=0)
    where = models.CharField(_("where"), max_length=400, blank=True)
    # B9: one UID for life, and a number that rises with every change. A session that is moved stays this row, so that
    # every link that was ever sent leads to where it is now (B10).
    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("booked"), default=timezone.now)
    canceled_at = models.DateTimeField(_("canceled"), null=True, blank=True)
    cancel_reason = models.CharField(_("why"), max_length=400, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # marked attended or no-show
    # What came of it.
    notes = models.TextField(_("takeaways"), blank=True)
    friction = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("friction points"))
    next_step = models.CharField(_("next step"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(seats_taken__lte=F("seats")), name="session_not_oversold"),
            # B6: one host, one place at a time. Buffers are the predicate's business.
            ExclusionConstraint(
                name="session_one_at_a_time",
                expressions=[
                    ("host", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=SessionStatus.taking()),
            ),
        ]
        indexes = [
            models.Index(fields=["host", "starts_at"], name="session_by_host"),
            models.Index(fields=["account", "-starts_at"], name="session_by_account"),
            models.Index(fields=["starts_at", "id"], name="session_by_start"),
            models.Index(fields=["held_until"], name="session_held", condition=Q(status="held")),
        ]

    def __str__(self) -> str:
        return f"{self.session_type}: {self.starts_at}"

    @property
    def assignee_id(self) -> int:
        """Whose it is to work with, as the roles table asks; beside the account's CSM."""
        return self.host_id


class Seat(models.Model):
    """Somebody who comes to a session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="attendees")
    # Random: the signed address of this booking is made of it (accounts.domain.links), also for those who are nobody's
    # contact.
    key = models.CharField(max_length=32, unique=True, editable=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="seats")
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    # Of who changed over from another session of a group: their calendar's entry goes on, under the UID it began with
    # and with so many changes more than the session has had.
    entry = models.CharField(max_length=160, blank=True, editable=False)
    changes = models.PositiveIntegerField(default=0, editable=False)
    status = models.CharField(_("status"), max_length=8, choices=SeatStatus, default=SeatStatus.BOOKED)
    booked_at = models.DateTimeField(default=timezone.now)
    canceled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [
            models.UniqueConstraint(
                "session", "email", condition=~Q(status=SeatStatus.CANCELED), name="seat_once_per_person"
            ),
        ]
        indexes = [models.Index(fields=["contact", "-booked_at"], name="seat_by_contact")]

    def __str__(self) -> str:
        return self.name or self.email


class Routing(models.Model):
    """Somebody whose answer led elsewhere instead of to a time; once for each person, or visit."""

    session_type = models.ForeignKey(SessionType, models.CASCADE, related_name="routings")
    key = models.CharField(max_length=80, editable=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="routings")
    target = models.CharField(_("led to"), max_length=1000)  # a session type's address, or one on the web
    # What decided it; all that was said stands on the timeline of whose contact it is.
    question = models.CharField(max_length=60)
    answer = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("led elsewhere")
        verbose_name_plural = _("led elsewhere")
        constraints = [models.UniqueConstraint(fields=["session_type", "key"], name="routing_once")]


class Reminder(models.Model):
    """A reminder of a session that is to go out at that time; none is left when the session is canceled or moved."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="reminders")
    hours = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "hours"], name="reminder_once")]
        indexes = [models.Index(fields=["due_at"], name="reminder_due", condition=Q(sent_at__isnull=True))]


class Invitation(models.Model):
    """A colleague asked along in one click: a contact with a link of their own. Feeds the k-factor."""

    inviter = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="invitations")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="invited_by")
    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations")
    invited_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(fields=["inviter", "contact"], name="invitation_once")]
        indexes = [models.Index(fields=["account", "-invited_at"], name="invitation_by_account")]
