"""Settings: the surveys there are, and how far each has come."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.exceptions import DomainError
from accounts.http import Request, requires
from health.domain.surveys import campaign
from health.domain.surveys.campaign import Progress
from health.domain.surveys.triggers import TRIGGERS
from health.enums import SurveyStatus
from health.forms.campaigns import NewSurveyForm
from health.models import Survey

TONES = {
    SurveyStatus.DRAFT: "tone-yellow",
    SurveyStatus.RUNNING: "tone-green",
    SurveyStatus.PAUSED: "tone-grey",
    SurveyStatus.ENDED: "tone-grey",
}


@dataclass(frozen=True)
class Row:
    survey: Survey
    tone: str
    trigger: Any
    progress: Progress


@requires("survey.manage")
@require_safe
def survey_list(request: Request) -> HttpResponse:
    found = sorted(Survey.objects.all(), key=lambda survey: ORDER.index(SurveyStatus(survey.status)))
    progress = campaign.progress_of(found)
    rows = [Row(one, tone_of(one), TRIGGERS.get(one.trigger, ""), progress[one.pk]) for one in found]
    return render(request, "health/surveys/list.html", {"rows": rows})


ORDER = [SurveyStatus.RUNNING, SurveyStatus.PAUSED, SurveyStatus.DRAFT, SurveyStatus.ENDED]


def tone_of(survey: Survey) -> str:
    return TONES[SurveyStatus(survey.status)]


@requires("survey.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def survey_add(request: Request) -> HttpResponse:
    form = NewSurveyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            survey = campaign.save_survey(form.survey(), by=request.user)
        except DomainError as error:
            show(error, form)
        else:
            messages.success(request, _("%(name)s is a draft: nobody is asked until you start it.") % {"name": survey})
            return redirect("health:survey_edit", survey.pk)
    status = 422 if form.is_bound else 200
    return render(request, "health/surveys/add.html", {"form": form}, status=status)


def show(error: DomainError, form: Any) -> None:
    """Each sentence at its field, where the form has it."""
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, [str(sentence) for sentence in sentences])
