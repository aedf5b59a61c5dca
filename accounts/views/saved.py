"""Saved views of a list: kept under a name, renamed, shared, deleted; the same for every list that has filters."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.views import change_view, delete_view, save_view
from accounts.exceptions import DomainError
from accounts.forms.queue import SaveViewForm
from accounts.http import Request, requires
from accounts.models import SavedView, User

View = Callable[..., HttpResponse]


def views_of(
    page: str,
    title: str | Promise,
    *,
    permission: str,
    home: str,
    understood: Callable[[QueryDict, User], str],
    address: Callable[[str], str] | None = None,
) -> tuple[View, View, View]:
    """The pages that save, change and delete views of the list `page`, which is at `home`. `understood` keeps of a
    query string what the list's filters are called; `address` is the list with that query."""
    address = address or (lambda query: f"{reverse(home)}?{query}")
    delete_name = f"{home.partition(':')[0]}:view_delete"

    def own(user: User, pk: int) -> SavedView:
        return get_object_or_404(user.saved_views.filter(page=page), pk=pk)

    def show(request: Request, form: SaveViewForm, query: str, **context: Any) -> HttpResponse:
        around = {"form": form, "query": query, "list_title": title, "list_url": reverse(home)}
        context |= around | {"cancel_url": address(query), "delete_name": delete_name}
        return render(request, "accounts/saved_view.html", context, status=422 if form.errors else 200)

    @require_http_methods(["GET", "HEAD", "POST"])
    @requires(permission)
    def save(request: Request) -> HttpResponse:
        given = request.POST if request.method == "POST" else request.GET
        query = understood(parsed(given.get("query", "")), request.user)
        form = SaveViewForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and tried(form, lambda values: save_view(request.user, page, query=query, **values)):
            messages.success(request, _("View “%(name)s” saved.") % form.cleaned_data)
            return redirect(address(query))
        return show(request, form, query)

    @require_http_methods(["GET", "HEAD", "POST"])
    @requires(permission)
    def edit(request: Request, pk: int) -> HttpResponse:
        view = own(request.user, pk)
        data = request.POST if request.method == "POST" else None
        form = SaveViewForm(data, initial={"name": view.name, "shared": view.shared})
        if form.is_valid() and tried(form, lambda values: change_view(view, by=request.user, **values)):
            messages.success(request, _("View “%(name)s” changed.") % {"name": view.name})
            return redirect(address(view.query))
        return show(request, form, view.query, view=view)

    @require_POST
    @requires(permission)
    def delete(request: Request, pk: int) -> HttpResponse:
        view = own(request.user, pk)
        delete_view(view, by=request.user)
        messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
        return redirect(home)

    return save, edit, delete


def parsed(text: str) -> QueryDict:
    """A query string as it came; what can't be read asks for nothing."""
    try:
        return QueryDict(text)
    except (ValueError, UnicodeError):
        return QueryDict()


def tried(form: SaveViewForm, verb: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the verb took it; what it refuses stands at its field."""
    try:
        verb(form.cleaned_data)
    except DomainError as refusal:
        form.refused(refusal)
        return False
    return True
