"""Settings: the programs, and one of them with an example of what it would cost."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, requires
from referrals.domain import programs
from referrals.domain.example import Example, worked_out
from referrals.domain.terms import current_terms
from referrals.enums import PartnerStatus, ProgramStatus
from referrals.forms.programs import ExampleForm, ProgramForm
from referrals.models import Program

TONES = {
    ProgramStatus.DRAFT: "yellow",
    ProgramStatus.RUNNING: "green",
    ProgramStatus.PAUSED: "grey",
    ProgramStatus.ENDED: "grey",
}
ORDER = [ProgramStatus.RUNNING, ProgramStatus.PAUSED, ProgramStatus.DRAFT, ProgramStatus.ENDED]
WHO = ("invites_promoters", "min_band", "open_to_apply", "approves_itself")
GROUPS = {
    "commission": ("commission", "rate", "amount", "months", "tiers", "tier_mode", "cap_customer", "cap_month"),
    "attribution": ("attribution", "window_days", "dedupe_hours", "leak_sales", "leak_percent"),
    "money": ("hold_days", "clawback_days", "min_payout", "needs_onboarding"),
    "referrer": ("referrer_gets", "referrer_amount", "referrer_percent", "referrer_months"),
    "friend": ("friend_gets", "friend_amount", "friend_percent", "friend_months"),
}


def the_program(pk: int) -> Program:
    return get_object_or_404(Program, pk=pk)


@requires("program.manage")
@require_safe
def program_list(request: Request) -> HttpResponse:
    approved = Count("partners", filter=Q(partners__status=PartnerStatus.APPROVED))
    applied = Count("partners", filter=Q(partners__status=PartnerStatus.APPLIED))
    found = Program.objects.annotate(approved=approved, applied=applied)
    rows = sorted(found, key=lambda one: ORDER.index(ProgramStatus(one.status)))
    for row in rows:
        row.tone = TONES[ProgramStatus(row.status)]  # type: ignore[attr-defined]  # for the template
    return render(request, "referrals/settings/programs.html", {"rows": rows})


@requires("program.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def program_add(request: Request) -> HttpResponse:
    return _edit(request, Program(currency=settings.REPORTING_CURRENCY))


@requires("program.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def program_edit(request: Request, pk: int) -> HttpResponse:
    return _edit(request, the_program(pk))


def _edit(request: Request, program: Program) -> HttpResponse:
    """The button for the example shows it with what is typed, and saves nothing."""
    posted = request.method == "POST"
    form = ProgramForm(request.POST if posted else None, program=program)
    status = 200
    if posted and "example" not in request.POST:
        status = 422
        if form.is_valid() and (saved := _save(request, form)):
            return redirect("referrals:program", saved.pk)
    kept = Program.objects.filter(pk=program.pk).first() or program  # what is stored, not what was refused
    context = {
        "program": kept,
        "form": form,
        "who": [form[name] for name in WHO],
        **{name: [form[field] for field in fields] for name, fields in GROUPS.items()},
        **frame(kept),
        **_example(request, form),
    }
    return render(request, "referrals/settings/program.html", context, status=status)


def _save(request: Request, form: ProgramForm) -> Program | None:
    try:
        program = programs.save_program(form.apply(), by=request.user)
    except DomainError as error:
        show(error, form)
        return None
    messages.success(request, _("%(name)s is saved.") % {"name": program})
    return program


def show(error: DomainError, form: Any) -> None:
    """Each sentence at its field, where the form has it."""
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])


def frame(program: Program) -> dict[str, Any]:
    """What all pages of one program show."""
    return {
        "tone": TONES[ProgramStatus(program.status)],
        "terms": current_terms(program) if program.pk else None,
        "may_open": program.status in programs.OPENED,
        "may_pause": program.status in programs.PAUSED,
        "may_end": program.status in programs.ENDED,
    }


# The example ----------------------------------------------------------------------------------------


@requires("program.manage")
@require_POST
def program_example(request: Request) -> HttpResponse:
    """What is typed, worked out; nothing is saved."""
    number = _number(request.POST.get("program", ""))
    kept = Program.objects.filter(pk=number).first() if number else None
    form = ProgramForm(request.POST, program=kept or Program(currency=settings.REPORTING_CURRENCY))
    return render(request, "referrals/settings/example.html", _example(request, form))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _example(request: Request, form: ProgramForm) -> dict[str, Any]:
    form.is_valid()  # whatever is typed rightly counts
    program = form.apply() if form.is_bound else form.program
    asked = ExampleForm(request.POST if "payment" in request.POST else None, currency=program.currency)
    given = asked.cleaned_data if asked.is_bound and asked.is_valid() else {}
    return {"example_form": asked, "example": _worked_out(program, given), "currency": program.currency}


def _worked_out(program: Program, given: dict[str, Any]) -> Example | None:
    """None while something is typed that nobody could reckon with."""
    try:
        return worked_out(program, given.get("payment", 100), given.get("customers", 5))
    except (DomainError, ArithmeticError, ValueError):
        return None


# From one state to the next -------------------------------------------------------------------------

ACTIONS = {
    "open": (programs.open_program, lambda: _("%(name)s is open: its links lead to your pages.")),
    "pause": (programs.pause_program, lambda: _("%(name)s rests. Who was brought before goes on earning.")),
    "end": (programs.end_program, lambda: _("%(name)s has ended. What was earned is paid out as promised.")),
}


@requires("program.manage")
@require_POST
def program_act(request: Request, pk: int, verb: str) -> HttpResponse:
    program = the_program(pk)
    act, text = ACTIONS[verb]
    act(program, by=request.user)
    messages.success(request, text() % {"name": program})
    return redirect("referrals:program", program.pk)


@requires("program.manage")
@require_POST
def program_delete(request: Request, pk: int) -> HttpResponse:
    program = the_program(pk)
    programs.delete_draft(program, by=request.user)
    messages.success(request, _("%(name)s is gone.") % {"name": program})
    return redirect("referrals:programs")
