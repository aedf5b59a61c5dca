"""The queue: the page, more of it, and what is new on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Band, Priority, Role
from accounts.forms.queue import SaveViewForm
from accounts.forms.queue_filters import MINE, NOBODY, STATES, TEAM
from accounts.http import requires
from accounts.icons import shape
from accounts.views.queue.listing import Listing, listing_of, shown


@require_safe
@requires("followup.view")
def queue(request: HttpRequest) -> HttpResponse:
    listing = listing_of(request, request.GET)
    if request.htmx and request.htmx.target == "queue-more":
        context = listing.context | {"sections": listing.sections(continued=listing.begun)}
        return render(request, "accounts/queue/list.html#rows", context)
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        response = render(request, "accounts/queue/list.html#answer", listing.context)
        response["HX-Push-Url"] = listing.asked.url
        return response
    return render(request, "accounts/queue/page.html", listing.context | frame(listing))


@require_safe
@requires("followup.view")
def news(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds by every open queue: nothing, unless the rows are others than those shown."""
    size = shown(request.GET.get("n", ""))
    listing = listing_of(request, request.GET, size=size, count=False)
    if request.GET.get("mark") == listing.mark:
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
        "save_form": SaveViewForm(),
        "leads": listing.user.role in {Role.MANAGER, Role.ADMIN},
    }
