"""The timeline of an account, page by page, and what became of one entry."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.domain import deliveries, timeline
from accounts.domain.keyset import BadPositionError
from accounts.http import Request
from accounts.views.customers import entries
from accounts.views.customers.frame import page, the_account


@require_safe
def account_timeline(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    groups = timeline.groups()
    group = request.GET.get("group", "")
    if group not in dict(groups):
        group = ""
    try:
        found = timeline.page(account, group=group, after=request.GET.get("after", ""))
    except BadPositionError:
        found = timeline.page(account, group=group)
    context = {
        "account": account,
        "groups": groups,
        "group": group,
        "page": found,
        "months": entries.months(account, found.rows),
    }
    target = request.htmx.target
    if target == "timeline":
        return render(request, "accounts/customers/timeline.html#list", context)
    if target == "timeline-more":
        return render(request, "accounts/customers/timeline.html#months", context)
    return page(request, "timeline_page", account, "timeline", context)


@require_safe
def account_activity(request: Request, pk: int, activity: int) -> HttpResponse:
    """What was recorded, what caused it, and what playbooks and other readers made of it."""
    account = the_account(request, pk)
    entry = timeline.Entry(get_object_or_404(timeline.of(account), pk=activity))
    context = {"account": account, "entry": entry, **deliveries.story(entry.activity)}
    if request.htmx:
        return render(request, "accounts/customers/activity.html#story", context)
    return page(request, "activity", account, "timeline", context)
