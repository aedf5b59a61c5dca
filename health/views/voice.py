"""The voice of the customers: what they answered, how sure one can be of it, and what was done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.domain.followups.endings import endings_of
from accounts.domain.keyset import BadPositionError, Page
from accounts.enums import ChurnReason, FollowUpStatus
from accounts.http import Request, csv_file, requires
from accounts.models import FollowUp
from health.domain.surveys import comments, figures
from health.domain.surveys.export import csv_lines
from health.domain.surveys.followed import follow_ups_of
from health.domain.surveys.wording import STEPS
from health.enums import NpsGroup, SurveyKind
from health.forms.voice import DAYS, PEOPLE, PERIODS, VoiceForm
from health.models import Answer
from health.views import voice_charts as drawn

COMMENTS = "voice-comments"  # the part of the page that htmx replaces
TONES = {NpsGroup.DETRACTOR: "red", NpsGroup.PASSIVE: "yellow", NpsGroup.PROMOTER: "green"}
CSAT_TONES = {1: "red", 2: "red", 3: "yellow", 4: "green", 5: "green"}


@dataclass(frozen=True)
class Said:
    """An answer as a line of the list."""

    answer: Answer
    tone: str
    word: Any
    follow_up: FollowUp | None
    state: Any  # of the follow-up


@requires("voice.view")
@require_safe
def voice(request: Request) -> HttpResponse:
    form = VoiceForm(request.GET, request.user)
    page, lost = _comments(form, request.GET)
    context: dict[str, Any] = {
        "form": form,
        "kind": form.about,
        "period": form.days,
        "page": page,
        "lost": lost,
        "said": said(page.rows),
        "last_day": form.days.until - timedelta(days=1),
        "searched": any(form.comments[name] for name in ("q", "group", "language")),
        "comment_filters": form.bound(*form.of_comments),
        "kept": form.kept(*DAYS, *PEOPLE),
    }
    status = 422 if form.errors else 200
    if request.htmx.target == COMMENTS:
        response = render(request, "health/voice/page.html#comments", context, status=status)
        response["HX-Push-Url"] = request.get_full_path()
        return response
    context |= _figures(form, request.GET) | {
        "kinds": _tabs(request.GET, form),
        "periods": _periods(request.GET, form),
        "filters": form.bound(*PEOPLE),
        "kept_comments": form.kept("q", *form.of_comments),
        "export": _address("health:voice_export", request.GET),
    }
    return render(request, "health/voice/page.html", context, status=status)


def _comments(form: VoiceForm, where: QueryDict) -> tuple[Page, bool]:
    """The page asked for; the first one, and True, where its address is damaged."""
    asked: dict[str, Any] = {**form.comments, "shown": form.listed}
    after, before = where.get("after", ""), where.get("before", "")
    try:
        return comments.page(form.days, form.filters, after=after, before=before, **asked), False
    except BadPositionError:
        return comments.page(form.days, form.filters, **asked), True


def said(answers: list[Answer]) -> list[Said]:
    followed = follow_ups_of(answers)
    states = _states(followed.values())
    return [
        Said(answer, *_tone(answer), one := followed.get(answer.pk), states[one.pk] if one else "")
        for answer in answers
    ]


def _states(rows: Iterable[FollowUp]) -> dict[int, Any]:
    """By follow-up; of canceled ones it says who did it, or that they closed by themselves."""
    found = {row.pk: row for row in rows}
    gone = [row for row in found.values() if row.status == FollowUpStatus.CANCELED]
    endings = endings_of([row.pk for row in gone], {row.account_id for row in gone})
    return {pk: endings[pk].word if pk in endings else row.get_status_display() for pk, row in found.items()}


def _tone(answer: Answer) -> tuple[str, Any]:
    if answer.score is None:
        return "grey", answer.get_reason_display()
    if answer.kind == SurveyKind.CSAT:
        return CSAT_TONES[answer.score], STEPS[answer.score]
    group = figures.group_of(answer.score)
    return TONES[group], group.label


def _figures(form: VoiceForm, where: QueryDict) -> dict[str, Any]:
    if form.about == SurveyKind.CSAT:
        now, before = (figures.satisfaction(days, form.filters) for days in (form.days, form.days.before))
        chart = drawn.satisfied(now) if now.n else ""
        return {"csat": now, "csat_before": before, "csat_chart": chart, "too_few": now.n < figures.enough()}
    if form.about == SurveyKind.CHURN:
        reasons = [(ChurnReason(key).label, count) for key, count in figures.leaving(form.days, form.filters)]
        return {"reasons": reasons, "reasons_chart": drawn.reasons(reasons) if reasons else ""}
    told = figures.voice(form.days, form.filters)
    return {
        "voice": told,
        "enough": figures.enough(),
        "change": None if told.change.delta is None else round(told.change.delta),
        "parts": drawn.parts(told, lambda name, key: _with(where, **{name: key})),
        "trend": drawn.trend(told) if any(month.figure.n for month in told.trend) else "",
        "distribution": drawn.distribution(told) if told.figure.n else "",
        "interval": drawn.interval(told.figure),
    }


def _tabs(where: QueryDict, form: VoiceForm) -> list[tuple[Any, str, bool]]:
    """Another kind of survey, of the same days and the same people."""
    titles = drawn.KINDS.items()
    return [(title, _with(where, kind=kind, survey="", group=""), kind == form.about) for kind, title in titles]


def _periods(where: QueryDict, form: VoiceForm) -> list[tuple[Any, str, bool]]:
    return [(title, _with(where, period=key, day_from="", day_to=""), key == form.which) for key, title in PERIODS]


def _with(where: QueryDict, **changed: str) -> str:
    """The page's address with these values instead."""
    kept = where.copy()
    for name in ("after", "before", *changed):
        kept.pop(name, None)
    for name, value in changed.items():
        if value:
            kept[name] = value
    return _address("health:voice", kept)


def _address(name: str, where: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for key, values in where.lists():
        kept.setlist(key, [value for value in values if value])
    query = kept.urlencode()
    return reverse(name) + (f"?{query}" if query else "")


@requires("account.export")
@require_safe
def voice_export(request: Request) -> HttpResponseBase:
    """All answers that the page would show for this address, page by page."""
    form = VoiceForm(request.GET, request.user)
    rows = comments.answers(form.days, form.filters, **form.comments)
    return csv_file("answers", csv_lines(rows, bom=request.GET.get("bom") == "1"))
