"""What a write on a renewal answers: the parts of the page fetch themselves again, or back to where one was."""

import json
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.exceptions import Conflict
from accounts.http import Request
from accounts.models import Renewal
from accounts.views.renewals import panel

CHANGED = "renewals-changed"  # what lists and panels listen for


def changed(request: Request, row: Renewal, text: str) -> HttpResponse:
    messages.success(request, text)
    if not request.htmx:
        return HttpResponseRedirect(back(request, row))
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({CHANGED: True, "closeDialog": True})})


def too_late(request: Request, row: Renewal, conflict: Conflict) -> HttpResponse:
    """Somebody was faster: who and what, and the renewal as it is now."""
    if request.htmx:
        events = {CHANGED: True, "closeDialog": True, "toast": [{"level": "error", "text": str(conflict)}]}
        headers = {"HX-Trigger": json.dumps(events), "HX-Reswap": "none"}
        return HttpResponse(
            str(conflict), status=conflict.status, content_type="text/plain; charset=utf-8", headers=headers
        )
    row = panel.the_renewal(request.user, row.pk)
    context = panel.context(request, row, refused=str(conflict))
    return render(request, "accounts/renewals/renewal.html", context, status=conflict.status)


def back(request: Request, row: Renewal) -> str:
    """The page one came from, else the renewal's own."""
    url = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    if not url or not allowed:
        return reverse("renewals:renewal", args=[row.pk])
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
