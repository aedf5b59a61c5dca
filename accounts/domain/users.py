"""The team: who signs in, as what, and what becomes of the work of somebody who leaves."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.domain.followups import hand_over_all
from accounts.enums import Role
from accounts.exceptions import Conflict, DomainError
from accounts.models import User

EDITABLE = ("name", "email", "role", "manager", "language", "time_zone")


@transaction.atomic
def create_user(*, email: str, name: str, role: str = Role.CSM, **fields: Any) -> User:
    """Somebody new, who cannot sign in before choosing a password by `password_link()`."""
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise Conflict(_("Somebody with this e-mail address is on the team already."), errors={"email": [_("Taken.")]})
    user = User(email=email, name=name, role=role, **fields)
    user.set_unusable_password()
    user.save()
    return user


@transaction.atomic
def update_user(user: User, *, by: User, **fields: Any) -> User:
    """Change what `EDITABLE` names. The last admin stays one, or nobody could run the house; who may only look from
    now on works nothing off, so what was open goes to the manager."""
    if fields.get("role", Role.ADMIN) != Role.ADMIN:
        _keep_one_admin(user)
    for name, value in fields.items():
        if name not in EDITABLE:
            raise TypeError(f"{name} is not changed here")
        setattr(user, name, value)
    user.email = user.email.strip().lower()
    user.save(update_fields=list(fields))
    if fields.get("role") == Role.VIEWER:
        hand_over_all(user, by=by)
    return user


@transaction.atomic
def deactivate(user: User, *, by: Who) -> int:
    """Nobody's work is orphaned: open follow-ups go to the manager, accounts are free to be assigned again,
    sessions end at once. Gives the number of follow-ups handed over."""
    if user == by:
        raise DomainError(_("You cannot deactivate yourself."))
    _keep_one_admin(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    for session in UserSession.objects.filter(user=user):
        session.end()
    return hand_over_all(user, by=by)


def activate(user: User, *, by: Who) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def _keep_one_admin(user: User) -> None:
    # Locks the admins, so that two of them cannot demote each other at once.
    admins = User.objects.active().filter(role=Role.ADMIN).select_for_update(no_key=True).values_list("pk", flat=True)
    if list(admins) == [user.pk]:
        raise DomainError(_("This is the last admin: make somebody else one first."))


def password_link(user: User) -> str:
    """A personal address at which `user` chooses a password; it works once and for a few days."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=key)
