"""What every template may ask for."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone


def page(request: HttpRequest) -> dict[str, Any]:
    """`base`: what a page extends. Asked by htmx for a part, the frame around it is left away."""
    htmx = getattr(request, "htmx", None)
    fragment = bool(htmx) and not htmx.boosted
    return {
        "base": "fragment.html" if fragment else "base.html",
        "reader_zone": timezone.get_current_timezone_name(),
    }
