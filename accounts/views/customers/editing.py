"""The account itself and its people."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.accounts import add_account, upsert_account
from accounts.domain.contacts import add_contact, upsert_contact
from accounts.forms.customers import AccountForm, ContactForm
from accounts.http import Request, posted, requires
from accounts.models import Account
from accounts.views.customers.frame import the_account
from accounts.views.customers.writing import write


@require_http_methods(["GET", "POST"])
@requires("account.assign")
def account_add(request: Request) -> HttpResponse:
    return write(
        request,
        AccountForm(posted(request), reader=request.user),
        lambda values: add_account(by=request.user, source=str(request.user), **values),
        account=None,
        title=_("Add an account"),
        save=_("Add the account"),
        done=_("Account added"),
        template="account_form",
        reload=True,
    )


@require_http_methods(["GET", "POST"])
def account_edit(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "account.edit")
    form = AccountForm(posted(request), reader=request.user, account=account)
    return write(
        request,
        form,
        lambda _values: upsert_account(by=request.user, **_changed(form.changed, account)),
        account=account,
        title=_("Edit account"),
        save=_("Save"),
        done=_("Account saved"),
        template="account_form",
        reload=True,
    )


def _changed(values: dict[str, Any], account: Account) -> dict[str, Any]:
    """Without a CSM who stays: somebody who has left the team cannot be chosen anew, but need not be replaced."""
    return {name: value for name, value in values.items() if name != "csm" or value != account.csm}


@require_http_methods(["GET", "POST"])
def contact_add(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "account.edit")
    return write(
        request,
        ContactForm(posted(request)),
        lambda values: add_contact(account, values.pop("email"), by=request.user, **values),
        account=account,
        title=_("Add a contact"),
        save=_("Add the contact"),
        done=_("Contact saved"),
    )


@require_http_methods(["GET", "POST"])
def contact_edit(request: Request, pk: int, contact: int) -> HttpResponse:
    account = the_account(request, pk, "account.edit")
    row = get_object_or_404(account.contacts, pk=contact)
    form = ContactForm(posted(request), contact=row)
    return write(
        request,
        form,
        lambda _values: upsert_contact(account, by=request.user, **form.changed),
        account=account,
        title=_("Edit contact"),
        save=_("Save"),
        done=_("Contact saved"),
    )
