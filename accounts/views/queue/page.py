"""The queue: the page, more of it, and what is new on it."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.http import require_safe

from accounts.enums import Band, Priority, Role
from accounts.forms.queue_filters import DONE, MINE, NOBODY, SNOOZED, STATES, TEAM, Asked, View, read
from accounts.http import Request, requires
from accounts.icons import shape
from accounts.views.queue.listing import Listing, listing_of, outline_of, shown
from accounts.views.queue.rows import mark


@require_safe
@requires("followup.view")
def queue(request: Request) -> HttpResponse:
    listing = listing_of(request, request.GET)
    if request.htmx and request.htmx.target == "queue-more":
        context = listing.context | {"sections": listing.sections(continued=listing.begun)}
        return render(request, "accounts/queue/list.html#rows", context)
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        response = render(request, "accounts/queue/list.html#list", listing.context)
        response["HX-Push-Url"] = listing.asked.url
        return response
    return render(request, "accounts/queue/page.html", listing.context | frame(listing))


@require_safe
@requires("followup.view")
def news(request: Request) -> HttpResponse:
    """Asked every few seconds by every open queue: nothing, unless the rows are others than those shown."""
    size = shown(request.GET.get("n", ""))
    if request.GET.get("mark") == mark(outline_of(request, size=size)):
        return HttpResponse(status=204)
    return render(request, "accounts/queue/list.html#list", listing_of(request, request.GET, size=size).context)


def frame(listing: Listing) -> dict[str, Any]:
    """What only the whole page needs."""
    choices = listing.choices
    people = [(pk, name) for pk, name in choices.people.items() if pk != str(listing.user.pk)]
    return {
        "whos": [(MINE, _("Mine")), (TEAM, _("Everybody's")), (NOBODY, _("Nobody's")), *people],
        "states": list(STATES.items()),
        "kinds": sorted(choices.kinds.items(), key=lambda kind: str(kind[1]).casefold()),
        "segments": list(choices.segments.items()),
        "bands": [(value, label, shape(value)) for value, label in Band.choices],
        "priorities": [(str(value), label) for value, label in Priority.choices],
        "tabs": tabs(listing.asked),
        "views": [(view, saved_url(view, listing)) for view in choices.views],
        "leads": listing.user.role in {Role.MANAGER, Role.ADMIN},
    }


def tabs(asked: Asked) -> list[tuple[Any, str, bool]]:
    """The views everybody has: one's usual list first. queue.js marks another as the filters change."""
    usual = asked.default
    mine, team = (_("My queue"), Asked(MINE, usual)), (pgettext("queue", "Team"), Asked(TEAM, usual))
    found = [
        *((mine, team) if usual == MINE else (team, mine)),
        (_("Nobody's"), Asked(NOBODY, usual)),
        (pgettext("queue", "Snoozed"), Asked(usual, usual, SNOOZED)),
        (pgettext("queue", "Done"), Asked(usual, usual, DONE)),
    ]
    return [(title, tab.url, tab == asked) for title, tab in found]


def saved_url(view: View, listing: Listing) -> str:
    """Its filters as this reader's address says them."""
    return read(QueryDict(view.query), listing.user, listing.choices)[0].url
