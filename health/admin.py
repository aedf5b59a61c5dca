"""The long tail of an admin's work on readings. What is computed, or published, is here to be looked at only."""

from django.contrib import admin

from accounts.admin import ReadOnly
from health import models
from health.domain.marks import mark


class OfAccount(admin.ModelAdmin):
    """A reading of one account: found by the account's name or id. Changed here, the account is scored again."""

    search_fields = ("account__name", "account__external_id")
    raw_id_fields = ["account"]  # type: ignore[misc]
    list_select_related = ("account",)
    show_full_result_count = False

    def save_model(self, request, obj, form, change) -> None:
        before = type(obj).objects.filter(pk=obj.pk).values_list("account", flat=True)
        mark([*before, obj.account_id])
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj) -> None:
        mark([obj.account_id])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset) -> None:
        mark(queryset.values_list("account", flat=True))
        super().delete_queryset(request, queryset)


@admin.register(models.Action)
class ActionAdmin(ReadOnly):
    """What they are worth is changed in the settings, where everybody is scored again."""

    list_display = ("name", "key", "impact")
    search_fields = ("name", "key")


@admin.register(models.Ticket)
class TicketAdmin(OfAccount):
    list_display = ("external_id", "account", "subject", "theme", "severity", "status", "opened_at")
    list_filter = ("severity", "status", "strategic")


@admin.register(models.Invoice)
class InvoiceAdmin(OfAccount):
    list_display = ("external_id", "account", "amount", "currency", "status", "due_on", "paid_on")
    list_filter = ("status",)


@admin.register(models.Answer)
class AnswerAdmin(OfAccount):
    list_display = ("external_id", "account", "kind", "score", "reason", "answered_at", "source")
    list_filter = ("kind",)
    raw_id_fields = ["account", "contact", "survey", "invite"]


@admin.register(models.Survey)
class SurveyAdmin(ReadOnly):
    """Written, started and ended under /settings/surveys/, where its rules are kept."""

    list_display = ("name", "slug", "kind", "status", "trigger", "started_at", "ended_at")
    list_filter = ("kind", "status")
    search_fields = ("name", "slug")


@admin.register(models.Invite)
class InviteAdmin(ReadOnly, OfAccount):
    """Who was asked and who was not, and why."""

    list_display = ("address", "account", "survey", "status", "skip_reason", "sent_at", "scanned_at")
    list_filter = ("status", "skip_reason", "survey")
    list_select_related = ("account", "survey")  # type: ignore[assignment]
    search_fields = ("address", "account__name", "account__external_id")  # type: ignore[assignment]
    raw_id_fields = ["account", "contact", "mail"]


@admin.register(models.CustomReading)
class CustomReadingAdmin(OfAccount):
    list_display = ("account", "key", "value", "at")


@admin.register(models.Pulse)
class PulseAdmin(ReadOnly, OfAccount):
    list_display = ("account", "value", "reason", "user", "at")


@admin.register(models.ScoreModelVersion)
class VersionAdmin(ReadOnly):
    list_display = ("model", "number", "status", "published_at", "published_by")
    list_select_related = ("model__segment", "published_by")


@admin.register(models.RecomputeRun)
class RecomputeRunAdmin(ReadOnly):
    list_display = ("id", "status", "started_at", "ended_at", "user")


@admin.register(models.FrozenIndicator)
class FrozenIndicatorAdmin(ReadOnly):
    list_display = ("indicator", "direction", "moved", "known", "frozen_at", "released_at")
