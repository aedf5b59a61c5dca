"""The list as a file."""

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals.exporting import csv_lines
from accounts.forms.account_filters import Choices
from accounts.forms.renewal_filters import read
from accounts.http import Request, csv_file, requires
from accounts.views.renewals.lists import quarter_in


@require_safe
@requires("account.export")
def renewal_export(request: Request) -> HttpResponseBase:
    """What the list shows for this address; without a quarter, all of it."""
    asked, _problems = read(request.GET, Choices(request.user))
    first, until = None, None
    if text := request.GET.get("quarter", ""):
        first = quarter_in(text)[0]
        until = anniversary(first, 3)
    lines = csv_lines(asked.filters(request.user), first, until, bom=request.GET.get("bom") == "1")
    return csv_file("renewals", lines)
