"""The list as a file."""

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.domain.exports import csv_lines
from accounts.forms.account_filters import Choices, FilterForm
from accounts.http import Request, csv_file, requires


@require_safe
@requires("account.export")
def account_export(request: Request) -> HttpResponseBase:
    """Exactly what the list shows for this address. A wrong filter counts as little here as there."""
    form = FilterForm(request.GET, Choices(request.user))
    lines = csv_lines(form.filters, form.chosen_sort, bom=request.GET.get("bom") == "1")
    return csv_file("accounts", lines)
