"""The editor of a template's steps. Every button carries the whole form: what is typed is never lost, and all of it
works without JavaScript."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain.languages import supported
from accounts.domain.text import prose
from accounts.exceptions import Conflict, DomainError
from accounts.forms.remembering import seen_at
from accounts.http import Request, requires
from accounts.registry import known_actions
from onboarding.domain import templates as verbs
from onboarding.domain.templates.checks import LONGEST_TEXT, LONGEST_TITLE, MOST_STEPS, checked
from onboarding.domain.templates.differences import language_names
from onboarding.domain.templates.texts import rendered
from onboarding.enums import VersionStatus
from onboarding.forms.templates import StepForm, session_choices, with_step
from onboarding.models import ChecklistTemplate, TemplateVersion
from onboarding.views.templates.listing import STEPS, the_template

# What a step begins with.
NEW = {
    "owner": "customer", "offset": "7", "offset_unit": "calendar", "duration": "1", "weight": "1", "auto_count": "1",
    "required": "on",
}  # fmt: skip


@requires("template.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: Request, pk: int) -> HttpResponse:
    template = the_template(pk)
    stored = _stored(template)
    if request.method != "POST":
        return _page(request, template, stored, _forms_of(stored), opened=request.GET.get("open", ""))
    return _posted(request, template, stored)


def _stored(template: ChecklistTemplate) -> TemplateVersion | None:
    """The draft; without one, the version a draft would begin from."""
    versions = template.versions.prefetch_related(STEPS)
    return versions.filter(status=VersionStatus.DRAFT).first() or versions.published().order_by("-number").first()


def _forms_of(version: TemplateVersion | None, data: QueryDict | None = None) -> list[StepForm]:
    """A form a step, in the order in which they are posted, else as stored."""
    stored = {step.key: step for step in version.steps.all()} if version else {}
    keys = list(stored) if data is None else list(dict.fromkeys(data.getlist("step")))[: MOST_STEPS + 1]
    sessions = session_choices(step.session_type_id for step in stored.values())
    forms = [StepForm(data, key=key, step=stored.get(key), sessions=sessions) for key in keys]
    forms = [form for form in forms if form.is_bound or form.step]
    titles = [(form.key, form.title) for form in forms]
    for form in forms:
        form.offer(titles)
    return forms


@requires("template.manage")
@require_safe
def template_step(request: Request, pk: int, key: str) -> HttpResponse:
    """The fields of one step, as it is opened in the page."""
    template = the_template(pk)
    if not request.htmx:
        return redirect(_address(template, key, ""))
    form = next((form for form in _forms_of(_stored(template)) if form.key == key), None)
    if form is None:
        raise Http404
    return render(request, "onboarding/templates/fields.html", {"form": form, "template": template})


# What was pressed ------------------------------------------------------------------------------------


def _posted(request: Request, template: ChecklistTemplate, stored: TemplateVersion | None) -> HttpResponse:
    do, _colon, key = request.POST.get("do", "save").partition(":")
    if do == "save" and request.POST.get("new", "").strip():
        do = "add"  # Enter pressed in its field, or forgotten
    data, refusal = _done(do, key, request.POST)
    forms, opened = _forms_of(stored, data), key or request.POST.get("opened", "")
    if do == "add" and not refusal:
        opened = forms[-1].key
    if refusal:
        return _page(request, template, stored, forms, refusal=refusal, status=422, opened=opened)
    if do == "open":
        return _page(request, template, stored, forms, opened=opened)
    fine = [form.is_fine() for form in forms]  # each of them
    if all(fine):
        try:
            _save(request, template, stored, forms)
        except DomainError as error:
            _tell(error, forms)
            refusal = "" if error.errors else str(error)
            return _page(request, template, stored, forms, refusal=refusal, status=error.status, opened=opened)
        if do == "save":
            messages.success(request, _("The draft is saved."))
            opened = ""
        return redirect(_address(template, opened, request.POST.get("in", "")))
    _check(forms)
    return _page(request, template, stored, forms, status=422, opened=opened)


def _address(template: ChecklistTemplate, opened: str, language: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("open", opened), ("in", supported(language))) if value})
    address = reverse("onboarding:template_edit", args=[template.pk])
    return f"{address}?{query.urlencode()}#step-{opened}" if opened else f"{address}?{query.urlencode()}".rstrip("?")


def _done(do: str, key: str, data: QueryDict) -> tuple[QueryDict, str]:
    """What was posted, with the step moved, added or taken out; and what keeps it from being so."""
    keys = list(dict.fromkeys(data.getlist("step")))
    if do == "add":
        return _added(data, keys)
    if do in {"up", "down", "remove"} and key in keys:
        at = keys.index(key)
        keys.pop(at)
        if do != "remove":
            keys.insert(max(0, at - 1) if do == "up" else at + 1, key)
        data = data.copy()
        data.setlist("step", keys)
    return data, ""


def _added(data: QueryDict, keys: list[str]) -> tuple[QueryDict, str]:
    title = data.get("new", "").strip()
    if not title:
        return data, _("Say what the new step is called.")
    if len(title) > LONGEST_TITLE:
        return data, _("At most %(most)s characters for a title.") % {"most": LONGEST_TITLE}
    stem = slugify(title)[:50] or "step"
    key = next(key for n in range(len(keys) + 1) if (key := f"{stem}-{n}" if n else stem) not in keys)
    language = supported(data.get("in", "")) or settings.LANGUAGE_CODE
    return with_step(data, key, {**NEW, f"title_{language}": title}), ""


def _save(request: Request, template: ChecklistTemplate, stored: TemplateVersion | None, forms: list[StepForm]) -> None:
    seen = seen_at(request.POST) if request.POST.get("seen") else None  # without: there was no draft
    draft = stored if stored and stored.status == VersionStatus.DRAFT else None
    if draft and seen is None:
        raise Conflict(_("Somebody has begun a draft meanwhile. Open the page again to see it."), code="draft_open")
    if seen and not draft:
        raise Conflict(
            _("Somebody has published or dropped this draft meanwhile. What you typed is below; saving again makes a "
              "new draft of it."), code="draft_gone"
        )  # fmt: skip
    draft = draft or verbs.draft_of(template, by=request.user)
    verbs.save_draft(draft, _values(forms), by=request.user, seen=seen)


def _check(forms: list[StepForm]) -> None:
    """What the verb would say of the rest: all is told at once."""
    try:
        checked(_values(forms))
    except DomainError as error:
        _tell(error, forms)


def _values(forms: list[StepForm]) -> list[dict[str, Any]]:
    """Nothing waits any more for what is taken out."""
    keys = {form.key for form in forms}
    values = [form.values() for form in forms]
    return [step | {"after": [key for key in step.get("after", ()) if key in keys]} for step in values]


def _tell(error: DomainError, forms: list[StepForm]) -> None:
    """ "steps.2.title.fr" at the French title of the third form."""
    for name, sentences in error.errors.items():
        _steps, place, field = name.split(".", 2)
        form = forms[int(place)]
        form.refuse(field.replace(".", "_"), [str(sentence) for sentence in sentences])


# The page --------------------------------------------------------------------------------------------


def _page(
    request: Request,
    template: ChecklistTemplate,
    stored: TemplateVersion | None,
    forms: list[StepForm],
    *,
    opened: str = "",
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    draft = stored if stored and stored.status == VersionStatus.DRAFT else None
    wrong = [form for form in forms if form.errors]
    # What is typed was begun from what was seen then: until its reader is told, it is no newer than that.
    typed = request.method == "POST"
    language = _language(request, wrong)
    context = {
        "template": template,
        "draft": draft,
        "stored": stored,
        "forms": forms,
        "opened": opened,
        "wrong": wrong,
        "refusal": refusal,
        "seen": request.POST.get("seen", "") if typed and status != Conflict.status else _state_of(draft),
        "in_language": language,
        "languages": [(code, name, sum(code in form.missing for form in forms)) for code, name in language_names()],
        "actions": [pair for source in known_actions for pair in source.load()],
        "weight": sum(form.told.weight for form in forms),
        "new_title": request.POST.get("new", "") if refusal else "",
    }
    return render(request, "onboarding/templates/edit.html", context, status=status)


def _state_of(draft: TemplateVersion | None) -> str:
    return draft.changed_at.isoformat() if draft else ""


def _language(request: Request, wrong: list[StepForm]) -> str:
    """The one in which something is wrong, else the one that is looked at."""
    for form in wrong:
        for name in form.errors:
            if name.startswith(("title_", "text_")):
                return name.rpartition("_")[2]
    asked = supported((request.POST or request.GET).get("in", ""))
    return asked or supported(request.LANGUAGE_CODE) or settings.LANGUAGE_CODE


@requires("template.manage")
@require_POST
def text_preview(request: Request) -> HttpResponse:
    """What a text looks like, before it is saved."""
    name = f"{request.GET.get('of', '')[:60]}-text_{supported(request.GET.get('in', ''))}"
    text = request.POST.get(name, "")
    context = {"html": rendered(prose(text[:LONGEST_TEXT], LONGEST_TEXT))}
    return render(request, "onboarding/templates/text.html", context)
