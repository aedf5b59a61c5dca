"""The account page and its tabs."""

from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain import timeline
from accounts.domain.retelling import title_of
from accounts.domain.wording import reason_for
from accounts.http import Request
from accounts.models import Account, Contact, FollowUp
from accounts.views.customers import entries
from accounts.views.customers.frame import OVERVIEW, boxes, head, page, the_account

FEW = 6


@require_safe
def account_detail(request: Request, pk: int) -> HttpResponse:
    """The page; or its head or its follow-ups alone, when something happened to the account."""
    account = the_account(request, pk)
    target = request.htmx.target
    if target == "account-head":
        return render(request, "accounts/customers/head.html", {"account": account, **head(account)})
    if target == "account-follow-ups":
        context = {"account": account, "follow_ups": _open(account)}
        return render(request, "accounts/customers/follow_ups.html", context)
    found = timeline.page(account)
    context = {
        "boxes": boxes(account, OVERVIEW),
        "page": found,
        "months": entries.months(account, found.rows),
        "groups": timeline.groups(),
        "follow_ups": _open(account),
        "contacts": [contact for contact in _people(account)[:FEW] if not contact.left_on],
        "custom": _plain(account.custom),
    }
    return page(request, "detail", account, OVERVIEW, context)


def _open(account: Account) -> list[tuple[FollowUp, str, str]]:
    """Each with its title and why it is here, in the reader's language."""
    rows = account.follow_ups.open().select_related("assignee", "activity").order_by("due_at", "pk")
    return [(row, title_of(row), reason_for(row)) for row in rows]


def _people(account: Account) -> Any:
    """Those who are there, the deciding ones first; then those who have left."""
    return account.contacts.order_by(F("left_on").desc(nulls_first=True), "-decides", "-champion", "name", "email")


def _plain(custom: Any) -> list[tuple[str, str]]:
    """Custom fields as they read; whatever a program has put there, the page stands."""
    if not isinstance(custom, dict):
        return []
    return [(_title(key), _value(value)) for key, value in custom.items()]


def _title(key: str) -> str:
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return formats.number(value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or formats.NOTHING
    return formats.NOTHING if value in (None, "") else str(value)


@require_safe
def account_tab(request: Request, pk: int, tab: str) -> HttpResponse:
    """A tab that other apps fill."""
    account = the_account(request, pk)
    found = boxes(account, tab)
    if not found or tab == OVERVIEW:
        raise Http404
    return page(request, "tab", account, tab, {"boxes": found})


@require_safe
def account_contacts(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    contacts: list[Contact] = list(_people(account))
    if request.htmx.target == "account-contacts":
        return render(request, "accounts/customers/contacts.html#table", {"account": account, "contacts": contacts})
    return page(request, "contacts", account, "contacts", {"contacts": contacts})
