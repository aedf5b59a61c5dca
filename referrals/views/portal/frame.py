"""Partners' pages: whose they are, at which address, in which language. A contact's are a part of the customer's
portal, an affiliate's have a personal link of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from accounts.domain.languages import supported
from accounts.domain.links import gone, key_in
from accounts.models import Contact, ContactLink
from accounts.visitors import LANGUAGE_COOKIE, address_of_visitor, language_of, public_page, visitor
from referrals.domain import traces
from referrals.domain.desk import programs_for
from referrals.domain.letters import PURPOSE
from referrals.enums import PartnerStatus
from referrals.models import Partner, Program

SEEN_EVERY = timedelta(hours=1)
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Desk:
    """`partner` is None for a contact who may join and has not."""

    program: Program
    partner: Partner | None
    token: str
    contact: Contact | None = None

    @property
    def home(self) -> str:
        if self.contact:
            return reverse("referrals:contact_page", args=[self.token, self.program.slug])
        return reverse("referrals:partner_page", args=[self.token])

    @property
    def language(self) -> str:
        return translation.get_language() or ""


def of_partner(view: View) -> tuple[View, View]:
    """`view(request, desk)` at both addresses: /p/<token>/… and /c/<token>/refer/<slug>/…."""
    return _by_own_link(view), _by_portal(view)


def _by_own_link(view: View) -> View:
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        desk = Desk(program=(partner := _partner(token)).program, partner=partner, token=token)
        _seen(request, partner)
        with translation.override(_language(request, partner)):
            response = view(request, desk)
            response.headers.setdefault("Content-Language", translation.get_language())
            return response

    return public_page(page)


def _partner(token: str) -> Partner:
    key = key_in(token, PURPOSE)
    rows = Partner.objects.select_related("program", "contact__account").prefetch_related("codes")
    partner = rows.filter(key=key).first() if key else None
    if partner is None:
        raise gone(404)
    return partner


def _language(request: HttpRequest, partner: Partner) -> str:
    chosen = (request.GET.get("lang", ""), request.COOKIES.get(LANGUAGE_COOKIE, ""), partner.language)
    return next(filter(None, map(supported, chosen)), "") or language_of(request)


def _by_portal(view: View) -> View:
    @visitor("portal")
    @wraps(view)
    def page(request: HttpRequest, link: ContactLink, slug: str) -> HttpResponse:
        program = next((one for one in programs_for(link.contact) if one.slug == slug), None)
        if program is None:
            raise gone(404)
        rows = Partner.objects.select_related("program", "contact__account").prefetch_related("codes")
        partner = rows.filter(program=program, contact=link.contact).first()
        if partner:
            _seen(request, partner)
        token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
        return view(request, Desk(program, partner, token, link.contact))

    return page


def _seen(request: HttpRequest, partner: Partner) -> None:
    """When they were last here, and from where, as a hash: referrals of oneself come from the same place."""
    now = timezone.now()
    if request.method == "HEAD" or (partner.last_seen_at and partner.last_seen_at > now - SEEN_EVERY):
        return
    Partner.objects.filter(pk=partner.pk).update(last_seen_at=now)
    if (address := address_of_visitor(request)) != "unknown":
        traces.note(partner, ip=address)


def takes_part(desk: Desk) -> Partner:
    """Who is in, also while they rest: their money is theirs. Everybody else has nothing to do here yet."""
    if desk.partner is None or desk.partner.status not in {PartnerStatus.APPROVED, PartnerStatus.PAUSED}:
        raise gone(404)
    return desk.partner


def refers(desk: Desk) -> Partner:
    partner = takes_part(desk)
    if partner.status != PartnerStatus.APPROVED:
        raise gone(410)
    return partner


def context_of(desk: Desk) -> dict[str, Any]:
    return {"desk": desk, "program": desk.program, "partner": desk.partner, "home": desk.home, "token": desk.token}
