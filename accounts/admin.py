"""What Django's admin pages of all apps have in common."""

from django.contrib import admin


class ReadOnly(admin.ModelAdmin):
    """To be looked at only: what changes it has a page and a verb of its own."""

    show_full_result_count = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
