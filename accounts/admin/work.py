"""What the team works from: follow-ups, the playbooks that open them, renewals."""

from django.contrib import admin

from accounts import models
from accounts.admin.shared import OfOne, ReadOnly


@admin.register(models.Playbook)
class PlaybookAdmin(ReadOnly):
    list_display = ("name", "key", "state", "trigger", "priority", "due_hours", "due_clock", "cool_down_days")
    list_filter = ("state",)
    search_fields = ("name", "key", "trigger")


@admin.register(models.FollowUp)
class FollowUpAdmin(OfOne):
    list_display = ("title", "account", "kind", "assignee", "status", "opened_at", "due_at", "outcome")
    list_filter = ("status", "outcome")
    list_select_related = ("account", "assignee")
    search_fields = ("title", "=kind", "account__name", "account__external_id")


@admin.register(models.Renewal)
class RenewalAdmin(OfOne):
    list_display = ("account", "subscription", "starts_on", "ends_on", "decision_date", "stage", "mrr", "decided_by")
    list_filter = ("stage",)
    list_select_related = ("account", "subscription", "decided_by")
    search_fields = ("account__name", "account__external_id", "subscription__external_id")


@admin.register(models.Intent)
class IntentAdmin(ReadOnly):
    list_display = ("contact", "renewal", "score", "factors", "answered_at")
    list_select_related = ("contact", "renewal")
    search_fields = ("contact__name", "contact__email", "renewal__account__name")
    ordering = ("-pk",)


@admin.register(models.SavedView)
class SavedViewAdmin(ReadOnly):
    list_display = ("name", "page", "user", "shared")
    list_filter = ("page", "shared")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")
