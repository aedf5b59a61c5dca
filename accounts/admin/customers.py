"""Customers, and what happened to them."""

from django.contrib import admin

from accounts import models
from accounts.admin.shared import OfOne, ReadOnly


@admin.register(models.Segment)
class SegmentAdmin(ReadOnly):
    list_display = ("name", "key", "touch_model", "position")
    search_fields = ("name", "key")


@admin.register(models.Account)
class AccountAdmin(ReadOnly):
    list_display = ("name", "external_id", "segment", "csm", "stage", "band", "score", "mrr")
    list_filter = ("stage", "band", "segment")
    list_select_related = ("segment", "csm")
    search_fields = ("name", "external_id", "domain")
    ordering = ("-pk",)


@admin.register(models.Contact)
class ContactAdmin(OfOne):
    list_display = ("name", "email", "account", "decides", "champion", "language", "left_on")
    list_filter = ("decides", "champion")
    search_fields = ("name", "email", "account__name", "account__external_id")


@admin.register(models.Activity)
class ActivityAdmin(OfOne):
    """Append-only, as the database has it too."""

    list_display = ("id", "kind", "account", "occurred_at", "recorded_at", "actor_label", "dispatched_at")
    search_fields = ("=kind", "account__name", "account__external_id")


@admin.register(models.Delivery)
class DeliveryAdmin(ReadOnly):
    """What is parked is tried again under /settings/deliveries/."""

    list_display = ("subscriber", "activity", "status", "note", "attempts", "next_attempt_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("activity",)
    search_fields = ("=subscriber", "=activity__kind", "=activity__account__external_id")
    ordering = ("-pk",)


@admin.register(models.ChurnEvent)
class ChurnEventAdmin(OfOne):
    list_display = ("external_id", "account", "occurred_on", "reason")
    list_filter = ("reason",)
    search_fields = ("external_id", "account__name", "account__external_id")
