"""Affiliates apply, and people who were written to say that they want no more of it. Both without a sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain.languages import supported
from accounts.domain.links import gone
from accounts.domain.optouts import opt_in, opt_out
from accounts.exceptions import DomainError
from accounts.models import OptOut
from accounts.visitors import public_page
from referrals.domain import applications
from referrals.domain.desk import offer_of, words_of
from referrals.domain.letters import email_in
from referrals.domain.questions import questions_of
from referrals.enums import ProgramStatus
from referrals.forms.portal import TRAP, ApplicationForm
from referrals.models import Program
from referrals.views.limits import too_many

MOST_AN_HOUR = 10
METHODS = ["GET", "HEAD", "POST"]


@public_page
@require_http_methods(METHODS)
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    program = _taking(slug)
    form = ApplicationForm(request.POST if request.method == "POST" else None, questions=questions_of(program))
    status = 200
    if request.method == "POST":
        if wait := too_many(request, "apply", MOST_AN_HOUR):
            response = render(request, "visitors/slow.html", {"wait": wait}, status=429)
            response["Retry-After"] = str(wait)
            return response
        if form.trapped or (form.is_valid() and _received(program, form)):
            return redirect("referrals:applied", program.slug)
        status = 422
    context = {"program": program, "form": form, "words": words_of(program), "offer": offer_of(program), "trap": TRAP}
    return render(request, "referrals/portal/apply.html", context, status=status)


def _taking(slug: str) -> Program:
    program = Program.objects.filter(slug=slug).exclude(status=ProgramStatus.DRAFT).first()
    if program is None or not program.open_to_apply:
        raise gone(404)
    if program.status != ProgramStatus.RUNNING:
        raise gone(410)
    return program


def _received(program: Program, form: ApplicationForm) -> bool:
    given = {name: form.cleaned_data[name] for name in ("name", "email", "company", "website")}
    language = supported(get_language() or "")
    try:
        applications.receive(program, answers=form.answers(), language=language, **given)
    except DomainError as error:
        for name, sentences in (error.errors or {"": [str(error)]}).items():
            field = next((one for one in (name, f"q_{name}") if one in form.fields), None)
            form.add_error(field, [str(sentence) for sentence in sentences])
        return False
    return True


@public_page
@require_safe
def applied(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for everybody, also for those who were known."""
    return render(request, "referrals/portal/applied.html", {"program": _taking(slug)})


# Mail programs post here by themselves (RFC 8058): they have seen no page and carry no token of a form. Nobody else can
# make them: the address itself is the secret.
@csrf_exempt
@public_page
@require_http_methods(METHODS)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever was written to by a partner, and is no contact of ours: GET asks, POST acts."""
    address = email_in(token)
    if not address:
        raise gone(404)
    if request.method == "POST" and "again" in request.POST:
        opt_in(address)
    elif request.method == "POST":
        opt_out(address, how="referred")
    context = {"address": address, "posted": request.method == "POST"}
    context["out"] = OptOut.objects.filter(address=address).exists()
    return render(request, "visitors/unsubscribe.html", context)
