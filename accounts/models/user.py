from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from accounts.enums import Role
from accounts.models.audit import Audited
from accounts.roles import Scope, scope


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def workers(self) -> "UserQuerySet":
        """Those who can be handed a follow-up or an account."""
        return self.active().exclude(role=Role.VIEWER)

    def managers(self) -> "UserQuerySet":
        return self.active().filter(role=Role.MANAGER)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": Role.ADMIN, **fields})

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """Someone of the team who signs in. Customers never do: they have personal links."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.CSM)
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="team", verbose_name=_("manager")
    )
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    time_zone = TimeZoneField(_("time zone"), default="UTC", choices_display="WITH_GMT_OFFSET")
    # A board of the numbers, each Monday by mail; empty: none.
    weekly_board = models.CharField(_("weekly numbers by mail"), max_length=12, blank=True, default="")
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]
        triggers = [Audited("email", "name", "role", "manager", "language", "time_zone", "is_active")]

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, permission: str, obj: Any = None) -> bool:
        """Whether the roles table lets this person do `permission` (to `obj`, where it is about one row)."""
        reach = scope(self.role, permission)
        return reach is Scope.ALL or (reach is Scope.OWN and (obj is None or self._owns(obj)))

    def _owns(self, obj: Any) -> bool:
        if self.pk is None:
            return False
        if getattr(obj, "assignee_id", None) == self.pk:
            return True
        account = getattr(obj, "account", obj)
        return getattr(account, "csm_id", None) == self.pk

    # Django's admin asks these four. It is the long tail of an admin's work and nobody else's.
    @property
    def is_staff(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser
