"""Settings: a program's terms in their versions, what partners pass on, and what applicants are asked."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, posted, requires
from accounts.visitors import public_page
from referrals.domain import terms as versions
from referrals.domain.materials import delete_material, save_material
from referrals.domain.questions import save_questions
from referrals.enums import ProgramStatus
from referrals.forms.materials import MaterialForm, QuestionFormSet, initial_of
from referrals.forms.programs import TermsForm
from referrals.models import Material, ProgramTerms
from referrals.views.programs import frame, show, the_program

METHODS = ["GET", "HEAD", "POST"]
DAY = 24 * 60 * 60


# Terms ----------------------------------------------------------------------------------------------


@requires("program.manage")
@require_http_methods(METHODS)
def terms(request: Request, pk: int) -> HttpResponse:
    """The versions there are, and the next one, begun from the latest."""
    program = the_program(pk)
    held = list(program.terms.select_related("published_by"))
    form = TermsForm(posted(request), initial=_begun_from(held[0] if held else None))
    if request.method == "POST" and form.is_valid():
        try:
            new = versions.publish_terms(program, form.texts(), form.cleaned_data["valid_from"], by=request.user)
        except DomainError as error:
            show(error, form)
        else:
            messages.success(request, _("Version %(number)s is published.") % {"number": new.number})
            return redirect("referrals:program_terms", program.pk)
    context = {"program": program, "form": form, "versions": held, **frame(program)}
    return render(request, "referrals/settings/terms.html", context, status=422 if form.is_bound else 200)


def _begun_from(latest: ProgramTerms | None) -> dict[str, Any]:
    texts = {f"text_{code}": text for code, text in latest.texts.items()} if latest else {}
    return {"valid_from": timezone.localdate(), **texts}


@requires("program.manage")
@require_safe
def terms_version(request: Request, pk: int, number: int) -> HttpResponse:
    """As partners read it."""
    program = the_program(pk)
    version = get_object_or_404(program.terms, number=number)
    text, language = versions.text_of(version, get_language() or "")
    context = {
        "program": program,
        "version": version,
        "text": versions.as_html(text),
        "text_language": language,
        "accepted": version.acceptances.count(),
        **frame(program),
    }
    return render(request, "referrals/settings/terms_version.html", context)


# Material -------------------------------------------------------------------------------------------


@requires("program.manage")
@require_safe
def material_list(request: Request, pk: int) -> HttpResponse:
    program = the_program(pk)
    rows = program.materials.defer("image")
    return render(request, "referrals/settings/material.html", {"program": program, "rows": rows, **frame(program)})


@requires("program.manage")
@require_http_methods(METHODS)
def material_add(request: Request, pk: int) -> HttpResponse:
    return _material(request, Material(program=the_program(pk), language=get_language() or "en"))


@requires("program.manage")
@require_http_methods(METHODS)
def material_edit(request: Request, pk: int) -> HttpResponse:
    return _material(request, get_object_or_404(Material.objects.select_related("program"), pk=pk))


def _material(request: Request, material: Material) -> HttpResponse:
    posted = request.method == "POST"
    program = material.program
    form = MaterialForm(request.POST if posted else None, request.FILES if posted else None, material=material)
    if posted and form.is_valid():
        try:
            saved = save_material(form.apply(), image=form.picture(), by=request.user)
        except DomainError as error:
            show(error, form)
        else:
            messages.success(request, _("%(title)s is saved.") % {"title": saved.title})
            return redirect("referrals:program_material", program.pk)
    context = {"program": program, "material": material, "form": form, **frame(program)}
    return render(request, "referrals/settings/material_edit.html", context, status=422 if posted else 200)


@requires("program.manage")
@require_POST
def material_delete(request: Request, pk: int) -> HttpResponse:
    material = get_object_or_404(Material.objects.select_related("program"), pk=pk)
    delete_material(material, by=request.user)
    messages.success(request, _("%(title)s is gone.") % {"title": material.title})
    return redirect("referrals:program_material", material.program_id)


@public_page
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """For partners' pages, and for wherever they show it: of what is in it we know that it is a picture. Before a
    program is public the team alone sees it, as its number can be guessed."""
    columns = ("image", "image_type", "program__status")
    image, kind, status = Material.objects.filter(pk=pk).values_list(*columns).first() or (None, "", "")
    draft = status == ProgramStatus.DRAFT
    if image is None or (draft and not request.user.is_authenticated):
        return HttpResponse(status=404)
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private" if draft else f"public, max-age={DAY}",
    }
    return HttpResponse(bytes(image), content_type=kind, headers=headers)


# Questions ------------------------------------------------------------------------------------------


@requires("program.manage")
@require_http_methods(METHODS)
def questions(request: Request, pk: int) -> HttpResponse:
    program = the_program(pk)
    rows: Any = QuestionFormSet(posted(request), initial=initial_of(program.questions), prefix="questions")
    refusal = ""
    if request.method == "POST" and rows.is_valid():
        try:
            if rows.are_touched:
                save_questions(program, rows.rows(), by=request.user)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, _("The questions are saved."))
            return redirect("referrals:program_questions", program.pk)
    context = {"program": program, "rows": rows, "refusal": refusal, **frame(program)}
    status = 422 if request.method == "POST" else 200
    return render(request, "referrals/settings/questions.html", context, status=status)
