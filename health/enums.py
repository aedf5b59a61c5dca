"""Words of readings and scores. Values are stored and sent: they never change."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Severity(TextChoices):
    LOW = "low", pgettext_lazy("severity", "Low")
    NORMAL = "normal", pgettext_lazy("severity", "Normal")
    HIGH = "high", pgettext_lazy("severity", "High")
    URGENT = "urgent", pgettext_lazy("severity", "Urgent")


class TicketStatus(TextChoices):
    OPEN = "open", pgettext_lazy("ticket", "Open")
    CLOSED = "closed", pgettext_lazy("ticket", "Closed")


class InvoiceStatus(TextChoices):
    OPEN = "open", pgettext_lazy("invoice", "Open")
    PAID = "paid", pgettext_lazy("invoice", "Paid")
    VOID = "void", pgettext_lazy("invoice", "Void")


class ReadingKind(TextChoices):
    """What an installation may or may not have begun to receive."""

    USAGE = "usage", _("Usage")
    TICKET = "ticket", _("Tickets")
    INVOICE = "invoice", _("Invoices")
    ANSWER = "answer", _("NPS answers")


class OnboardingWord(TextChoices):
    """What is told of a checklist."""

    STARTED = "started", pgettext_lazy("checklist", "Started")
    PROGRESS = "progress", pgettext_lazy("checklist", "Went on")
    REOPENED = "reopened", pgettext_lazy("checklist", "Opened again")
    ACTIVATED = "activated", pgettext_lazy("checklist", "Activated")
    FINISHED = "finished", pgettext_lazy("checklist", "Finished")
    CANCELED = "canceled", pgettext_lazy("checklist", "Canceled")


class VersionStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("score model", "Draft")
    PUBLISHED = "published", pgettext_lazy("score model", "Published")


class RunStatus(TextChoices):
    SCORING = "scoring", pgettext_lazy("recompute", "Scoring")
    PUBLISHING = "publishing", pgettext_lazy("recompute", "Publishing")
    DONE = "done", pgettext_lazy("recompute", "Done")


class Freshness(TextChoices):
    FRESH = "fresh", pgettext_lazy("reading", "Fresh")
    STALE = "stale", pgettext_lazy("reading", "Stale")
    MISSING = "missing", pgettext_lazy("reading", "Missing")
    FROZEN = "frozen", pgettext_lazy("reading", "Frozen")


class SurveyKind(TextChoices):
    NPS = "nps", pgettext_lazy("survey", "Recommendation (NPS, 0 to 10)")
    CSAT = "csat", pgettext_lazy("survey", "Satisfaction (CSAT, 1 to 5)")
    CHURN = "churn", pgettext_lazy("survey", "Why they left")


class NpsGroup(TextChoices):
    """What a score from 0 to 10 makes of who gives it: 0 to 6, 7 and 8, 9 and 10."""

    DETRACTOR = "detractor", pgettext_lazy("nps", "Detractor")
    PASSIVE = "passive", pgettext_lazy("nps", "Passive")
    PROMOTER = "promoter", pgettext_lazy("nps", "Promoter")


class SurveyStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    RUNNING = "running", pgettext_lazy("survey", "Running")
    PAUSED = "paused", pgettext_lazy("survey", "Paused")
    ENDED = "ended", pgettext_lazy("survey", "Ended")


class InviteStatus(TextChoices):
    QUEUED = "queued", pgettext_lazy("invite", "Waiting")
    SENT = "sent", pgettext_lazy("invite", "Sent")
    BOUNCED = "bounced", pgettext_lazy("invite", "Bounced")
    SKIPPED = "skipped", pgettext_lazy("invite", "Not sent")


class SkipReason(TextChoices):
    """Why somebody of the audience is not asked."""

    LEFT = "left", pgettext_lazy("survey", "Has left the account")
    OPTED_OUT = "opted_out", pgettext_lazy("survey", "Wants no questions from us")
    RECENT = "recent", pgettext_lazy("survey", "Was surveyed not long ago")
    TOO_YOUNG = "too_young", pgettext_lazy("survey", "Account is too young")
    NOT_SAMPLED = "not_sampled", pgettext_lazy("survey", "Not in the sample")
    PRESSURE = "pressure", pgettext_lazy("survey", "Was asked for something not long ago")
    RED = "red", pgettext_lazy("survey", "Account is red")
    DETRACTOR_OPEN = "detractor_open", pgettext_lazy("survey", "A detractor follow-up is open")
    TWICE = "twice", pgettext_lazy("survey", "Same address as another contact")
    LANGUAGE = "language", pgettext_lazy("survey", "No text in a language of theirs")
    ENDED = "ended", pgettext_lazy("survey", "The survey ended before")
