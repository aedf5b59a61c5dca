"""The list as a file."""

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.domain.exports import csv_lines
from accounts.forms.account_filters import Choices, FilterForm
from accounts.http import Request, requires


@require_safe
@requires("account.export")
def account_export(request: Request) -> HttpResponseBase:
    """Exactly what the list shows for this address. A wrong filter counts as little here as there."""
    form = FilterForm(request.GET, Choices(request.user))
    lines = csv_lines(form.filters, form.chosen_sort, bom=request.GET.get("bom") == "1")
    name = f"accounts-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        (line.encode() for line in lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
