from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.domain import playbooks as verbs
from accounts.domain.dispatch import try_on
from accounts.domain.wording import placeholders, translated
from accounts.enums import FollowUpStatus, PlaybookState
from accounts.exceptions import Conflict, DomainError
from accounts.forms.playbooks import (
    ConditionRows,
    Conditions,
    NewPlaybookForm,
    PlaybookForm,
    Texts,
    TryForm,
)
from accounts.forms.remembering import seen_at
from accounts.http import Request, posted, requires
from accounts.models import Playbook
from accounts.registry import activity_kinds

TONES = {PlaybookState.ON: "tone-green", PlaybookState.OFF: "tone-grey", PlaybookState.DRAFT: "tone-yellow"}
CLOSED = [FollowUpStatus.DONE, FollowUpStatus.CANCELED]


@requires("settings.view")
def playbook_list(request: Request) -> HttpResponse:
    found = list(
        Playbook.objects.annotate(
            open_count=Count("follow_ups", filter=~Q(follow_ups__status__in=CLOSED)),
            closed_count=Count("follow_ups", filter=Q(follow_ups__status__in=CLOSED)),
        ).order_by("name")
    )
    precise = verbs.precisions(found)
    rows = [
        {
            "playbook": playbook,
            "name": translated(playbook.name),
            "trigger": _label(playbook.trigger),
            "tone": TONES[PlaybookState(playbook.state)],
            "open": playbook.open_count,
            "closed": playbook.closed_count,
            "precision": precise[playbook.pk],
        }
        for playbook in found
    ]
    rows.sort(key=lambda row: row["name"].casefold())
    return render(request, "accounts/settings/playbooks.html", {"rows": rows})


def _label(trigger: str) -> Any:
    return activity_kinds[trigger].label if trigger in activity_kinds else trigger


@requires("playbook.manage")
def playbook_add(request: Request) -> HttpResponse:
    form = NewPlaybookForm(posted(request))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        playbook = Playbook(key=_free_key(name), name=name, trigger=form.cleaned_data["trigger"], title=name)
        try:
            verbs.save_playbook(playbook, by=request.user)
        except DomainError as error:
            _show(error, form)
        else:
            return redirect("settings:playbook", playbook.pk)
    return render(request, "accounts/settings/playbook_add.html", {"form": form}, status=_status(request))


def _free_key(name: str) -> str:
    stem = slugify(name)[:50] or "playbook"
    taken = set(Playbook.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for n in range(len(taken) + 1) if (key := f"{stem}-{n}" if n else stem) not in taken)


@requires("settings.view")
def playbook_edit(request: Request, pk: int) -> HttpResponse:
    """The editor; for who may only look, what it does."""
    playbook = get_object_or_404(Playbook, pk=pk)
    if request.method == "POST" and request.user.may("playbook.manage"):
        return _save(request, playbook)
    return _editor(request, playbook, *_forms(playbook, None))


def _forms(playbook: Playbook, data: Any) -> tuple[PlaybookForm, Any, Any, Any]:
    rows = ConditionRows.initial_of
    return (
        PlaybookForm(data, initial=PlaybookForm.initial_of(playbook), trigger=playbook.trigger),
        Conditions(data, prefix="when", initial=rows(playbook.conditions), form_kwargs={"trigger": playbook.trigger}),
        Texts(data, prefix="text", initial=playbook.texts),
        Conditions(
            data,
            prefix="close",
            initial=rows(playbook.closes_when),
            form_kwargs={"trigger": _closes_on(playbook, data)},
        ),
    )


def _closes_on(playbook: Playbook, data: Any) -> str:
    chosen = data.get("closes_on", "") if data else playbook.closes_on
    return chosen if chosen in activity_kinds else ""


def _save(request: Request, playbook: Playbook) -> HttpResponse:
    form, conditions, texts, closing = _forms(playbook, request.POST)
    told = False
    if all([form.is_valid(), conditions.is_valid(), texts.is_valid(), closing.is_valid()]):
        values = dict(form.cleaned_data)
        pool = values.pop("pool")
        for name, value in values.items():
            setattr(playbook, name, value)
        playbook.conditions, playbook.texts = conditions.rows(), texts.rows()
        playbook.closes_when = closing.rows() if playbook.closes_on else []
        try:
            verbs.save_playbook(playbook, by=request.user, pool=pool, seen=seen_at(request.POST))
        except DomainError as error:
            told = isinstance(error, Conflict)
            _show(error, form)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": translated(playbook.name)})
            return redirect("settings:playbook", playbook.pk)
    stored = Playbook.objects.get(pk=playbook.pk)
    seen = "" if told else request.POST.get("seen", "")  # what was refused was filled in from what was seen then
    return _editor(request, stored, form, conditions, texts, closing, seen=seen)


def _show(error: DomainError, form: BaseForm) -> None:
    """Each sentence at its field, where the form has it."""
    for field, sentences in (error.errors or {"": [str(error)]}).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, str(sentence))


def _editor(request: Request, playbook: Playbook, *forms: Any, seen: str = "") -> HttpResponse:
    form, conditions, texts, closing = forms
    context = {
        "playbook": playbook,
        "name": translated(playbook.name),
        "said": {name: translated(getattr(playbook, name)) for name in ("title", "instructions")},
        "trigger": activity_kinds.items.get(playbook.trigger),
        "tone": TONES[PlaybookState(playbook.state)],
        "form": form,
        "conditions": conditions,
        "texts": texts,
        "closing": closing,
        "placeholders": list(placeholders(playbook.trigger)),
        "open_count": playbook.follow_ups.open().count(),
        "seen": seen or playbook.updated_at.isoformat(),
    }
    return render(request, "accounts/settings/playbook.html", context, status=_status(request))


def _status(request: Request) -> int:
    return 422 if request.method == "POST" else 200


@requires("playbook.manage")
@require_POST
def playbook_on(request: Request, pk: int) -> HttpResponse:
    playbook = get_object_or_404(Playbook, pk=pk)
    verbs.switch_on(playbook, by=request.user)
    messages.success(request, _("%(name)s is on.") % {"name": translated(playbook.name)})
    return redirect("settings:playbook", pk)


@requires("playbook.manage")
@require_POST
def playbook_off(request: Request, pk: int) -> HttpResponse:
    playbook = get_object_or_404(Playbook, pk=pk)
    verbs.switch_off(playbook, by=request.user, open_follow_ups=request.POST.get("open_follow_ups", ""))  # type: ignore[arg-type]
    messages.success(request, _("%(name)s is off.") % {"name": translated(playbook.name)})
    return redirect("settings:playbook", pk)


@requires("settings.view")
def playbook_try(request: Request, pk: int) -> HttpResponse:
    playbook = get_object_or_404(Playbook, pk=pk)
    form = TryForm(request.GET)
    trial = try_on(playbook, form.cleaned_data["account"]) if form.is_valid() else None
    context = {"playbook": playbook, "name": translated(playbook.name), "form": form, "trial": trial}
    return render(request, "accounts/settings/playbook_tried.html", context, status=200 if trial else 422)
