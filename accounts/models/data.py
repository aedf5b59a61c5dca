from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class ImportRun(models.Model):
    """One file on its way in: mapped, previewed, run with progress, all or nothing but for refused rows."""

    class Status(models.TextChoices):
        MAPPING = "mapping", pgettext_lazy("import", "Columns to map")
        PREVIEW = "preview", pgettext_lazy("import", "Being checked")
        READY = "ready", pgettext_lazy("import", "Ready to run")
        RUNNING = "running", pgettext_lazy("import", "Running")
        DONE = "done", pgettext_lazy("import", "Done")
        CANCELED = "canceled", pgettext_lazy("import", "Canceled")
        FAILED = "failed", pgettext_lazy("import", "Failed")

    kind = models.CharField(_("kind"), max_length=20)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.MAPPING)
    filename = models.CharField(_("file"), max_length=255)
    size = models.PositiveBigIntegerField(default=0)
    options = models.JSONField(default=dict)  # source, encoding, delimiter, header, notes
    mapping = models.JSONField(default=dict)  # field → column(s)
    result = models.JSONField(default=dict)  # created, updated, unchanged, refused, by check and by run
    error = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    # Times a worker began: a file that kills its worker is given up after a few.
    attempts = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.filename


class ImportPiece(models.Model):
    """A piece of a run's file, or of the file of its refused rows. They live in the database because another
    machine's worker may run it, and in pieces because nobody should hold a hundred megabytes at once."""

    class Part(models.TextChoices):
        FILE = "file"
        REFUSED = "refused"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="pieces")
    part = models.CharField(max_length=8, choices=Part)
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "part", "position"], name="import_piece_once")]


class MappingPreset(models.Model):
    """A mapping of columns saved for files of one source."""

    kind = models.CharField(_("kind"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=list)  # the header it was saved from: recognises the source again

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="mapping_name_once")]

    def __str__(self) -> str:
        return self.name
