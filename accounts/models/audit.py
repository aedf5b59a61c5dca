from collections.abc import Mapping, Sequence
from typing import Any

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Audited(pgtrigger.Trigger):
    """In a model's Meta.triggers: each change of these columns is kept, whoever makes it and however many at once.

    Columns that are left out (password hashes, digests, when a token was last used) are never read.
    `related`: what str() of a row needs, so that a page of changes names them all in one query. `labels`: what columns
    are called whose fields have no name for people. `owner`: the foreign key to what the row belongs to, where it has
    no name of its own: for the rows behind a choice of several, whose model is a proxy of the choice's `through`.
    """

    name = "audited"
    when = pgtrigger.After

    def __init__(
        self, *columns: str, related: Sequence[str] = (), labels: Mapping[str, Any] | None = None, owner: str = ""
    ) -> None:
        self.columns, self.related, self.labels, self.owner = columns, tuple(related), labels or {}, owner
        super().__init__(operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns) | pgtrigger.Delete)

    def compile(self, model: Any) -> pgtrigger.compiler.Trigger:
        # Now that the model is known: a foreign key's column is not called as its field is.
        self.operation = pgtrigger.Insert | pgtrigger.UpdateOf(*self.columns_of(model)) | pgtrigger.Delete
        return super().compile(model)

    def columns_of(self, model: Any) -> list[str]:
        return [model._meta.get_field(name).column for name in self.columns]

    def get_func(self, model: Any) -> str:
        columns = ", ".join(f"'{column}'" for column in self.columns_of(model))
        kind = model._meta.label_lower
        note = f"PERFORM accounts_audit('{kind}', ARRAY[{columns}], TG_OP, to_jsonb(OLD), to_jsonb(NEW));"
        return f"{note} RETURN NULL;"


class AuditEntry(models.Model):
    """A change of something that admins decide: written by the database itself, never changed afterwards."""

    class Operation(models.TextChoices):
        INSERT = "insert", pgettext_lazy("audit", "Added")
        UPDATE = "update", pgettext_lazy("audit", "Changed")
        DELETE = "delete", pgettext_lazy("audit", "Deleted")

    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what"), max_length=60)  # the model: "accounts.segment"
    object_id = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=200, blank=True)  # as it was called then
    operation = models.CharField(_("operation"), max_length=6, choices=Operation)
    # The columns that changed; all of them where the row came or went.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # No foreign key: who is gone stays who it was.
    user = models.ForeignKey(
        "accounts.User", models.DO_NOTHING, null=True, related_name="+", db_constraint=False, verbose_name=_("who")
    )
    actor = models.CharField(max_length=200, blank=True)  # a program or command, by name

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at", "id"], name="audit_time"),
            models.Index(fields=["kind", "at", "id"], name="audit_kind"),
            models.Index(fields=["user", "at", "id"], name="audit_user"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.operation} {self.kind} {self.name}"
