"""What the lists of referrals share: the page asked for, the part that htmx replaces, a file of it all."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

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


def as_file(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    day = timezone.localdate()
    return StreamingHttpResponse(
        (line.encode() for line in lines),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{day:%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
        },
    )
