from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.audit import reading
from accounts.domain.keyset import BadPositionError, Page
from accounts.http import Request, requires
from accounts.models import User


@requires("audit.view")
@require_safe
def audit(request: Request) -> HttpResponse:
    """Who decided what, from what to what: newest first."""
    asked = reading.Asked.of(request.GET)
    context = {
        "page": _page(request, asked),
        "asked": asked,
        "kinds": reading.kinds(),
        "nothing": formats.NOTHING,
        "people": User.objects.order_by("name", "pk"),
    }
    part = "#found" if request.htmx.target == "audit-found" else ""
    return render(request, f"accounts/settings/audit.html{part}", context)


def _page(request: Request, asked: reading.Asked) -> Page:
    """The page that the address names; the first, where it names none."""
    try:
        return reading.page(asked, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    except BadPositionError:
        return reading.page(asked)
