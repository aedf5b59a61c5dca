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
