"""All that is known about a person: handed out, or taken away."""

import re

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain.privacy import erase_contact, export_contact, is_erased
from accounts.http import Request, requires
from accounts.models import Contact
from accounts.registry import personal_data


@requires("contact.erase")
@require_safe
def export(request: Request, pk: int, contact: int) -> HttpResponse:
    row = _contact(pk, contact)
    response = JsonResponse(export_contact(row), json_dumps_params={"indent": 2, "ensure_ascii": False})
    name = re.sub(r"[^a-z0-9]+", "-", row.email.lower()).strip("-")
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


@requires("contact.erase")
@require_http_methods(["GET", "POST"])
def erase(request: Request, pk: int, contact: int) -> HttpResponse:
    """Asked once more, with what goes and what stays."""
    row = _contact(pk, contact)
    if request.method == "POST":
        erase_contact(row, by=request.user)
        messages.success(request, _("This person is erased."))
        return redirect("accounts:contacts", pk)
    context = {"account": row.account, "contact": row, "parts": personal_data.sorted(), "erased": is_erased(row)}
    return render(request, "accounts/customers/erase.html", context)


def _contact(pk: int, contact: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("account"), pk=contact, account=pk)
