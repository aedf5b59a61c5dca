"""What Django's admin pages of all apps have in common."""

from typing import ClassVar

from django.contrib import admin


class ReadOnly(admin.ModelAdmin):
    """To be looked at only: what changes it has a page and a verb of its own."""

    show_full_result_count = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class OfOne(ReadOnly):
    """A row of one account, of which there may be millions: the newest first, found by the account's name or id."""

    search_fields: ClassVar[tuple[str, ...]] = ("account__name", "account__external_id")
    list_select_related: ClassVar[tuple[str, ...]] = ("account",)
    ordering = ("-pk",)
