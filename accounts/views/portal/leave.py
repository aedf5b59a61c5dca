"""Leaving, and staying after all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import formats
from accounts.domain import plans
from accounts.domain.plans.changing import last_day_of
from accounts.exceptions import DomainError
from accounts.forms.portal import CancelForm
from accounts.models import ContactLink, Subscription
from accounts.views.portal.frame import customer, must_decide, subscription_of, token_of
from accounts.visitors import visitor


@require_http_methods(["GET", "HEAD", "POST"])
@visitor("portal")
def cancel(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    """At the end of what is paid for, with the reason."""
    must_decide(link)
    sub = subscription_of(link, pk)
    form, status = CancelForm(request.POST or None), 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            return _canceled(request, link, sub, form)
        except DomainError as error:
            form.add_error(None, str(error))
            status = error.status
    context = {"token": token_of(request), "account": sub.account, "subscription": sub, "form": form}
    context |= {"ends_on": sub.ended_on or last_day_of(sub)}
    return render(request, "accounts/portal/cancel.html", context, status=status)


def _canceled(request: HttpRequest, link: ContactLink, sub: Subscription, form: CancelForm) -> HttpResponse:
    given, who = form.cleaned_data, link.contact
    ended = plans.cancel_at_period_end(
        sub, by=customer(who), reason=given["reason"], comment=given["comment"], contact=who
    )
    day = formats.day(ended.ended_on, form="long")
    messages.success(request, _("It ends on %(day)s. We have sent you a mail about it.") % {"day": day})
    return redirect("portal", token=token_of(request))


@require_POST
@visitor("portal")
def keep(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    must_decide(link)
    plans.keep_subscription(subscription_of(link, pk), by=customer(link.contact), contact=link.contact)
    messages.success(request, _("Your subscription goes on. How good that you stay!"))
    return redirect("portal", token=token_of(request))
