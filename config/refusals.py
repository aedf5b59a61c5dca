"""What is answered where there is no page to show. Django's own look for a token in the form first, and fail once more
where it is the form that cannot be read."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("400.html", request=request), status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("403.html", request=request), status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("404.html", request=request), status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Not even the reader is asked for: that may be what broke."""
    return HttpResponse(render_to_string("500.html"), status=500)
