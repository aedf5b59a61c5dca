"""What pages share: fetch and authorise in one line, the first line of each view."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from accounts.exceptions import DomainError
from accounts.models import Account, FollowUp, User

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", ""}  # nothing at all has no type


class Request(HttpRequest):
    """What the middleware has made of it when a view of ours sees it: somebody has signed in. For type checkers."""

    user: User
    htmx: HtmxDetails


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was filled in with; None where it is only shown. What is no form is not taken for an empty one: its
    sender would believe that it was written."""
    if request.method != "POST":
        return None
    if not request.POST:
        status = 422 if request.content_type in FORMS else 415
        raise DomainError(_("No filled-in form has arrived, so nothing was changed."), code="no_form", status=status)
    return request.POST


def get_account(user: User, pk: int, permission: str = "account.view", *, base: Any = None) -> Account:
    """The account, or a 404 for who may not: a stranger does not even learn that it exists."""
    account = get_object_or_404(base if base is not None else Account.objects.all(), pk=pk)
    if not user.may(permission, account):
        raise Http404
    return account


def get_follow_up(user: User, pk: int, permission: str = "followup.view") -> FollowUp:
    follow_up = get_object_or_404(
        FollowUp.objects.select_related("account__segment", "account__csm", "playbook", "assignee", "activity"), pk=pk
    )
    if not user.may(permission, follow_up):
        raise Http404
    return follow_up


def requires(permission: str) -> Callable:
    """A page that is not about one row: a 404 for everybody whom the roles table does not let in."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(permission):  # type: ignore[union-attr]
                raise Http404
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # the matrix test reads it
        return guarded

    return decorate


def csv_file(name: str, lines: Iterable[str]) -> StreamingHttpResponse:
    """Rows as a file of today, sent while they are read."""
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        (line.encode() for line in lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"},
    )
