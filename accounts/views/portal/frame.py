"""What the pages of the portal share: whose it is, and who may change what."""

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.domain.plans.changing import customer
from accounts.exceptions import Forbidden
from accounts.models import ContactLink, PlanVersion, Subscription

__all__ = ["customer", "must_decide", "offers", "subscription_of", "token_of"]


def token_of(request: HttpRequest) -> str:
    """For the addresses of the other pages: this visitor's own, as it came."""
    match = request.resolver_match
    return match.kwargs["token"] if match else ""


def subscription_of(link: ContactLink, pk: int) -> Subscription:
    """One of their own; any other does not exist."""
    subs = link.contact.account.subscriptions.select_related("account", "plan", "plan_version__plan")
    if (sub := subs.filter(pk=pk).first()) is None:
        raise Http404
    return sub


def must_decide(link: ContactLink) -> None:
    if not link.contact.decides:
        raise Forbidden(_("Plan and seats are changed by those who decide about the contract."))


def offers() -> list[PlanVersion]:
    return list(PlanVersion.objects.on_offer().select_related("plan").prefetch_related("prices"))
