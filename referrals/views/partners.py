"""Partners as a list, and one of them: what they brought, what they earned, to the last cent."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, csv_file, requires
from referrals.domain import applications, codes, letters, listing, partners, payouts
from referrals.domain.balances import Balances, balance_of, balances_of
from referrals.domain.exactly import in_minor_units
from referrals.domain.exporting import ledger_lines, partner_lines
from referrals.domain.questions import questions_of
from referrals.enums import PartnerStatus
from referrals.forms.staff import AdjustForm, CodeForm, ReasonForm
from referrals.models import Partner
from referrals.views.frame import PARTNER_TONES, done, dressed, tabs
from referrals.views.lists import found_part, page_asked
from referrals.views.programs import show

FOUND = "partners-found"
MOST_REFERRALS = 100


@dataclass(frozen=True)
class Row:
    partner: Partner
    tone: str
    brought: listing.Brought
    balances: Balances


@requires("referral.view")
@require_safe
def partner_list(request: Request) -> HttpResponse:
    asked = listing.Asked.of(request.GET)
    page = page_asked(request, listing.page, asked)
    found = listing.brought_by(page.rows)
    money = balances_of([partner.pk for partner in page.rows])
    context = {
        "asked": asked,
        "page": page,
        "rows": [Row(one, PARTNER_TONES[PartnerStatus(one.status)], found[one.pk], money[one.pk]) for one in page.rows],
        "sorts": SORTS,
        "export": f"{reverse('referrals:partner_export')}{f'?{request.GET.urlencode()}' if request.GET else ''}",
        "swapped": request.htmx.target == FOUND,
    }
    if request.htmx.target == FOUND:
        return found_part(request, "referrals/partners.html", context)
    context |= {"tabs": tabs("partners"), "programs": listing.known_programs(), "states": PartnerStatus.choices}
    return render(request, "referrals/partners.html", context)


SORTS = (
    ("name", lambda: _("Name")),
    ("newest", lambda: _("Newest first")),
    ("earned", lambda: _("Most earned first")),
    ("balance", lambda: _("Largest balance first")),
)


@requires("account.export")
@require_safe
def partner_export(request: Request) -> HttpResponseBase:
    return csv_file("partners", partner_lines(listing.Asked.of(request.GET)))


# One ------------------------------------------------------------------------------------------------


def the_partner(pk: int) -> Partner:
    rows = Partner.objects.select_related("program", "account", "contact__account", "decided_by")
    return get_object_or_404(rows, pk=pk)


@requires("referral.view")
@require_safe
def partner(request: Request, pk: int) -> HttpResponse:
    return _partner(request, the_partner(pk))


def _partner(request: Request, row: Partner, *, status: int = 200, **forms: Any) -> HttpResponse:
    """`forms`: those that were refused, with what was typed."""
    page = page_asked(request, listing.ledger, row)
    asked = {question.key: question.text for question in questions_of(row.program)}
    context = {
        "pager_at": reverse("referrals:partner", args=[row.pk]),
        "partner": row,
        "tone": PARTNER_TONES[PartnerStatus(row.status)],
        "tabs": tabs("partners"),
        "balances": balance_of(row.pk),
        "brought": listing.brought_by([row])[row.pk],
        "codes": list(row.codes.all()),
        "referrals": _referrals(row),
        "pauses": list(row.pauses.order_by("-since")),
        "acceptances": list(row.acceptances.select_related("terms").order_by("-accepted_at")),
        "answers": [(asked.get(key, key), value) for key, value in row.answers.items()],
        "page": page,
        "adjust": AdjustForm(),
        "last_entry": payouts.last_entry(row.pk),
        "reason": ReasonForm(),
        "code": CodeForm(program=row.program),
        **forms,
    }
    return render(request, "referrals/partner.html", context, status=status)


def _referrals(row: Partner) -> list[Any]:
    return dressed(row.referrals.select_related("account").order_by("-signed_up_at", "-pk")[:MOST_REFERRALS])


@requires("account.export")
@require_safe
def ledger_export(request: Request, pk: int) -> HttpResponseBase:
    row = the_partner(pk)
    return csv_file(f"ledger-{row.pk}", ledger_lines(row))


# Deciding about one ---------------------------------------------------------------------------------


@requires("partner.manage")
@require_POST
def approve(request: Request, pk: int) -> HttpResponse:
    row = the_partner(pk)
    applications.take(row, by=request.user)
    return done(request, _("%(name)s is in, and has a mail with the way to their page.") % {"name": row}, *_to(row))


@requires("partner.manage")
@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    row = the_partner(pk)
    partners.resume(row, by=request.user)
    return done(request, _("%(name)s is back.") % {"name": row}, *_to(row))


@requires("partner.manage")
@require_POST
def refuse(request: Request, pk: int) -> HttpResponse:
    return _with_reason(request, pk, applications.turn_down, _("%(name)s is refused, and has a mail that says why."))


@requires("partner.manage")
@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    return _with_reason(request, pk, partners.pause, _("%(name)s rests: their links bring nobody until they are back."))


def _with_reason(request: Request, pk: int, verb: Any, sentence: str) -> HttpResponse:
    row, form = the_partner(pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            verb(row, form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            show(error, form)
        else:
            return done(request, sentence % {"name": row}, *_to(row))
    return _partner(request, the_partner(pk), status=422, reason=form)


def _to(row: Partner) -> tuple[Any, ...]:
    return "referrals:partner", row.pk


@requires("partner.manage")
@require_POST
def adjust(request: Request, pk: int) -> HttpResponse:
    row, form = the_partner(pk), AdjustForm(request.POST)
    if not form.is_valid():
        return _partner(request, row, status=422, adjust=form)
    try:
        amount = in_minor_units(form.cleaned_data["amount"], row.program.currency)
        payouts.adjust(row.pk, amount, form.cleaned_data["note"], seen=_seen(request), by=request.user)
    except DomainError as error:
        show(error, form)
        return _partner(request, row, status=error.status, adjust=form)
    return done(request, _("The balance is adjusted."), *_to(row))


def _seen(request: Request) -> int | None:
    """The last entry that the page showed."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@requires("partner.manage")
@require_POST
def code_add(request: Request, pk: int) -> HttpResponse:
    row = the_partner(pk)
    form = CodeForm(request.POST, program=row.program)
    if form.is_valid():
        try:
            made = codes.add_code(row, by=request.user, **form.cleaned_data)
        except DomainError as error:
            show(error, form)
        else:
            return done(request, _("%(code)s works from now on.") % {"code": made}, *_to(row))
    return _partner(request, row, status=422, code=form)


@requires("partner.manage")
@require_POST
def code_switch(request: Request, pk: int, code: int) -> HttpResponse:
    row = the_partner(pk)
    one = get_object_or_404(row.codes, pk=code)
    codes.switch_code(one, active=not one.active, by=request.user)
    text = _("%(code)s works again.") if one.active else _("%(code)s brings nobody any more.")
    return done(request, text % {"code": one}, *_to(row))


@requires("partner.manage")
@require_POST
def send_page(request: Request, pk: int) -> HttpResponse:
    """The way to their page once more; with another address, where the old one should stop working."""
    row = the_partner(pk)
    if "new" in request.POST:
        partners.new_address(row, by=request.user)
    letters.write_page(row)
    return done(request, _("A mail with the way to their page goes to %(email)s.") % {"email": row.email}, *_to(row))
