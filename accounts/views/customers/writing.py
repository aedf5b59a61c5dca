"""Forms on the account page: a fragment in its place when htmx asks, a page of its own otherwise."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.exceptions import DomainError
from accounts.http import Request
from accounts.models import Account

CHANGED = "account-changed"  # what parts of the page listen for


def write(
    request: Request,
    form: Form,
    verb: Callable[[dict[str, Any]], Any],
    *,
    account: Account | None,
    title: str,
    done: str,
    save: str,
    template: str = "form",
    reload: bool = False,
) -> HttpResponse:
    """Show the form, or carry it out. A bad one comes back as itself, with 422."""
    if request.method == "POST" and form.is_valid() and (result := _carried_out(form, verb)):
        messages.success(request, done)
        return _after(request, account or result[0], reload=reload)
    context = {
        "account": account,
        "form": form,
        "title": title,
        "save": save,
        "action": request.get_full_path(),
    }
    status = 422 if form.is_bound else 200
    return render(request, f"accounts/customers/{template}.html", context, status=status)


def _carried_out(form: Form, verb: Callable[[dict[str, Any]], Any]) -> tuple[Any] | None:
    try:
        return (verb(form.cleaned_data),)
    except DomainError as error:
        for name, sentences in (error.errors or {"": [str(error)]}).items():
            form.add_error(name if name in form.fields else None, list(sentences))
        return None


def _after(request: Request, account: Account, *, reload: bool) -> HttpResponse:
    """htmx empties the form's place, and what changed fetches itself again."""
    if request.htmx and not reload:
        return HttpResponse(headers={"HX-Trigger": CHANGED})
    return redirect(reverse("accounts:detail", args=[account.pk]))
