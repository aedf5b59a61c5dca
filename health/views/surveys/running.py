"""Settings: who gets a survey and who does not, starting it, how far it has come, ending it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import keyset
from accounts.domain.keyset import BadPositionError, Order
from accounts.http import Request, requires
from health.domain.surveys import audience, campaign
from health.domain.surveys.campaign import Progress
from health.domain.surveys.triggers import TRIGGERS
from health.domain.surveys.wording import languages_of
from health.enums import InviteStatus, SkipReason, SurveyStatus
from health.models import Invite, Survey
from health.views.surveys.editing import the_survey
from health.views.surveys.listing import tone_of

BY_NUMBER = Order("pk")


@dataclass(frozen=True)
class Pile:
    """Some of the people: how many, and how to see their names."""

    title: Any
    count: int
    query: str
    current: bool


@requires("survey.manage")
@require_safe
def survey_people(request: Request, pk: int) -> HttpResponse:
    """Of a draft, who would get it; later, who got it, and why others did not."""
    survey = the_survey(pk)
    if survey.status == SurveyStatus.DRAFT:
        return _would_get(request, survey)
    return _got(request, survey)


# Before the start -------------------------------------------------------------------------------------------


def _would_get(request: Request, survey: Survey) -> HttpResponse:
    reason = request.GET.get("reason", "")
    reason = reason if reason in SkipReason.values else ""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    found = audience.Preview() if survey.trigger else audience.preview(survey, reason=reason, page=number)
    skipped = [Pile(SkipReason(key).label, n, f"reason={key}", key == reason) for key, n in found.skipped.items()]
    context = {
        "survey": survey,
        "tone": tone_of(survey),
        "trigger": TRIGGERS.get(survey.trigger, ""),
        "found": found,
        "spoken": _language_name(survey) if found.foreign else "",
        "asked": Pile(_("Would get it"), found.asked, "", not reason),
        "skipped": skipped,
        "reason": SkipReason(reason).label if reason else "",
        "reason_key": reason,
    }
    return render(request, "health/surveys/audience.html", context)


def _language_name(survey: Survey) -> str:
    """The one that those get for whom it has no words of their own."""
    code = languages_of(survey)[0]
    return str(dict(settings.LANGUAGES).get(code, code))


@requires("survey.manage")
@require_POST
def survey_start(request: Request, pk: int) -> HttpResponse:
    survey = campaign.start(the_survey(pk), by=request.user)
    if survey.trigger:
        messages.success(request, _("%(name)s runs: it asks whenever that happens.") % {"name": survey.name})
        return redirect("health:survey_edit", pk)
    count = campaign.progress(survey).to_ask
    sentence = ngettext(
        "%(name)s has started: %(n)s person will be asked.", "%(name)s has started: %(n)s people will be asked.", count
    )
    messages.success(request, sentence % {"name": survey.name, "n": count})
    return redirect("health:survey_edit", pk)


# Afterwards -------------------------------------------------------------------------------------------------

ANSWERED, QUEUED, SENT, BOUNCED = "answered", InviteStatus.QUEUED, InviteStatus.SENT, InviteStatus.BOUNCED
PILES = {
    ANSWERED: gettext_lazy("Have answered"),
    SENT: gettext_lazy("Have not answered"),
    QUEUED: gettext_lazy("Waiting"),
    BOUNCED: gettext_lazy("Bounced"),
}


def _got(request: Request, survey: Survey) -> HttpResponse:
    progress = campaign.progress(survey)
    shown = request.GET.get("shown", "")
    shown = shown if shown in PILES or shown in SkipReason.values else ANSWERED
    counts = {
        ANSWERED: progress.rates.answered,
        SENT: max(0, progress.rates.delivered - progress.rates.answered),
        QUEUED: progress.queued + progress.outbox,
        BOUNCED: progress.rates.bounced,
    }
    piles = [Pile(title, counts[key], f"shown={key}", key == shown) for key, title in PILES.items()]
    skipped = [Pile(SkipReason(key).label, n, f"shown={key}", key == shown) for key, n in progress.skipped.items()]
    context = {
        "survey": survey,
        "tone": tone_of(survey),
        "progress": progress,
        "piles": piles,
        "skipped": skipped,
        "shown": PILES.get(shown) or SkipReason(shown).label,
        "page": _invites(request, survey, shown),
    }
    return render(request, "health/surveys/people.html", context)


def _invites(request: Request, survey: Survey, shown: str) -> keyset.Page:
    rows = _pile(survey, shown).select_related("contact", "account", "answer")
    column = Invite._meta.pk
    after, before = request.GET.get("after"), request.GET.get("before")
    try:
        start = keyset.read_position(after, column) if after else None
        end = keyset.read_position(before, column) if before else None
    except BadPositionError:  # a damaged address begins at the beginning
        start = end = None
    return keyset.page(rows, BY_NUMBER, after=start, before=end, size=50, at=lambda row: (row.pk, row.pk))


def _pile(survey: Survey, shown: str) -> QuerySet[Invite]:
    rows = Invite.objects.filter(survey=survey)
    if shown in SkipReason.values:
        return rows.filter(status=InviteStatus.SKIPPED, skip_reason=shown)
    if shown == ANSWERED:
        return rows.filter(answer__isnull=False)
    return rows.filter(status=shown, answer__isnull=True)


@requires("survey.manage")
@require_safe
def survey_progress(request: Request, pk: int) -> HttpResponse:
    survey = the_survey(pk)
    return render(request, "health/surveys/progress.html", progress_context(survey, campaign.progress(survey)))


def progress_context(survey: Survey, progress: Progress) -> dict[str, Any]:
    return {"survey": survey, "progress": progress}


@requires("survey.manage")
@require_POST
def survey_pause(request: Request, pk: int) -> HttpResponse:
    survey = campaign.pause(the_survey(pk), by=request.user)
    messages.success(request, _("%(name)s pauses. Who waits, waits on.") % {"name": survey.name})
    return redirect("health:survey_edit", pk)


@requires("survey.manage")
@require_POST
def survey_resume(request: Request, pk: int) -> HttpResponse:
    survey = campaign.resume(the_survey(pk), by=request.user)
    messages.success(request, _("%(name)s goes on.") % {"name": survey.name})
    return redirect("health:survey_edit", pk)


@requires("survey.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def survey_end(request: Request, pk: int) -> HttpResponse:
    """Asks first, and says what becomes of those who wait."""
    survey = the_survey(pk)
    if request.method == "POST":
        campaign.end(survey, by=request.user)
        messages.success(request, _("%(name)s has ended.") % {"name": survey.name})
        return redirect("health:survey_edit", pk)
    context = {"survey": survey, "tone": tone_of(survey), "progress": campaign.progress(survey)}
    return render(request, "health/surveys/end.html", context)
