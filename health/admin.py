"""The long tail of an admin's work on readings. What is computed, or published, is here to be looked at only."""

from django.contrib import admin

from health import models


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request, obj=None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class OfAccount(admin.ModelAdmin):
    """A reading of one account: found by the account's name or id."""

    search_fields = ("account__name", "account__external_id")
    raw_id_fields = ["account"]  # type: ignore[misc]
    list_select_related = ("account",)
    show_full_result_count = False


@admin.register(models.Action)
class ActionAdmin(admin.ModelAdmin):
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
