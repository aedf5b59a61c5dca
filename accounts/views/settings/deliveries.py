from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.domain.deliveries import TONES
from accounts.domain.dispatch import try_again
from accounts.domain.wording import translated
from accounts.enums import DeliveryStatus
from accounts.http import Request, requires
from accounts.models import Delivery, Playbook
from accounts.registry import activity_kinds

MOST = 100
WAITING = [DeliveryStatus.PENDING, DeliveryStatus.FAILED]


@requires("settings.view")
def delivery_list(request: Request) -> HttpResponse:
    """What was parked or is being tried again: the newest hundred of each."""
    rows = Delivery.objects.select_related("activity__account", "follow_up").order_by("-created_at")
    parked = list(rows.filter(status=DeliveryStatus.PARKED)[:MOST])
    waiting = list(rows.filter(status__in=WAITING)[:MOST])
    names = {str(pk): translated(name) for pk, name in Playbook.objects.values_list("pk", "name")}
    for row in parked + waiting:
        row.who = names.get(row.subscriber.removeprefix("playbook:"), row.subscriber.partition(":")[2])  # type: ignore[attr-defined]
        row.tone = TONES[DeliveryStatus(row.status)]  # type: ignore[attr-defined]
        kind = activity_kinds.items.get(row.activity.kind)
        row.what = kind.label if kind else row.activity.kind  # type: ignore[attr-defined]
    return render(request, "accounts/settings/deliveries.html", {"parked": parked, "waiting": waiting})


@requires("delivery.manage")
@require_POST
def delivery_again(request: Request, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery, pk=pk, status=DeliveryStatus.PARKED)
    try_again([delivery.pk])
    messages.success(request, _("It is tried again now."))
    return redirect("settings:deliveries")
