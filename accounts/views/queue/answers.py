"""What a write on the queue answers: the list as it stands now, and a sentence."""

import json
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.http import Request
from accounts.views.queue.listing import listing_of, shown

LEVELS = {"success": messages.SUCCESS, "warning": messages.WARNING, "error": messages.ERROR, "info": messages.INFO}


def changed(
    request: Request, text: str, *, level: str = "success", status: int = 200, undo: datetime | None = None
) -> HttpResponse:
    """On the queue: the list as it is now, which queue.js merges into the one that is open, and the sentence.
    Elsewhere: back to where one was. `undo`: when it was closed, where one click opens it again."""
    at = undo.isoformat() if undo else ""
    if not asked_from_queue(request):
        messages.add_message(request, LEVELS[level], text, extra_tags=at)
        return HttpResponseRedirect(back(request))
    listing = listing_of(request, current_query(request), size=shown(request.headers.get("Queue-Rows", "")))
    response = render(request, "accounts/queue/list.html#list", listing.context, status=status)
    toast = {"level": level, "text": text} | ({"undo": at} if at else {})
    response["HX-Trigger"] = json.dumps({"closeDialog": True, "toast": [toast]})
    response["HX-Retarget"], response["HX-Reswap"] = "#queue-list", "none"
    return response


def asked_from_queue(request: Request) -> bool:
    return bool(request.htmx) and urlsplit(request.htmx.current_url or "").path == reverse("queue")


def back(request: Request) -> str:
    """The page one came from; a follow-up's own page leads back to the list."""
    url = request.htmx.current_url if request.htmx else request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    if not url or not allowed or urlsplit(url).path.startswith("/follow-ups/"):
        return reverse("queue")
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def current_query(request: Request) -> QueryDict:
    """The filters of the page that is open, whichever address asks."""
    return QueryDict(urlsplit(request.htmx.current_url or "").query)
