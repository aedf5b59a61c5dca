"""Calendars that people subscribe to: the file itself, and the settings page where addresses are made and ended."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from accounts.domain.calendars import address_of, calendar_of, digest, find_feed, make_feed, note_read, revoke_feed
from accounts.exceptions import DomainError
from accounts.forms.calendars import CalendarForm
from accounts.http import Request, requires
from accounts.registry import calendar_sources
from accounts.visitors import public_page


@public_page
@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """Whoever has the address reads it. One that was never made and one that was ended look the same."""
    feed = find_feed(secret)
    if feed is None:
        return HttpResponse(_("There is no such calendar."), status=404, content_type="text/plain; charset=utf-8")
    note_read(feed)
    content = calendar_of(feed)
    return _file(request, content, f"tenure-{feed.prefix}.ics")


def _file(request: HttpRequest, content: bytes, name: str) -> HttpResponse:
    """304 where the program has it already."""

    @condition(etag_func=lambda _request: quote_etag(digest(content)[:32]))
    def answer(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    response = answer(request)
    patch_cache_control(response, private=True, no_cache=True)
    return response


# The settings page ----------------------------------------------------------------------------------


@require_safe
@requires("renewal.view")
def calendar_list(request: Request) -> HttpResponse:
    titles = {source.key: source.title for source in calendar_sources}
    feeds = [
        (feed, [titles[key] for key in feed.sources if key in titles])
        for feed in request.user.feeds.order_by("-revoked_at", "-created_at")
    ]
    return render(request, "accounts/settings/calendars.html", {"feeds": feeds})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("renewal.view")
def calendar_add(request: Request) -> HttpResponse:
    form = CalendarForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            feed, secret = make_feed(request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            # Rendered, not redirected to: the address is nowhere but in this one answer.
            context = {"feed": feed, "address": address_of(secret)}
            response = render(request, "accounts/settings/calendar_made.html", context)
            response["Cache-Control"] = "no-store"
            return response
    status = 422 if form.is_bound else 200
    return render(request, "accounts/settings/calendar.html", {"form": form}, status=status)


@require_POST
@requires("renewal.view")
def calendar_revoke(request: Request, pk: int) -> HttpResponse:
    feed = get_object_or_404(request.user.feeds.all(), pk=pk)
    revoke_feed(feed, by=request.user)
    messages.success(request, _("The calendar address is ended: it stops working now."))
    return redirect("settings:calendars")
