"""Programs that are told of what happens: their addresses, and what became of each message."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain import rules, webhooks
from accounts.domain.webhooks import reading
from accounts.exceptions import DomainError
from accounts.forms.webhooks import WebhookForm
from accounts.http import Request, posted, requires
from accounts.models import Webhook, WebhookDelivery
from accounts.registry import activity_kinds

FORM = ("url", "name", "events")


@requires("webhook.manage")
@require_safe
def webhook_list(request: Request) -> HttpResponse:
    rows = Webhook.objects.all()
    return render(request, "accounts/settings/webhooks.html", {"webhooks": [(row, reading.state(row)) for row in rows]})


@requires("webhook.manage")
def webhook_add(request: Request) -> HttpResponse:
    form = WebhookForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = webhooks.add(**form.cleaned_data, by=request.user)
        except DomainError as error:
            _refused(form, error)
        else:
            return _shown_once(request, row, secret)
    return _form(request, form, None)


@requires("webhook.manage")
def webhook_edit(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Webhook, pk=pk)
    form = WebhookForm(posted(request), initial={name: getattr(row, name) for name in FORM})
    form.remember_what_was_seen()
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.change(row, **form.changed)
        except DomainError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings:webhook", row.pk)
    return _form(request, form, row)


def _form(request: Request, form: WebhookForm, row: Webhook | None) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/settings/webhook_edit.html", {"form": form, "row": row}, status=status)


def _refused(form: WebhookForm, error: DomainError) -> None:
    for field, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(field if field in form.fields else None, [str(sentence) for sentence in sentences])


def _shown_once(request: Request, row: Webhook, secret: str) -> HttpResponse:
    """Rendered, not redirected to: the secret is nowhere but in this one answer."""
    response = render(request, "accounts/settings/webhook_secret.html", {"row": row, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@requires("webhook.manage")
@require_safe
def webhook(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Webhook, pk=pk)
    after, before, asked = (request.GET.get(name, "") for name in ("after", "before", "state"))
    page = reading.page(row, after=after, before=before, state=asked)
    for delivery in page.rows:
        delivery.tone = reading.TONES[delivery.status]
        delivery.what = _label(delivery.event)
        delivery.why = reading.why(delivery)
    context: dict[str, Any] = {
        "row": row,
        "state": reading.state(row),
        "events": [(name, _label(name)) for name in row.events],
        "page": page,
        "asked": asked,
        "states": reading.STATES,
        "days": rules.number("webhooks.keep_days"),
    }
    return render(request, "accounts/settings/webhook.html", context)


def _label(event: str) -> Any:
    return activity_kinds[event].label if event in activity_kinds else event


@requires("webhook.manage")
@require_POST
def webhook_off(request: Request, pk: int) -> HttpResponse:
    webhooks.switch_off(row := get_object_or_404(Webhook, pk=pk))
    messages.success(request, _("%(name)s is told nothing more.") % {"name": row})
    return redirect("settings:webhook", pk)


@requires("webhook.manage")
@require_POST
def webhook_on(request: Request, pk: int) -> HttpResponse:
    webhooks.switch_on(row := get_object_or_404(Webhook, pk=pk))
    messages.success(request, _("%(name)s is told of what happens from now on.") % {"name": row})
    return redirect("settings:webhook", pk)


@requires("webhook.manage")
@require_POST
def webhook_test(request: Request, pk: int) -> HttpResponse:
    try:
        webhooks.send_test(get_object_or_404(Webhook, pk=pk))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A test event is on its way: reload the page to see its answer."))
    return redirect("settings:webhook", pk)


@requires("webhook.manage")
@require_POST
def webhook_rotate(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Webhook, pk=pk)
    return _shown_once(request, row, webhooks.rotate(row))


@requires("webhook.manage")
@require_POST
def webhook_delete(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Webhook, pk=pk)
    webhooks.remove(row)
    messages.success(request, _("%(name)s is removed.") % {"name": row.name})
    return redirect("settings:webhooks")


@requires("webhook.manage")
@require_POST
def webhook_again(request: Request, pk: int, delivery: int) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), pk=delivery, webhook=pk)
    try:
        webhooks.send_again(row)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is sent again now."))
    return redirect("settings:webhook", pk)
