"""Checklists as a list: a column of the board in full, and the accounts behind each figure of the reports."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.exports import CHUNK
from accounts.domain.keyset import BadPositionError, Page
from accounts.forms.queue_filters import shown
from accounts.http import Request, csv_file, requires
from onboarding.domain import board
from onboarding.domain.board import AT, BINS, STATES, Filters, Which
from onboarding.domain.exporting import csv_lines
from onboarding.domain.wording import in_language
from onboarding.enums import ChecklistStatus
from onboarding.forms.board import day_in, midnight
from onboarding.models import Checklist, TemplateStep
from onboarding.views.board.frame import Look
from onboarding.views.board.rows import TITLES, rows_of

PLACE = ("state", "from", "to", "attended", "engagement", "step", "at")
CHIPS: dict[str, Any] = {
    "running": ChecklistStatus.RUNNING.label,
    **TITLES,
    "waiting": pgettext_lazy("onboarding", "Not activated yet"),
    "activated": pgettext_lazy("onboarding", "Activated"),
    "finished": ChecklistStatus.FINISHED.label,
    "canceled": ChecklistStatus.CANCELED.label,
    "": pgettext_lazy("checklists", "All"),
}
OF_STEP: dict[str, Any] = {
    "reached": gettext_lazy("have reached “%(step)s”"),
    "done": gettext_lazy("have done “%(step)s”"),
    "left": gettext_lazy("left out “%(step)s”"),
    "open": gettext_lazy("have “%(step)s” open"),
    "here": gettext_lazy("stand at “%(step)s”"),
}


@require_safe
@requires("onboarding.view")
def checklist_list(request: Request) -> HttpResponse:
    look = Look(request, "list", place=PLACE)
    which = which_of(request.GET, look.problems)
    page, lost = _page(look, which)
    context = {
        "page": page,
        "rows": rows_of(page.rows),
        "which": which,
        "chips": [(title, look.address(state=key), key == which.state) for key, title in CHIPS.items()],
        "about": told(which),
        "lost": lost,
        "wide": look.address(**dict.fromkeys(PLACE[1:], "")),
        "export": look.address("onboarding:list_export"),
        "whole": "state" not in request.GET,
    }
    return look.answer("board/list", context)


def which_of(data: QueryDict, problems: list[str]) -> Which:
    """What of the address says which checklists; a sentence for each value that means nothing."""

    def one(name: str, known: Any) -> str:
        value = data.get(name, "")
        if value and value not in known:
            problems.append(_("“%(value)s” means nothing here, so it was left out.") % {"value": shown(value)})
            return ""
        return value

    first, last = day_in(data, "from", problems), day_in(data, "to", problems)
    number, attended = one("engagement", {str(n) for n in range(BINS)}), one("attended", {"yes", "no"})
    return Which(
        state=one("state", STATES) if "state" in data else "running",
        started_from=midnight(first) if first else None,
        started_until=midnight(last + timedelta(days=1)) if last else None,
        attended=attended == "yes" if attended else None,
        engagement=int(number) if number else None,
        step=shown(data.get("step", "")),
        at=one("at", AT),
    )


def _page(look: Look, which: Which) -> tuple[Page, bool]:
    """The page asked for; the first one, and True, where its address is damaged."""
    where = look.request.GET
    try:
        return board.page(look.filters, which, after=where.get("after", ""), before=where.get("before", "")), False
    except BadPositionError:
        return board.page(look.filters, which), True


def told(which: Which) -> list[str]:
    """What narrows the list beside its chips, in words."""
    words = []
    if which.started_from:
        words.append(
            _("started from %(day)s on") % {"day": formats.day(timezone.localdate(which.started_from), form="medium")}
        )
    if which.started_until:
        last = timezone.localdate(which.started_until) - timedelta(days=1)
        words.append(_("started until %(day)s") % {"day": formats.day(last, form="medium")})
    if which.attended is not None:
        words.append(_("came to a session") if which.attended else _("came to no session"))
    if which.engagement is not None:
        low = which.engagement * 100 // BINS
        words.append(_("engagement from %(low)s to %(high)s") % {"low": low, "high": low + 100 // BINS})
    if which.step and which.at:
        words.append(str(OF_STEP[which.at]) % {"step": step_title(which.step)})
    return words


def step_title(key: str) -> str:
    """As the newest version calls it."""
    step = TemplateStep.objects.filter(key=key).order_by("-version__number", "-pk").first()
    return (in_language(step.texts, "title") or key) if step else key


# The same as a file -----------------------------------------------------------------------------------------

COLUMNS = {
    "account": "account__external_id",
    "name": "account__name",
    "csm": "account__csm__email",
    "segment": "account__segment__key",
    "touch_model": "account__touch_model",
    "template": "version__template__key",
    "version": "version__number",
    "status": "status",
    "started_at": "started_at",
    "activated_at": "activated_at",
    "finished_at": "finished_at",
    "last_progress_at": "last_progress_at",
    "required_steps": "required_steps",
    "required_done": "required_done",
    "engagement": "engagement",
    "next_due_on": "next_due_on",
    "behind_since": "behind_since",
    "stuck_since": "stuck_since",
}


@requires("account.export")
@require_safe
def list_export(request: Request) -> HttpResponseBase:
    look = Look(request, "list", place=PLACE)
    which = which_of(request.GET, [])
    return csv_file("checklists", lines(look.filters, which, bom=request.GET.get("bom") == "1"))


def lines(filters: Filters, which: Which, *, bom: bool = False) -> Iterator[str]:
    found = Checklist.objects.filter(filters.where).filter(which.where).order_by("-started_at", "-pk")
    # A cursor on the server lives as long as its transaction.
    with transaction.atomic():
        rows = found.values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK)
        yield from csv_lines(list(COLUMNS), rows, bom=bom)
