"""Settings: one survey. Its words with what they look like, whom it asks, and how often."""

from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.mails import Letter
from accounts.domain.mails.rendering import words_of as rendered
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from health.domain.surveys import campaign
from health.domain.surveys.wording import PLACEHOLDERS, known_language, letter_context, words_of
from health.enums import SurveyStatus
from health.forms.campaigns import SurveyForm
from health.forms.surveys import AnswerForm
from health.models import Survey
from health.views.surveys.answering import form_context
from health.views.surveys.listing import show, tone_of

# Whom the preview speaks to.
SOMEBODY = {"contact": "Kim Park", "account": "Acme"}

# The mail may be looked at in a frame of ours, and nothing else.
FRAMED = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": ["'self'"]}


def the_survey(pk: int) -> Survey:
    return get_object_or_404(Survey, pk=pk)


@requires("survey.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request: Request, pk: int) -> HttpResponse:
    survey = the_survey(pk)
    form = SurveyForm(request.POST if request.method == "POST" else None, survey=survey)
    status = 200
    if request.method == "POST":
        status = _save(request, form)
        if status == 200:
            return redirect("health:survey_edit", pk)
        survey = the_survey(pk)  # what is stored, not what was refused
    return render(request, "health/surveys/edit.html", _context(request, survey, form), status=status)


def _save(request: Request, form: SurveyForm) -> int:
    if not form.is_valid():
        return 422
    try:
        survey = campaign.save_survey(form.apply(), by=request.user, segments=form.changed.get("segments"))
    except DomainError as error:
        show(error, form)
        return error.status
    messages.success(request, _("%(name)s is saved.") % {"name": survey.name})
    return 200


def _context(request: Request, survey: Survey, form: SurveyForm) -> dict[str, Any]:
    language = known_language(request.GET.get("in", "") or request.POST.get("in", ""))
    return {
        "survey": survey,
        "form": form,
        "tone": tone_of(survey),
        "is_draft": survey.status == SurveyStatus.DRAFT,
        "is_live": survey.status in {SurveyStatus.RUNNING, SurveyStatus.PAUSED},
        "placeholders": PLACEHOLDERS.items(),
        "progress": campaign.progress(survey),
        "audience": [form[name] for name in ("segments", "stages", "roles")],
        "gates": [form[name] for name in GATES],
        **_preview(survey, language),
    }


GATES = ("min_account_days", "recontact_days", "sample_percent", "per_day", "remind_after_days")


def _preview(survey: Survey, language: str) -> dict[str, Any]:
    """The page in one of the languages, with the words that `survey` has at the moment."""
    with translation.override(language):
        form = AnswerForm(kind=survey.kind)
        context = form_context(survey.kind, form)
        context["choices"] = [(value, str(label)) for value, label in context["choices"]]
    return {
        "preview": True,
        "preview_language": language,
        "languages": settings.LANGUAGES,
        "words": words_of(survey, language, **SOMEBODY),
        "preview_form": context,
    }


@requires("survey.manage")
@require_POST
def survey_preview(request: Request, pk: int) -> HttpResponse:
    """How the page would look with what is typed, before it is saved."""
    survey = the_survey(pk)
    survey.texts = SurveyForm(request.POST, survey=survey).texts()
    language = known_language(request.POST.get("in", ""))
    return render(request, "health/surveys/preview.html", {"survey": survey, **_preview(survey, language)})


@requires("survey.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
@csp(FRAMED)  # type: ignore[arg-type]  # takes more than a request
def survey_mail(request: Request, pk: int) -> HttpResponse:
    """The mail as it goes out, for a frame of the editor: mails carry their styles in themselves, and this one may do
    nothing but be looked at. Posted, with what is typed."""
    survey = the_survey(pk)
    if request.method == "POST":
        survey.texts = SurveyForm(request.POST, survey=survey).texts()
    language = known_language((request.POST or request.GET).get("in", ""))
    words = words_of(survey, language, **SOMEBODY)
    letter = Letter(
        kind="survey.invite",
        key="preview",
        language=language,
        template="survey_invite",
        context=letter_context(survey, words, "#"),
    )
    return HttpResponse(rendered(letter, "#").html)


@requires("survey.manage")
@require_POST
def survey_copy(request: Request, pk: int) -> HttpResponse:
    copied = campaign.copy_survey(the_survey(pk), by=request.user)
    messages.success(request, _("%(name)s is a draft: nobody is asked until you start it.") % {"name": copied})
    return redirect("health:survey_edit", copied.pk)


@requires("survey.manage")
@require_POST
def survey_delete(request: Request, pk: int) -> HttpResponse:
    survey = the_survey(pk)
    campaign.delete_draft(survey, by=request.user)
    messages.success(request, _("%(name)s is deleted.") % {"name": survey.name})
    return redirect("health:surveys")
