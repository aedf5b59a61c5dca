"""Words of onboarding. Values are stored and sent: they never change."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class StepOwner(TextChoices):
    CUSTOMER = "customer", pgettext_lazy("step", "The customer")
    CSM = "csm", pgettext_lazy("step", "The CSM")


class OffsetUnit(TextChoices):
    CALENDAR = "calendar", _("Calendar days")
    BUSINESS = "business", _("Business days")


class VersionStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("checklist template", "Draft")
    PUBLISHED = "published", pgettext_lazy("checklist template", "Published")


class RolloutStatus(TextChoices):
    """A version on its way to running checklists."""

    WAITING = "waiting", pgettext_lazy("rollout", "Under way")
    DONE = "done", pgettext_lazy("rollout", "Applied")
    FAILED = "failed", pgettext_lazy("rollout", "Not applied")


class ChecklistStatus(TextChoices):
    RUNNING = "running", pgettext_lazy("checklist", "Running")
    FINISHED = "finished", pgettext_lazy("checklist", "Finished")
    CANCELED = "canceled", pgettext_lazy("checklist", "Canceled")


class StepState(TextChoices):
    BLOCKED = "blocked", pgettext_lazy("step", "Waits for another")
    OPEN = "open", pgettext_lazy("step", "Open")
    DONE = "done", pgettext_lazy("step", "Done")
    SKIPPED = "skipped", pgettext_lazy("step", "Skipped")
    NOT_APPLICABLE = "na", pgettext_lazy("step", "Does not apply")

    @classmethod
    def closed(cls) -> "list[StepState]":
        return [cls.DONE, cls.SKIPPED, cls.NOT_APPLICABLE]


class HostRule(TextChoices):
    CSM = "csm", pgettext_lazy("session type", "The account's CSM")
    POOL = "pool", pgettext_lazy("session type", "A pool: whoever's turn it is")


class SessionStatus(TextChoices):
    HELD = "held", pgettext_lazy("session", "Being booked")
    CONFIRMED = "confirmed", pgettext_lazy("session", "Booked")
    ATTENDED = "attended", pgettext_lazy("session", "Took place")
    NO_SHOW = "no_show", pgettext_lazy("session", "Nobody came")
    CANCELED = "canceled", pgettext_lazy("session", "Canceled")

    @classmethod
    def taking(cls) -> "list[SessionStatus]":
        """Those that take their host's time."""
        return [cls.HELD, cls.CONFIRMED, cls.ATTENDED, cls.NO_SHOW]


class SeatStatus(TextChoices):
    BOOKED = "booked", pgettext_lazy("seat", "Booked")
    ATTENDED = "attended", pgettext_lazy("seat", "Came")
    NO_SHOW = "no_show", pgettext_lazy("seat", "Did not come")
    CANCELED = "canceled", pgettext_lazy("seat", "Canceled")
