"""One follow-up: who it is about, why, what to do and which words to use. A panel of the queue, or a page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain import followups
from accounts.domain.followups.endings import ending_of
from accounts.domain.order import Places, Why
from accounts.domain.retelling import instructions_of, steps_of, texts_of, title_of
from accounts.domain.timeline import Entry
from accounts.domain.wording import reason_for
from accounts.enums import FollowUpStatus
from accounts.http import Request, get_follow_up
from accounts.models import Contact, FollowUp
from accounts.views.customers.table import whole
from accounts.views.queue.answers import changed

HISTORY = 50


@require_safe
def follow_up(request: Request, pk: int) -> HttpResponse:
    row = get_follow_up(request.user, pk)
    return render(request, "accounts/queue/follow_up.html", context(request, row))


def context(request: Request, row: FollowUp) -> dict[str, Any]:
    is_open = row.status in {FollowUpStatus.OPEN, FollowUpStatus.SNOOZED}
    ending = ending_of(row)
    return {
        "f": row,
        "title": title_of(row),
        "instructions": instructions_of(row),
        "steps": steps_of(row),
        "texts": texts_of(row),
        "account": row.account,
        "whom": whom(row),
        "inline": bool(request.htmx),
        "place": place(row) if row.status == FollowUpStatus.OPEN else None,
        "reason": reason_for(row),
        "ending": ending,
        "note": ending.why if ending else row.outcome_note,
        "trend": whole(row.account.trend),
        "why": Entry(row.activity) if row.activity else None,
        "renewal": renewal_of(row),
        "history": history(row),
        "repeats": repeats(row),
        "is_open": is_open,
        "may_work": is_open and request.user.may("followup.work", row),
        "may_hand_over": is_open and request.user.may("followup.reassign", row),
        "may_log": request.user.may("account.log", row.account),
        "ticked": sum(bool(step.get("done")) for step in row.steps),
    }


def whom(row: FollowUp) -> Contact | None:
    """Whom to call: the person it is about, else whom the texts call {contact}."""
    named = row.activity.data.get("contact") if row.activity else ""
    people = list(row.account.contacts.filter(left_on=None).order_by("-champion", "-decides", "pk"))
    return next((person for person in people if str(person) == named), people[0] if people else None)


def renewal_of(row: FollowUp) -> int | None:
    """The term it is about, where it is about one."""
    about = row.activity.data.get("renewal") if row.activity else None
    return about if isinstance(about, int) else None


def place(row: FollowUp) -> Why:
    """Why it stands where it does on the list."""
    facts = {
        "promise": row.promise,
        "due_at": row.due_at,
        "account__mrr": row.account.mrr,
        "account__band": row.account.band,
    }
    return Places(timezone.now()).why(facts)


def history(row: FollowUp) -> list[Entry]:
    """What became of it so far, newest first."""
    about = row.account.activities.filter(kind__startswith="followup.", data__follow_up=row.pk)
    return [Entry(a) for a in about.select_related("actor", "cause").order_by("-occurred_at", "-id")[:HISTORY]]


def repeats(row: FollowUp) -> list[Entry]:
    if row.occurrences < 2:
        return []
    again = row.repeats.select_related("activity__actor").order_by("-occurred_at", "-id")[:HISTORY]
    return [Entry(one.activity) for one in again]


@require_POST
def steps(request: Request, pk: int) -> HttpResponse:
    """The boxes as they are now. Only those that differ are written, so that two people can tick at once."""
    row = get_follow_up(request.user, pk, "followup.work")
    ticked = {int(text) for text in request.POST.getlist("step") if text.isdecimal() and len(text) < 6}
    for index, step in enumerate(list(row.steps)):
        if bool(step.get("done")) != (index in ticked):
            followups.set_step(row.pk, index, index in ticked, by=request.user)
    if not request.htmx:
        return redirect("follow-up", pk)
    row = get_follow_up(request.user, pk)
    return render(request, "accounts/queue/follow_up.html#steps", context(request, row))


@require_POST
def wake(request: Request, pk: int) -> HttpResponse:
    """Back on the list before its time."""
    row = followups.wake(get_follow_up(request.user, pk, "followup.work"), by=request.user)
    return changed(request, _("Back on the list: %(title)s") % {"title": title_of(row)})
