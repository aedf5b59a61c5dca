"""The customer's checklist: what is done, what comes next, who takes part. Opening it changes nothing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import DomainError
from accounts.models import Contact, ContactLink
from accounts.views.portal.frame import token_of
from accounts.visitors import visitor
from onboarding.domain import checklists, colleagues
from onboarding.domain.checklists.reading import latest_of, shown
from onboarding.forms.checklists import InviteForm
from onboarding.models import ChecklistStep


@require_safe
@visitor("portal")
def checklist(request: HttpRequest, link: ContactLink) -> HttpResponse:
    return _page(request, link)


def _page(
    request: HttpRequest, link: ContactLink, form: InviteForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    contact = link.contact
    row = latest_of(contact.account)
    context: dict[str, Any] = {
        "token": token_of(request),
        "contact": contact,
        "account": contact.account,
        "shown": shown(row, contact=contact) if row else None,
        "csm": contact.account.csm,
        "people": contact.account.contacts.filter(left_on=None).order_by("created_at", "pk"),
        "invitation": colleagues.waits_to_join(contact),
        "form": form or InviteForm(),
        "refusal": refusal,
    }
    return render(request, "onboarding/checklist/page.html", context, status=status)


@require_POST
@visitor("portal")
def tick(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    return _done_to(request, link, pk, checklists.tick, _("Done. What comes next stands at the top."))


@require_POST
@visitor("portal")
def untick(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    return _done_to(request, link, pk, checklists.reopen, _("It is open again."))


def _done_to(
    request: HttpRequest, link: ContactLink, pk: int, verb: Callable[..., ChecklistStep], said: str
) -> HttpResponse:
    try:
        verb(_step(link.contact, pk), by=None, contact=link.contact)
    except DomainError as error:  # the page as it is now, with the sentence
        return _page(request, link, refusal=str(error), status=error.status)
    colleagues.join(link.contact)
    messages.success(request, said)
    return redirect("checklist", token=token_of(request))


def _step(contact: Contact, pk: int) -> ChecklistStep:
    """One of their own account; any other does not exist."""
    row = ChecklistStep.objects.filter(pk=pk, checklist__account=contact.account_id).first()
    if row is None:
        raise Http404
    return row


@require_POST
@visitor("portal")
def join(request: HttpRequest, link: ContactLink) -> HttpResponse:
    colleagues.join(link.contact)
    return redirect("checklist", token=token_of(request))


@require_POST
@visitor("portal")
def invite(request: HttpRequest, link: ContactLink) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, link, form, status=422)
    try:
        invited = colleagues.invite(link.contact, form.cleaned_data["emails"])
    except DomainError as error:
        form.add_error("emails", str(error))
        return _page(request, link, form, status=error.status)
    colleagues.join(link.contact)
    _say(request, invited)
    return redirect("checklist", token=token_of(request))


def _say(request: HttpRequest, invited: colleagues.Invited) -> None:
    if invited.new:
        said = ngettext(
            "%(names)s gets a mail with a link of their own.",
            "%(names)s get a mail each, with a link of their own.",
            len(invited.new),
        )
        messages.success(request, said % {"names": _names(invited.new)})
    if invited.again:
        said = ngettext(
            "%(names)s has been invited already.", "%(names)s have been invited already.", len(invited.again)
        )
        messages.info(request, said % {"names": _names(invited.again)})


def _names(people: Iterable[Contact]) -> str:
    return ", ".join(str(contact) for contact in people)
