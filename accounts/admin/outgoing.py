"""What goes out. Whatever opens a door by itself stays unseen: keys, digests and seals, and the links in letters."""

from django.contrib import admin

from accounts import models
from accounts.admin.shared import OfOne, ReadOnly


@admin.register(models.Mail)
class MailAdmin(ReadOnly):
    list_display = ("to", "subject", "kind", "status", "created_at", "send_at", "sent_at", "attempts", "bounced_at")
    list_filter = ("status", "kind")
    search_fields = ("to", "subject", "=message_id")
    exclude = ("key", "text", "html", "headers", "attachments")
    ordering = ("-pk",)


@admin.register(models.OptOut)
class OptOutAdmin(ReadOnly):
    list_display = ("address", "contact", "at", "how")
    list_select_related = ("contact",)
    search_fields = ("address",)


@admin.register(models.Ask)
class AskAdmin(OfOne):
    list_display = ("address", "account", "kind", "subject", "at")
    list_filter = ("kind",)
    search_fields = ("address", "account__name", "account__external_id")


@admin.register(models.ContactLink)
class ContactLinkAdmin(ReadOnly):
    list_display = ("contact", "purpose", "subject", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("contact",)
    search_fields = ("contact__name", "contact__email", "=purpose")
    exclude = ("key",)
    ordering = ("-pk",)


@admin.register(models.CalendarFeed)
class CalendarFeedAdmin(ReadOnly):
    list_display = ("user", "prefix", "sources", "team", "created_at", "revoked_at", "last_read_at")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    exclude = ("digest",)


@admin.register(models.Webhook)
class WebhookAdmin(ReadOnly):
    list_display = ("name", "active", "failures", "failing_since", "rest_until", "delivered_at", "gone_at")
    list_filter = ("active",)
    search_fields = ("name",)
    exclude = ("url", "seal", "seal_before", "seal_before_until")


@admin.register(models.WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly):
    list_display = ("webhook", "activity", "status", "attempts", "code", "took", "tried_at", "ended_at")
    list_filter = ("status",)
    list_select_related = ("webhook", "activity")
    search_fields = ("webhook__name", "=message")
    ordering = ("-pk",)
