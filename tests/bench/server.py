"""The product's own WSGI application, with two empty views beside its addresses: the yardstick of every page."""

from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

application = get_wsgi_application()


@login_not_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def _add() -> None:
    from config import urls

    urls.urlpatterns[:0] = [path("bench/empty/", empty)]


_add()
