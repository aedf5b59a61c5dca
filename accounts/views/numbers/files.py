"""Figures as a file."""

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.domain.numbers.exporting import Sheet, lines
from accounts.exceptions import Forbidden
from accounts.http import Request, csv_file


def as_file(request: Request, name: str, sheet: Sheet) -> HttpResponseBase:
    if not request.user.may("account.export"):
        raise Forbidden(_("You cannot take figures out of here as a file."))
    found = lines(sheet, bom=request.GET.get("bom") == "1")
    return csv_file(name, found)
