"""The long tail of an admin's work on referrals: to be looked at only. Programs, partners and money have pages and
verbs of their own, and the ledger is nobody's to change."""

from typing import ClassVar

from django.contrib import admin

from accounts.admin import ReadOnly
from referrals import models


@admin.register(models.Program)
class ProgramAdmin(ReadOnly):
    list_display = ("name", "slug", "kind", "status", "currency", "commission", "rate")
    list_filter = ("kind", "status")


@admin.register(models.Partner)
class PartnerAdmin(ReadOnly):
    list_display = ("name", "email", "program", "account", "status", "approved_at")
    list_filter = ("program", "status")
    list_select_related = ("program", "account")
    search_fields = ("name", "email", "company")


@admin.register(models.Code)
class CodeAdmin(ReadOnly):
    list_display = ("code", "partner", "kind", "channel", "active", "created_at")
    list_select_related = ("partner",)
    search_fields = ("code", "key", "partner__name")


@admin.register(models.Referral)
class ReferralAdmin(ReadOnly):
    list_display = ("customer", "name", "partner", "program", "status", "review", "held", "signed_up_at")
    list_filter = ("program", "status", "review", "held")
    list_select_related = ("partner", "program")
    search_fields = ("customer", "name", "email", "partner__name")


@admin.register(models.Conversion)
class ConversionAdmin(ReadOnly):
    list_display = (
        "external_id",
        "source",
        "partner",
        "occurred_at",
        "currency",
        "net",
        "refunded",
        "commission",
        "why",
    )
    list_filter = ("program", "source", "why")
    list_select_related = ("partner",)
    search_fields = ("external_id", "partner__name", "referral__customer")


@admin.register(models.Refund)
class RefundAdmin(ReadOnly):
    list_display = ("external_id", "source", "conversion_external_id", "amount", "status", "occurred_at", "note")
    list_filter = ("program", "status")
    search_fields = ("external_id", "conversion_external_id")


class LineInline(admin.TabularInline):
    model = models.LedgerLine
    extra = 0
    fields: ClassVar = ["book", "amount", "currency"]

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(models.LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    list_display = ("id", "partner", "kind", "cause", "amount", "currency", "occurred_at", "available_at")
    list_filter = ("kind", "cause")
    list_select_related = ("partner",)
    search_fields = ("partner__name", "conversion__external_id")
    inlines: ClassVar = [LineInline]


@admin.register(models.Payout)
class PayoutAdmin(ReadOnly):
    list_display = ("id", "name", "batch", "amount", "currency", "method", "status", "paid_at", "failed_at")
    list_filter = ("status", "method")
    list_select_related = ("batch__program",)
    search_fields = ("name", "reference")
