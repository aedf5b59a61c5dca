"""Costs by month: what CAC and CRC are made of."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.numbers.asking import last_full_month
from accounts.domain.numbers.sums import members
from accounts.forms.numbers import CostForm
from accounts.http import Request, posted, requires
from accounts.models import Cost

SIZE = 60


@requires("cost.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def cost_list(request: Request) -> HttpResponse:
    form = CostForm(posted(request), initial={"month": last_full_month()})
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The cost is kept; the figures made of it follow at once."))
        return redirect("settings:costs")
    return _answer(request, form)


@requires("cost.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def cost(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Cost, pk=pk)
    form = CostForm(posted(request), instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings:costs")
    return _answer(request, form, row)


@requires("cost.manage")
@require_POST
def cost_delete(request: Request, pk: int) -> HttpResponse:
    Cost.objects.filter(pk=pk).delete()
    messages.success(request, _("The cost is gone."))
    return redirect("settings:costs")


def _answer(request: Request, form: CostForm, row: Cost | None = None) -> HttpResponse:
    page = Paginator(Cost.objects.order_by("-month", "kind", "channel", "note"), SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "row": row,
        "page": page,
        "totals": Cost.objects.order_by("-month").values("month", "kind").annotate(amount=Sum("amount"))[:24],
        "channels": [member for member in members("channel") if member],
        "reporting": settings.REPORTING_CURRENCY,
    }
    return render(request, "accounts/settings/costs.html", context, status=422 if form.errors else 200)
