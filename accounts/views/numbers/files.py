"""Figures as a file."""

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.numbers.exporting import Sheet, lines
from accounts.exceptions import Forbidden
from accounts.http import Request


def as_file(request: Request, name: str, sheet: Sheet) -> HttpResponseBase:
    if not request.user.may("account.export"):
        raise Forbidden(_("You cannot take figures out of here as a file."))
    found = lines(sheet, bom=request.GET.get("bom") == "1")
    return StreamingHttpResponse(
        (line.encode() for line in found),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
        },
    )
