"""What Django's admin shows of how people sign in. Allauth's own pages would show the secrets themselves, and Django's
groups mean nothing here (accounts/roles.py)."""

from allauth.account import admin as _addresses  # noqa: F401 - registers what is taken away here
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _factors  # noqa: F401 - the same
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _sessions  # noqa: F401 - the same
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth import admin as _groups  # noqa: F401 - the same
from django.contrib.auth.models import Group

from accounts.admin import ReadOnly
from accounts.domain.factors import drop_orphaned_codes

admin.site.unregister([EmailAddress, Authenticator, UserSession, Group])


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """A second factor: taken away from who has lost theirs, with the recovery codes that stood in for it."""

    list_display = fields = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)

    def has_delete_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("mfa.delete_authenticator")

    def delete_model(self, request, obj) -> None:
        super().delete_model(request, obj)
        drop_orphaned_codes([obj.user_id])

    def delete_queryset(self, request, queryset) -> None:
        users = list(queryset.values_list("user_id", flat=True))
        super().delete_queryset(request, queryset)
        drop_orphaned_codes(users)
