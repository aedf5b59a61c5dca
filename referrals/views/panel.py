"""On the account page: who referred it, whom it has referred, and whom to ask."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain import pressure
from accounts.enums import AskKind
from accounts.exceptions import DomainError
from accounts.http import Request
from accounts.models import Account
from accounts.views.customers.frame import the_account
from referrals.domain import applications
from referrals.domain.listing import brought_by
from referrals.domain.programs import is_open
from referrals.enums import PartnerStatus, ProgramKind, ProgramStatus
from referrals.models import Incentive, Partner, Program, Referral
from referrals.views.frame import PARTNER_TONES, dressed, toned

MOST = 50


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    return _panel(request, the_account(request, pk))


def _panel(request: Request, account: Account, *, status: int = 200, refusal: str = "") -> HttpResponse:
    partners = list(account.partners.select_related("program", "contact").order_by("program__name", "name"))
    context: dict[str, Any] = {
        "account": account,
        "came_by": dressed(_referrals(account=account)),
        "brought": dressed(_referrals(partner__account=account)[:MOST]),
        "partners": _with_brought(partners),
        "incentives": toned(Incentive.objects.filter(account=account).select_related("referral__program")[:MOST]),
        "refusal": refusal,
        **_asking(request, account, partners),
    }
    return render(request, "referrals/panel.html", context, status=status)


def _referrals(**which: Any) -> Any:
    rows = Referral.objects.filter(**which).select_related("partner__account", "program", "account")
    return rows.order_by("-signed_up_at", "-pk")


def _with_brought(partners: list[Partner]) -> list[tuple[Partner, str, Any]]:
    found = brought_by(partners)
    return [(one, PARTNER_TONES[PartnerStatus(one.status)], found[one.pk]) for one in partners]


def _asking(request: Request, account: Account, partners: list[Partner]) -> dict[str, Any]:
    """Who may be asked, in which program: by those who work with the account."""
    may_ask = request.user.may("account.edit", account)
    today = timezone.localdate()
    running = Program.objects.filter(kind=ProgramKind.CUSTOMER, status=ProgramStatus.RUNNING)
    programs = [one for one in running if is_open(one, today)] if may_ask else []
    if not programs:
        return {"programs": [], "people": []}
    people = list(account.contacts.filter(left_on=None))
    held = pressure.held_back([one.pk for one in people], answered=AskKind.REFERRAL)
    taking = {(one.contact_id, one.program_id): one for one in partners}
    open_to = {
        one.pk: [program for program in programs if _may_join(taking.get((one.pk, program.pk)))] for one in people
    }
    return {"programs": programs, "people": [(one, held.get(one.pk), open_to[one.pk]) for one in people]}


def _may_join(partner: Partner | None) -> bool:
    return partner is None or partner.status == PartnerStatus.INVITED


@require_POST
def ask(request: Request, pk: int) -> HttpResponse:
    """A mail to one of their contacts; where they are to be left in peace, the sentence that says why."""
    account = the_account(request, pk, "account.edit")
    contact = account.contacts.filter(pk=_number(request.POST.get("contact", ""))).first()
    program = Program.objects.filter(pk=_number(request.POST.get("program", ""))).first()
    if contact is None or program is None:
        return _panel(request, account, status=422, refusal=_("Choose whom to ask, and for which program."))
    try:
        applications.ask(contact, program, by=request.user)
    except DomainError as error:
        return _panel(request, account, status=error.status, refusal=str(error))
    text = _("%(contact)s gets a mail with the way to their page.") % {"contact": contact}
    messages.success(request, text)
    if not request.htmx:
        return redirect("accounts:tab", account.pk, "referrals")
    response = _panel(request, account)
    response["HX-Trigger"] = "account-changed"
    return response


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
