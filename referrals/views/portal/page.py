"""A partner's page: the terms first, then link, code and picture, what came of them, and how they are paid."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import Conflict, DomainError
from referrals.domain import desk as told, partners, terms as versions
from referrals.domain.letters import link_of
from referrals.domain.materials import pieces_for
from referrals.domain.programs import is_open
from referrals.domain.qr import svg_of
from referrals.domain.sharing import invite_friend, link_code, note_shared
from referrals.enums import Channel, CodeKind, PartnerStatus
from referrals.forms.portal import FriendForm, PayoutForm
from referrals.models import Partner
from referrals.views.portal.frame import Desk, context_of, of_partner, refers, takes_part
from referrals.views.programs import show

WAITING = {PartnerStatus.APPLIED: "waiting", PartnerStatus.REFUSED: "refused"}


@require_safe
def _page(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show_page(request, desk)


def show_page(request: HttpRequest, desk: Desk, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Where they stand decides what they see. `forms`: those that were refused, with what was typed."""
    partner, context = desk.partner, context_of(desk) | {"words": told.words_of(desk.program)}
    context["offer"] = told.offer_of(desk.program)
    if partner and (template := WAITING.get(PartnerStatus(partner.status))):
        return render(request, f"referrals/portal/{template}.html", context)
    if partner is None or partner.status == PartnerStatus.INVITED:
        return _terms(request, desk, context, status)
    if partner.status == PartnerStatus.APPROVED and not partners.accepted(partner):
        return _terms(request, desk, context, status)
    return render(request, "referrals/portal/page.html", context | _at_work(desk, partner) | forms, status=status)


def _terms(request: HttpRequest, desk: Desk, context: dict[str, Any], status: int) -> HttpResponse:
    version = versions.current_terms(desk.program)
    return render(request, "referrals/portal/join.html", context | _read(version), status=status)


def _read(version: Any) -> dict[str, Any]:
    text, language = versions.text_of(version, translation.get_language() or "") if version else ("", "")
    return {"version": version, "terms": versions.as_html(text), "terms_language": language}


def _at_work(desk: Desk, partner: Partner) -> dict[str, Any]:
    code = link_code(partner)
    link = link_of(code) if code else ""
    filled = {"link": link, "code": code.code if code else "", "name": partner.name}
    channels = desk.program.channels or list(Channel)
    version = versions.current_terms(desk.program)
    accepted = {one.terms_id: one for one in partner.acceptances.select_related("terms")}
    return {
        "code": code,
        "link": link,
        "coupons": [one for one in partner.codes.all() if one.kind == CodeKind.COUPON and one.active],
        "pieces": pieces_for(desk.program, desk.language, channels, filled) if code else [],
        "may_mail": Channel.MAIL in channels and bool(code),
        "figures": told.figures_of(partner),
        "brought": told.brought_by(partner),
        "payouts": list(partner.payouts.select_related("batch")[:20]),
        "statement": told.statement(partner),
        "open": is_open(desk.program, timezone.localdate()),
        "paused": partner.status == PartnerStatus.PAUSED,
        "accepted": max(accepted.values(), key=lambda one: one.terms.number, default=None),
        "new_terms": version if version and version.pk not in accepted else None,
        "friend": FriendForm(),
        "payout": PayoutForm(initial={"method": partner.payout_method or "bank", **partner.payout_details}),
    }


@require_safe
def _terms_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The terms in force, to be read and, where they are new, accepted."""
    version = versions.current_terms(desk.program)
    partner = desk.partner
    accepted = partner.acceptances.filter(terms=version).first() if partner and version else None
    context = context_of(desk) | _read(version) | {"accepted": accepted}
    return render(request, "referrals/portal/terms.html", context)


@require_POST
def _accept(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Yes to the version that was shown: one that came out meanwhile is shown first."""
    version = versions.current_terms(desk.program)
    if version is None or request.POST.get("version") != str(version.number) or "accept" not in request.POST:
        messages.error(request, _("Please read the terms, and say that you accept them."))
        return show_page(request, desk, status=422)
    partner = desk.partner
    if partner is None and desk.contact:
        partner = partners.invite(desk.contact, desk.program, by=str(desk.contact))
    if partner is None or partner.status in {PartnerStatus.APPLIED, PartnerStatus.REFUSED}:
        raise Conflict(_("Your application has not been approved."))
    partners.accept_terms(partner, terms=version, language=desk.language)
    messages.success(request, _("Thank you. Here is your link."))
    return redirect(desk.home)


def _agreed(view: Callable[[HttpRequest, Desk], HttpResponse]) -> Callable[[HttpRequest, Desk], HttpResponse]:
    """For those who have accepted the terms in force. A page that was opened under older ones shows what is new."""

    @wraps(view)
    def page(request: HttpRequest, desk: Desk) -> HttpResponse:
        if partners.agrees(takes_part(desk)):
            return view(request, desk)
        sentence = _("Please read the terms, and say that you accept them.")
        if request.method != "POST":
            raise Conflict(sentence, code="terms")
        messages.error(request, sentence)
        return show_page(request, desk, status=409)

    return page


# Passing it on --------------------------------------------------------------------------------------


@require_safe
@_agreed
def _qr(request: HttpRequest, desk: Desk) -> HttpResponse:
    """As a picture of its own address: pages show it, and people save and print it."""
    code = link_code(refers(desk))
    if code is None:
        return HttpResponse(status=404)
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    if "save" in request.GET:
        headers["Content-Disposition"] = 'attachment; filename="qr.svg"'
    return HttpResponse(svg_of(f"{link_of(code)}?c=qr"), content_type="image/svg+xml", headers=headers)


@require_POST
@_agreed
def _invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    partner, form = refers(desk), FriendForm(request.POST)
    if not form.is_valid():
        return show_page(request, desk, status=422, friend=form)
    try:
        invite_friend(partner, form.cleaned_data["email"], form.cleaned_data["words"], language=desk.language)
    except DomainError as error:
        show(error, form)
        return show_page(request, desk, status=error.status, friend=form)
    messages.success(request, _("Your mail to %(email)s is on its way.") % form.cleaned_data)
    return redirect(desk.home)


@require_POST
@_agreed
def _shared(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The link was copied (share.js). Nobody waits for what this answers."""
    note_shared(refers(desk), request.POST.get("channel", ""))
    return HttpResponse(status=204)


@require_POST
@_agreed
def _payout(request: HttpRequest, desk: Desk) -> HttpResponse:
    partner, form = takes_part(desk), PayoutForm(request.POST)
    if not form.is_valid():
        return show_page(request, desk, status=422, payout=form)
    partners.set_payout(partner, form.cleaned_data["method"], form.details(), by=partner.name)
    messages.success(request, _("It is noted: from the next payout on."))
    return redirect(desk.home)


partner_page, contact_page = of_partner(_page)
partner_terms, contact_terms = of_partner(_terms_page)
partner_accept, contact_accept = of_partner(_accept)
partner_qr, contact_qr = of_partner(_qr)
partner_invite, contact_invite = of_partner(_invite)
partner_shared, contact_shared = of_partner(_shared)
partner_payout, contact_payout = of_partner(_payout)
