"""Saved views of the queue."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.views import change_view, delete_view, save_view
from accounts.exceptions import DomainError
from accounts.forms.queue import SaveViewForm
from accounts.forms.queue_filters import Asked, Choices, read
from accounts.http import Request, requires
from accounts.models import SavedView, User
from accounts.views.queue.answers import current_query

PAGE = "queue"


@require_http_methods(["GET", "HEAD", "POST"])
@requires("followup.view")
def save(request: Request) -> HttpResponse:
    """Keep the filters that `query` holds under a name."""
    given = request.POST if request.method == "POST" else request.GET
    shown = current_query(request).urlencode() if request.htmx else ""
    asked = asked_in(given.get("query", shown), request.user)
    form = SaveViewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and tried(form, request.user, asked):
        messages.success(request, _("View “%(name)s” saved.") % form.cleaned_data)
        return HttpResponseRedirect(asked.url)
    context = {"form": form, "query": asked.query}
    return render(request, "accounts/queue/view.html", context, status=422 if form.errors else 200)


def asked_in(query: str, user: User) -> Asked:
    """Only what the queue understands is kept."""
    try:
        data = QueryDict(query)
    except (ValueError, UnicodeError):
        data = QueryDict("")
    return read(data, user, Choices(user))[0]


def tried(form: SaveViewForm, user: User, asked: Asked) -> bool:
    try:
        save_view(user, PAGE, query=asked.whole_query, **form.cleaned_data)
    except DomainError as refusal:
        form.refused(refusal)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@requires("followup.view")
def edit(request: Request, pk: int) -> HttpResponse:
    """Another name, shared or not; with `query`, also other filters."""
    view = own(request.user, pk)
    form = SaveViewForm(
        request.POST if request.method == "POST" else None, initial={"name": view.name, "shared": view.shared}
    )
    if form.is_bound and form.is_valid():
        try:
            change_view(view, by=request.user, **form.cleaned_data)
        except DomainError as refusal:
            form.refused(refusal)
        else:
            messages.success(request, _("View “%(name)s” changed.") % {"name": view.name})
            return HttpResponseRedirect(f"/?{view.query}")
    context: dict[str, Any] = {"form": form, "view": view}
    return render(request, "accounts/queue/view.html", context, status=422 if form.errors else 200)


@require_POST
@requires("followup.view")
def delete(request: Request, pk: int) -> HttpResponse:
    view = own(request.user, pk)
    delete_view(view, by=request.user)
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("queue")


def own(user: User, pk: int) -> SavedView:
    return get_object_or_404(user.saved_views.filter(page=PAGE), pk=pk)
