"""Subscriptions, and what they make of MRR; plans, rates and costs."""

from django.contrib import admin

from accounts import models
from accounts.admin.shared import OfOne, ReadOnly


@admin.register(models.Subscription)
class SubscriptionAdmin(OfOne):
    list_display = ("external_id", "account", "plan", "status", "unit_amount", "quantity", "currency", "mrr")
    list_filter = ("status", "interval")
    list_select_related = ("account", "plan")
    search_fields = ("external_id", "account__name", "account__external_id")


@admin.register(models.SubscriptionChange)
class SubscriptionChangeAdmin(OfOne):
    list_display = ("subscription", "account", "effective_on", "mrr", "amount", "currency", "quantity", "revaluation")
    list_select_related = ("subscription", "account")
    search_fields = ("subscription__external_id", "account__name", "account__external_id")


@admin.register(models.Movement)
class MovementAdmin(OfOne):
    list_display = ("account", "kind", "occurred_on", "amount", "mrr_after", "reason")
    list_filter = ("kind", "reason")


@admin.register(models.AccountMonth)
class AccountMonthAdmin(OfOne):
    """Reckoned from the movements."""

    list_display = ("account", "month", "start", "new", "reactivation", "expansion", "contraction", "churn", "end")


@admin.register(models.Plan)
class PlanAdmin(ReadOnly):
    list_display = ("name", "key", "complexity")
    search_fields = ("name", "key")


class PriceInline(admin.TabularInline):
    model = models.PlanPrice
    extra = 0

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(models.PlanVersion)
class PlanVersionAdmin(ReadOnly):
    list_display = ("plan", "number", "metric", "offered", "withdrawn_at", "used_at")
    list_filter = ("metric", "offered")
    list_select_related = ("plan",)
    search_fields = ("plan__name", "plan__key")
    inlines = (PriceInline,)


@admin.register(models.PlanChange)
class PlanChangeAdmin(OfOne):
    """What customers have changed in their portal."""

    list_display = ("account", "what", "money", "currency", "before", "after", "effective_on", "applied_at", "error")
    exclude = ("key",)


@admin.register(models.ExchangeRate)
class ExchangeRateAdmin(ReadOnly):
    list_display = ("currency", "valid_from", "rate", "applied")
    search_fields = ("=currency",)


@admin.register(models.Cost)
class CostAdmin(ReadOnly):
    list_display = ("month", "kind", "channel", "amount", "note")
    list_filter = ("kind",)
    search_fields = ("channel", "note")
