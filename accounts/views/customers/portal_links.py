"""A contact's personal link to the portal: made, copied, mailed, renewed, ended."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.links import address_of, renew, revoke_link, url_of, works
from accounts.domain.plans.letters import PORTAL, send_portal_link
from accounts.exceptions import Conflict, DomainError
from accounts.http import Request
from accounts.models import Contact, ContactLink
from accounts.registry import link_purposes
from accounts.views.customers.frame import the_account


@require_http_methods(["GET", "POST"])
def portal_link(request: Request, pk: int, contact: int) -> HttpResponse:
    account = the_account(request, pk, "link.manage")
    person = get_object_or_404(account.contacts.select_related("account"), pk=contact)
    if request.method == "POST":
        _act(request, person)
        if not request.htmx:
            return redirect("accounts:portal_link", account.pk, person.pk)
    link = _live(person)
    context: dict[str, Any] = {
        "account": account,
        "person": person,
        "link": link,
        "address": url_of(link.key, link_purposes[PORTAL]) if link else "",
        "made_at": timezone.now().isoformat(timespec="minutes"),
    }
    return render(request, "accounts/customers/portal_link.html", context)


def _live(person: Contact) -> ContactLink | None:
    links = ContactLink.objects.filter(contact=person, purpose=PORTAL, revoked_at=None)
    return next((link for link in links.select_related("contact") if works(link)), None)


def _act(request: Request, person: Contact) -> None:
    verb = request.POST.get("do", "")
    if verb not in VERBS:
        raise DomainError(_("Choose one of the buttons."))
    if person.left_on:
        raise Conflict(_("%(name)s has left: their links no longer work.") % {"name": person})
    messages.success(request, VERBS[verb](request, person) % {"name": person})


def _make(request: Request, person: Contact) -> str:
    address_of(person, PORTAL)
    return _("%(name)s has a personal link now.")


def _mail(request: Request, person: Contact) -> str:
    # The page's own time: the button pressed twice is one mail, the page opened again another.
    send_portal_link(person, request.POST.get("at", "")[:40])
    return _("The link is on its way to %(name)s.")


def _renew(request: Request, person: Contact) -> str:
    if link := _live(person):
        renew(link, by=request.user)
    else:
        address_of(person, PORTAL)
    return _("%(name)s has a new link; the old one no longer works.")


def _revoke(request: Request, person: Contact) -> str:
    if link := _live(person):
        revoke_link(link, by=request.user)
    return _("The link of %(name)s no longer works.")


VERBS = {"make": _make, "mail": _mail, "renew": _renew, "revoke": _revoke}
