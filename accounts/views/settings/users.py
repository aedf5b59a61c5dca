from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.domain import users as team
from accounts.domain.followups import heir_of
from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.forms.settings import UserForm
from accounts.http import Request, posted, requires
from accounts.models import User


@requires("user.manage")
def user_list(request: Request) -> HttpResponse:
    users = User.objects.select_related("manager").annotate(
        account_count=Count("accounts", filter=~Q(accounts__stage=Stage.CHURNED))
    )
    return render(request, "accounts/settings/users.html", {"users": users.order_by("-is_active", "name")})


@requires("user.manage")
def user_add(request: Request) -> HttpResponse:
    form = UserForm(posted(request), initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        user = team.create_user(**form.cleaned_data)
        messages.success(request, _("%(name)s is on the team.") % {"name": user})
        return redirect("settings:user", user.pk)
    return _form(request, form, None)


@requires("user.manage")
def user_edit(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = UserForm(posted(request), instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            team.update_user(User.objects.get(pk=pk), by=request.user, **form.changed)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
            return redirect("settings:users")
    return _form(request, form, get_object_or_404(User, pk=pk))


def _form(request: Request, form: UserForm, user: User | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "person": user}
    if user:
        context |= {
            "heir": heir_of(user),
            "open_count": user.follow_ups.open().count(),
            "account_count": user.accounts.live().count(),
        }
    return render(request, "accounts/settings/user.html", context, status=422 if request.method == "POST" else 200)


@requires("user.manage")
@require_POST
def user_deactivate(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    count = team.deactivate(user, by=request.user)
    text = ngettext(
        "%(name)s can no longer sign in. %(n)s open follow-up was handed over.",
        "%(name)s can no longer sign in. %(n)s open follow-ups were handed over.",
        count,
    )
    messages.success(request, text % {"name": user, "n": count})
    return redirect("settings:users")


@requires("user.manage")
@require_POST
def user_activate(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    team.activate(user, by=request.user)
    messages.success(request, _("%(name)s may sign in again.") % {"name": user})
    return redirect("settings:user", pk)


@requires("user.manage")
@require_POST
def user_link(request: Request, pk: int) -> HttpResponse:
    """The link by which somebody chooses a password, shown to the admin who asked for it, once."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    response = render(request, "accounts/settings/user_link.html", {"person": user, "link": team.password_link(user)})
    response["Cache-Control"] = "no-store"
    return response
