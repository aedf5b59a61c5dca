"""The house itself: who works in it, by which rules, and who changed them."""

from django.contrib import admin

from accounts import models
from accounts.admin.shared import ReadOnly


@admin.register(models.User)
class UserAdmin(ReadOnly):
    list_display = ("name", "email", "role", "manager", "language", "is_active", "last_login")
    list_filter = ("role", "is_active")
    list_select_related = ("manager",)
    search_fields = ("name", "email")
    exclude = ("password",)


@admin.register(models.RuleValue)
class RuleValueAdmin(ReadOnly):
    list_display = ("key", "value")
    search_fields = ("key",)


@admin.register(models.AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "operation", "kind", "name", "user", "actor")
    list_filter = ("operation",)
    list_select_related = ("user",)
    search_fields = ("=kind", "name", "actor", "user__name", "user__email")
    ordering = ("-pk",)


@admin.register(models.ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("name", "prefix", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    search_fields = ("name", "prefix")
    exclude = ("digest",)


@admin.register(models.ImportRun)
class ImportRunAdmin(ReadOnly):
    list_display = ("filename", "kind", "status", "size", "user", "created_at", "ended_at", "error")
    list_filter = ("status",)
    list_select_related = ("user",)
    search_fields = ("filename", "=kind", "user__name")
    ordering = ("-pk",)


@admin.register(models.MappingPreset)
class MappingPresetAdmin(ReadOnly):
    list_display = ("name", "kind")
    search_fields = ("name", "=kind")
