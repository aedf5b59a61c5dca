"""The survey's page: opened by a personal link, without a sign-in. Opening never answers; sending does."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.links import gone, token_of
from accounts.exceptions import Conflict, DomainError
from accounts.models import ContactLink
from accounts.visitors import visitor
from health.domain.surveys import answering
from health.domain.surveys.wording import SCALES, STEPS, words_of
from health.enums import SurveyKind
from health.forms.surveys import AnswerForm
from health.models import Answer, Invite

PURPOSE = "survey"
MOST_DIGITS = 19  # of a row's number


@visitor(PURPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, link: ContactLink) -> HttpResponse:
    """The question with the number that was clicked already chosen; afterwards the thanks, with a way to change it."""
    invite = invite_of(link)
    if invite is None:
        return _gone(request)
    if request.method == "POST":
        return _send(request, link, invite)
    clicked = _clicked(invite, request.GET.get("score", ""))
    answering.opened(invite, score=clicked, method=str(request.method))
    given = Answer.objects.filter(invite=invite).first()
    if given and not _asks_again(request, given, clicked):
        return _thanks(request, link, invite, given)
    initial = {"score": given.score, "reason": given.reason, "comment": given.comment} if given else {}
    form = AnswerForm(kind=invite.survey.kind, initial=initial | ({} if clicked is None else {"score": clicked}))
    return _page(request, link, invite, form, given=given)


def invite_of(link: ContactLink) -> Invite | None:
    if not (link.subject.isascii() and link.subject.isdigit() and len(link.subject) < MOST_DIGITS):
        return None
    return Invite.objects.select_related("survey").filter(pk=int(link.subject), contact=link.contact_id).first()


def _gone(request: HttpRequest) -> HttpResponse:
    error = gone(404)
    return render(request, "visitors/gone.html", {"error": error}, status=error.status)


def _clicked(invite: Invite, text: str) -> int | None:
    """The number in the link; what is none of this survey's is no number."""
    known = {str(score): score for score in SCALES[invite.survey.kind]}
    return known.get(text)


def _asks_again(request: HttpRequest, given: Answer, clicked: int | None) -> bool:
    """Whether the form is shown to who has answered: not yet confirmed, another number clicked, or asked for."""
    if given.provisional_until:
        return True
    wants = "change" in request.GET or clicked not in (None, given.score)
    return wants and timezone.now() < _changeable_until(given)


def _changeable_until(given: Answer) -> datetime:
    return given.answered_at + answering.editable()


def _send(request: HttpRequest, link: ContactLink, invite: Invite) -> HttpResponse:
    form = AnswerForm(request.POST, kind=invite.survey.kind)
    if form.is_valid():
        try:
            answering.submit(invite, **form.answer())
        except Conflict as refusal:
            locked = Answer.objects.get(invite=invite)
            return _thanks(request, link, invite, locked, refusal=str(refusal), status=refusal.status)
        except DomainError as error:
            for name, sentences in (error.errors or {"": [str(error)]}).items():
                form.add_error(name if name in form.fields else None, list(sentences))
        else:
            return redirect(_address("survey", link))
    given = Answer.objects.filter(invite=invite).first()
    return _page(request, link, invite, form, given=given, status=422)


def _page(
    request: HttpRequest,
    link: ContactLink,
    invite: Invite,
    form: AnswerForm,
    *,
    given: Answer | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **form_context(invite.survey.kind, form),
        "words": _words(link, invite),
        "here": _address("survey", link),
        "seen": _address("survey_seen", link),
        "trap": _address("survey_trap", link),
        "changing": given is not None and not given.provisional_until,
    }
    return render(request, "health/surveys/answer.html", context, status=status)


def form_context(kind: str, form: AnswerForm) -> dict[str, Any]:
    """What health/surveys/form.html shows of the form itself."""
    chosen = form.choice.value()
    return {
        "kind": kind,
        "form": form,
        "choices": form.fields[form.choice_name].choices,  # type: ignore[attr-defined]  # a ChoiceField
        "chosen": "" if chosen is None else str(chosen),
    }


def _thanks(
    request: HttpRequest, link: ContactLink, invite: Invite, given: Answer, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    until = _changeable_until(given)
    context = {
        "words": _words(link, invite),
        "answer": given,
        "step": STEPS[given.score] if given.kind == SurveyKind.CSAT and given.score in STEPS else "",
        "here": _address("survey", link),
        "changeable_until": until if timezone.now() < until else None,
        "refusal": refusal,
    }
    return render(request, "health/surveys/thanks.html", context, status=status)


def _words(link: ContactLink, invite: Invite) -> Any:
    contact = link.contact
    return words_of(invite.survey, translation.get_language() or "", contact=contact.name, account=contact.account.name)


def _address(name: str, link: ContactLink) -> str:
    return reverse(f"health:{name}", args=[token_of(link.key, PURPOSE)])


@visitor(PURPOSE)
@require_POST
def seen(request: HttpRequest, link: ContactLink) -> HttpResponse:
    """The page has been looked at for five seconds (survey.js). Nobody waits for what this answers."""
    invite = invite_of(link)
    if invite is None:
        return HttpResponse(status=404)
    try:
        answering.beacon(invite, request.POST.get("score"))
    except DomainError as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@visitor(PURPOSE)
@require_safe
def trap(request: HttpRequest, link: ContactLink) -> HttpResponse:
    """No person sees the link that leads here."""
    invite = invite_of(link)
    if invite is None:
        return _gone(request)
    answering.honeypot(invite)
    return redirect(_address("survey", link))
