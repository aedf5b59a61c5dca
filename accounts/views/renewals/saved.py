"""Saved views of the renewals."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.views import change_view, delete_view, save_view
from accounts.exceptions import DomainError
from accounts.forms.account_filters import Choices
from accounts.forms.queue import SaveViewForm
from accounts.forms.renewal_filters import read
from accounts.http import Request, requires
from accounts.models import SavedView, User
from accounts.views.renewals.frame import PAGE


@require_http_methods(["GET", "HEAD", "POST"])
@requires("renewal.view")
def save(request: Request) -> HttpResponse:
    """Keep the filters that `query` holds under a name."""
    given = request.POST if request.method == "POST" else request.GET
    query = understood(given.get("query", ""), request.user)
    form = SaveViewForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and tried(form, lambda values: save_view(request.user, PAGE, query=query, **values)):
        messages.success(request, _("View “%(name)s” saved.") % form.cleaned_data)
        return redirect(address(query))
    return show(request, form, query=query)


def understood(text: str, user: User) -> str:
    """Only what the filters are called is kept."""
    try:
        data = QueryDict(text)
    except (ValueError, UnicodeError):
        data = QueryDict()
    return read(data, user, Choices(user))[0].whole_query


def address(query: str) -> str:
    return f"{reverse('renewals:list')}?{query}"


def tried(form: SaveViewForm, verb: Any) -> bool:
    try:
        verb(form.cleaned_data)
    except DomainError as refusal:
        form.refused(refusal)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@requires("renewal.view")
def edit(request: Request, pk: int) -> HttpResponse:
    """Another name, shared or not."""
    view = own(request.user, pk)
    data = request.POST if request.method == "POST" else None
    form = SaveViewForm(data, initial={"name": view.name, "shared": view.shared})
    if form.is_valid() and tried(form, lambda values: change_view(view, by=request.user, **values)):
        messages.success(request, _("View “%(name)s” changed.") % {"name": view.name})
        return redirect(address(view.query))
    return show(request, form, view=view)


@require_POST
@requires("renewal.view")
def delete(request: Request, pk: int) -> HttpResponse:
    view = own(request.user, pk)
    delete_view(view, by=request.user)
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("renewals:list")


def own(user: User, pk: int) -> SavedView:
    return get_object_or_404(user.saved_views.filter(page=PAGE), pk=pk)


def show(request: Request, form: SaveViewForm, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "accounts/renewals/view.html", {"form": form, **context}, status=status)
