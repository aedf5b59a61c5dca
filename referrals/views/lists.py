"""What the lists of referrals share: the page asked for, and the part that htmx replaces."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.domain.keyset import BadPositionError, Page
from accounts.http import Request


def page_asked(request: Request, page_of: Callable[..., Page], of: Any) -> Page:
    """The page asked for; the first one where its address is damaged."""
    try:
        return page_of(of, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    except BadPositionError:
        return page_of(of)


def found_part(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    """What a filter changed, with the address it stands under."""
    response = render(request, f"{template}#found", context)
    response["HX-Push-Url"] = request.get_full_path()
    return response
