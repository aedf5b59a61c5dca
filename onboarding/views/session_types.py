"""Settings: what can be booked. The list, the editor with the next free times, and what can be done with one."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import formats
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from onboarding.domain.routing import booked_since, led_elsewhere
from onboarding.domain.session_types import copy_type, delete_type, next_free, offer, save_type
from onboarding.domain.session_types.checks import check, has_sound_numbers
from onboarding.domain.wording import name_of
from onboarding.enums import HostRule, SessionStatus
from onboarding.forms.session_types import WEIGHT, QuestionFormSet, TypeForm, questions_of
from onboarding.models import Schedule, SessionType

MANAGE = "session_type.manage"
METHODS = ["GET", "HEAD", "POST"]
SHOWN = 8  # free times in the preview
LATELY = timedelta(days=90)
# What is about several fields stands at the first of them.
PLACES = {"text": f"text_{settings.LANGUAGES[0][0]}"}


@requires(MANAGE)
@require_safe
def session_type_list(request: Request) -> HttpResponse:
    coming = Q(sessions__status=SessionStatus.CONFIRMED, sessions__starts_at__gt=timezone.now())
    taken_turns = Q(hosts__weight__gt=0, hosts__user__is_active=True)
    kinds = SessionType.objects.annotate(
        coming=Count("sessions", coming, distinct=True), pool=Count("hosts", taken_turns, distinct=True)
    ).order_by("-active", "slug")
    rows = [(kind, name_of(kind), address_of(kind)) for kind in kinds]
    return render(request, "onboarding/session_types/list.html", {"rows": rows})


def address_of(kind: SessionType) -> str:
    return settings.BASE_URL + reverse("book", args=[kind.slug]) if kind.slug else ""


def embed_of(kind: SessionType) -> str:
    """What goes into a page of another site."""
    page, title = escape(address_of(kind)), escape(name_of(kind))
    return f'<iframe src="{page}" title="{title}" width="100%" height="760"></iframe>'


@requires(MANAGE)
@require_http_methods(METHODS)
def session_type_add(request: Request) -> HttpResponse:
    return _edit(request, SessionType(active=True))


@requires(MANAGE)
@require_http_methods(METHODS)
def session_type_edit(request: Request, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(SessionType, pk=pk))


def _edit(request: Request, kind: SessionType) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TypeForm(data, kind=kind)
    questions: Any = QuestionFormSet(data, initial=questions_of(kind), prefix="questions")
    status = 200
    if data is not None:
        status = _save(request, form, questions)
        if status == 200:
            return redirect("onboarding:session_type", form.kind.pk)
    context = _context(kind, form, questions)
    return render(request, "onboarding/session_types/edit.html", context, status=status)


def _save(request: Request, form: TypeForm, questions: Any) -> int:
    readable = all([form.is_valid(), questions.is_valid()])  # both are asked, so that all is told at once
    kind, pool = form.apply(), form.pool()
    forms: list[Any] = []
    if not kind.pk or questions.are_touched:
        kind.questions, forms = questions.questions()
    try:
        if not readable:
            check(kind, pool)
            return 422
        save_type(kind, pool=pool)
    except DomainError as error:
        _show(error, form, forms)
        return error.status
    messages.success(request, _("%(name)s is saved.") % {"name": name_of(kind)})
    return 200


def _show(error: DomainError, form: TypeForm, questions: list[Any]) -> None:
    """Each sentence at its field, also inside a question."""
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        where: Any = form
        field = name
        told = [str(sentence) for sentence in sentences]
        if name == "pool":
            form.pool_errors = told
        elif name.startswith("questions-") and questions:
            _prefix, place, field = name.split("-", 2)
            where = questions[int(place)]
        field = PLACES.get(field, field)
        if field not in where.errors:  # it could not even be read
            where.add_error(field if field in where.fields else None, told)


def _led(kind: SessionType) -> dict[str, Any] | None:
    """How many booked, and how many an answer led elsewhere; nothing where no answer ever does."""
    since = timezone.now() - LATELY
    elsewhere = led_elsewhere(kind, since)
    if not elsewhere and not any(row.get("routes") for row in kind.questions):
        return None
    return {"elsewhere": elsewhere, "booked": booked_since(kind, since), "days": LATELY.days}


def _context(kind: SessionType, form: TypeForm, questions: Any) -> dict[str, Any]:
    stored = SessionType.objects.filter(pk=kind.pk).first() if kind.pk else None
    return {
        "kind": stored,
        "name": name_of(stored) if stored else "",
        "address": address_of(stored) if stored else "",
        "led": _led(stored) if stored else None,
        "form": form,
        "questions": questions,
        "numbers": {
            part: [form[name] for name in names]
            for part, names in {
                "when": ("minutes", "every", "before", "after", "notice", "horizon_days"),
                "limits": ("per_day", "per_week", "minutes_per_week"),
            }.items()
        },
        "weight": WEIGHT,
        "embed": embed_of(stored) if stored else "",
        **_free(kind, form),
    }


# The next free times -------------------------------------------------------------------------------


@requires(MANAGE)
@require_POST
def session_type_preview(request: Request) -> HttpResponse:
    """With what is typed, before it is saved."""
    form = TypeForm(request.POST, kind=SessionType())
    context = _free(form.apply(), form) if form.is_valid() else {"free": None}
    return render(request, "onboarding/session_types/free.html", context)


def _free(kind: SessionType, form: TypeForm) -> dict[str, Any]:
    """For an unsaved or wrong type there is nothing to show."""
    pool = _pool_of(form)
    if form.is_bound and not (form.is_valid() and has_sound_numbers(kind)):
        return {"free": None}
    hosts = [pk for pk, weight in pool.items() if weight] or _everybody(kind)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    found = next_free(kind, hosts, zone, count=SHOWN)
    known = set(Schedule.objects.filter(user__in=hosts).values_list("user_id", flat=True))
    reader = formats.Reader()
    return {
        "free": [(start, reader.moment(start), ", ".join(names)) for start, names in found],
        "without_hours": [str(person) for person in form.people if person.pk in set(hosts) - known],
    }


def _pool_of(form: TypeForm) -> dict[int, int]:
    if form.is_bound:
        return form.pool() if form.is_valid() else {}
    return {person.pk: weight for person in form.people if (weight := form[f"weight_{person.pk}"].value()) is not None}


def _everybody(kind: SessionType) -> list[int]:
    """Customers' own CSMs host it: any of them."""
    if kind.host_rule != HostRule.CSM:
        return []
    return list(Schedule.objects.filter(user__is_active=True).values_list("user_id", flat=True))


# What can be done with one -------------------------------------------------------------------------


@requires(MANAGE)
@require_POST
def session_type_copy(request: Request, pk: int) -> HttpResponse:
    copied = copy_type(get_object_or_404(SessionType, pk=pk))
    messages.success(request, _("A copy, not offered yet. Give it an address of its own."))
    return redirect("onboarding:session_type", copied.pk)


@requires(MANAGE)
@require_POST
def session_type_offer(request: Request, pk: int) -> HttpResponse:
    kind = get_object_or_404(SessionType, pk=pk)
    try:
        offer(kind, offered=not kind.active)
    except DomainError as error:
        told = [str(one) for sentences in error.errors.values() for one in sentences] or [str(error)]
        messages.error(request, " ".join(told))
    else:
        done = (
            _("It can be booked again.") if kind.active else _("It is no longer offered. What is booked takes place.")
        )
        messages.success(request, done)
    return redirect("onboarding:session_type", kind.pk)


@requires(MANAGE)
@require_POST
def session_type_delete(request: Request, pk: int) -> HttpResponse:
    kind = get_object_or_404(SessionType, pk=pk)
    delete_type(kind)
    messages.success(request, _("%(name)s is gone.") % {"name": name_of(kind)})
    return redirect("onboarding:session_types")
