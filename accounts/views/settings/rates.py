"""Exchange rates: what is known from which day, and what waits for one."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.missing_rates import waiting_for_rates
from accounts.domain.setting_rates import set_rate
from accounts.enums import SubscriptionStatus as Status
from accounts.exceptions import DomainError
from accounts.forms.plans import RateForm
from accounts.http import Request, posted, requires
from accounts.models import ExchangeRate, Subscription

MOST = 200


@dataclass(frozen=True)
class Row:
    rate: ExchangeRate
    holds: bool
    ahead: bool
    subscriptions: int | None


@requires("rate.manage")
@require_http_methods(["GET", "POST"])
def rate_list(request: Request) -> HttpResponse:
    initial = {"currency": request.GET.get("currency", "")[:3], "valid_from": timezone.localdate()}
    form = RateForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            rate, _result = set_rate(**form.cleaned_data, by=request.user)
        except DomainError as error:
            for name, sentences in (error.errors or {"": [str(error)]}).items():
                form.add_error(name if name in form.fields else None, list(sentences))
        else:
            text = _("%(currency)s is worth %(rate)s from then on; what is priced in it follows.")
            messages.success(request, text % {"currency": rate.currency, "rate": f"{rate.rate.normalize():f}"})
            return redirect("settings:rates")
    context = {"form": form, "reporting": settings.REPORTING_CURRENCY, "waiting": waiting_for_rates(), "rows": _rows()}
    return render(request, "accounts/settings/rates.html", context, status=422 if form.is_bound else 200)


def _rows() -> list[Row]:
    """The newest of each currency that has come holds; what is priced in it is counted there."""
    today, holding = timezone.localdate(), set()
    live = Subscription.objects.filter(~Q(status=Status.CANCELED)).values_list("currency").annotate(n=Count("pk"))
    counts, rows = dict(live.order_by()), []
    for rate in ExchangeRate.objects.order_by("currency", "-valid_from")[:MOST]:
        ahead = rate.valid_from > today
        holds = not ahead and rate.currency not in holding
        if holds:
            holding.add(rate.currency)
        rows.append(Row(rate, holds, ahead, counts.get(rate.currency, 0) if holds else None))
    return rows
