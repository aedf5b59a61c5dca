"""The long tail of an admin's work on onboarding: to be looked at only. Templates, checklists and bookings have pages
and verbs of their own."""

from django.contrib import admin

from accounts.admin import OfOne, ReadOnly
from onboarding import models


class Inline(admin.TabularInline):
    extra = 0

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(models.ChecklistTemplate)
class ChecklistTemplateAdmin(ReadOnly):
    list_display = ("name", "key", "touch_models", "retired_at", "created_at")
    search_fields = ("name", "key")


class TemplateStepInline(Inline):
    model = models.TemplateStep
    fields = ("position", "key", "owner", "offset", "offset_unit", "duration", "weight", "required", "activation")


@admin.register(models.TemplateVersion)
class TemplateVersionAdmin(ReadOnly):
    list_display = ("template", "number", "status", "note", "published_at", "published_by")
    list_filter = ("status",)
    list_select_related = ("template", "published_by")
    search_fields = ("template__name", "template__key")
    inlines = (TemplateStepInline,)


@admin.register(models.Rollout)
class RolloutAdmin(ReadOnly):
    list_display = ("id", "version", "status", "error", "created_by", "created_at", "finished_at")
    list_filter = ("status",)
    list_select_related = ("version__template", "created_by")


class ChecklistStepInline(Inline):
    model = models.ChecklistStep
    fields = ("step", "state", "due_on", "opened_at", "closed_at", "closed_by", "note")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("step", "closed_by")


@admin.register(models.Checklist)
class ChecklistAdmin(OfOne):
    list_display = ("account", "version", "status", "started_at", "engagement", "behind_since", "stuck_since")
    list_filter = ("status",)
    list_select_related = ("account", "version__template")
    inlines = (ChecklistStepInline,)


@admin.register(models.ProductEvent)
class ProductEventAdmin(OfOne):
    list_display = ("account", "action", "event_id", "occurred_at", "user")
    search_fields = ("=action", "=event_id", "account__name", "account__external_id")


@admin.register(models.TouchDecision)
class TouchDecisionAdmin(OfOne):
    list_display = ("account", "recommended", "recommended_at", "chosen", "chosen_by", "reason")
    list_filter = ("recommended", "chosen")
    list_select_related = ("account", "chosen_by")


class HostInline(Inline):
    model = models.PoolHost
    fields = readonly_fields = ("user", "weight", "assigned", "assigned_at", "joined_at")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "session_type")


@admin.register(models.SessionType)
class SessionTypeAdmin(ReadOnly):
    list_display = ("slug", "minutes", "seats", "host_rule", "public", "active")
    list_filter = ("host_rule", "public", "active")
    search_fields = ("slug",)
    inlines = (HostInline,)


class SeatInline(Inline):
    model = models.Seat
    fields = ("name", "email", "status", "booked_at", "canceled_at")


@admin.register(models.Session)
class SessionAdmin(OfOne):
    """Who holds a time stays unseen: it is theirs by a key."""

    list_display = ("session_type", "host", "account", "starts_at", "status", "seats", "seats_taken")
    list_filter = ("status",)
    list_select_related = ("session_type", "host", "account")
    search_fields = ("session_type__slug", "account__name", "account__external_id", "host__name")
    exclude = ("held_by", "held_for")
    inlines = (SeatInline,)


@admin.register(models.Routing)
class RoutingAdmin(ReadOnly):
    list_display = ("session_type", "contact", "target", "question", "answer", "at")
    list_select_related = ("session_type", "contact")
    search_fields = ("session_type__slug", "contact__name", "contact__email")


@admin.register(models.Invitation)
class InvitationAdmin(OfOne):
    list_display = ("contact", "inviter", "account", "invited_at", "accepted_at")
    list_select_related = ("contact", "inviter", "account")


@admin.register(models.Schedule)
class ScheduleAdmin(ReadOnly):
    list_display = ("user", "time_zone", "onboarding_minutes", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")


@admin.register(models.BusyCalendar)
class BusyCalendarAdmin(ReadOnly):
    """Its address is somebody's secret."""

    list_display = ("name", "user", "read_at", "failing_since", "failures", "error")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")
    exclude = ("url", "etag", "last_modified", "digest")
