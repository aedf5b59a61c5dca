"""The customer's home: their plan, their dates, their people, and what other apps add."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.domain.lifecycle import is_live
from accounts.domain.mrr import recurring
from accounts.domain.plans.periods import period_of
from accounts.domain.plans.quotes import today_of
from accounts.domain.plans.wording import PER, own_price
from accounts.domain.plans.yearly import YearlyOffer, yearly_offer
from accounts.enums import Interval, SubscriptionStatus as Status
from accounts.models import Contact, ContactLink, PlanChange, Subscription
from accounts.registry import Text, portal_parts
from accounts.views.portal.frame import token_of
from accounts.visitors import visitor

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Card:
    """One subscription as its customer sees it."""

    one: Subscription
    name: str
    amount: Decimal  # per interval
    per: str
    price: str
    features: list[str]
    next_title: str
    next_day: date | None
    note: str
    ahead: PlanChange | None
    yearly: YearlyOffer | None

    @property
    def may_change(self) -> bool:
        return self.one.ended_on is None


@dataclass(frozen=True)
class Part:
    key: str
    title: Text
    html: SafeString


@require_safe
@visitor("portal")
def home(request: HttpRequest, link: ContactLink) -> HttpResponse:
    contact = link.contact
    people = list(contact.account.contacts.filter(left_on=None))
    context = {
        "link": link,
        "token": token_of(request),
        "contact": contact,
        "account": contact.account,
        "cards": _cards(contact),
        "people": people,
        "deciders": [person for person in people if person.decides],
        "parts": list(_parts(request, link)),
    }
    return render(request, "accounts/portal/home.html", context)


def _cards(contact: Contact) -> list[Card]:
    rows = contact.account.subscriptions.select_related("account", "plan", "plan_version__plan")
    live = [sub for sub in rows.prefetch_related("plan_version__prices") if is_live(sub, today_of(sub))]
    waiting = PlanChange.objects.filter(account=contact.account, applied_at=None, undone_at=None)
    ahead = {change.subscription_id: change for change in waiting}
    return [_card(sub, ahead.get(sub.pk)) for sub in live]


def _card(sub: Subscription, ahead: PlanChange | None) -> Card:
    title, day, note = _next(sub)
    version = sub.plan_version
    return Card(
        one=sub,
        name=sub.plan.name if sub.plan else _("Your subscription"),
        amount=recurring(sub),
        per=PER[Interval(sub.interval)](),
        price=own_price(sub),
        features=version.features if version else [],
        next_title=title,
        next_day=day,
        note=note,
        ahead=ahead,
        yearly=yearly_offer(sub) if ahead is None else None,
    )


def _next(sub: Subscription) -> tuple[str, date | None, str]:
    """The day that matters to them, and a word about it."""
    if sub.ended_on:
        return _("Ends on"), sub.ended_on, _("Until then everything works as before.")
    if sub.status == Status.TRIALING and sub.trial_ends_on:
        after = _("Then it is paid for.") if sub.auto_renew else _("Then it ends by itself.")
        return _("Trial until"), sub.trial_ends_on, after
    if sub.term_end and sub.term_end > today_of(sub):
        note = _("It renews by itself.") if sub.auto_renew else _("It ends unless we renew it together.")
        return _("Renewal") if sub.auto_renew else _("Term ends"), sub.term_end, note
    return _("Next invoice"), period_of(sub, today_of(sub))[1], ""


def _parts(request: HttpRequest, link: ContactLink) -> Iterator[Part]:
    """Of the other apps. One that fails is missing, and the page is not."""
    for part in portal_parts.sorted():
        try:
            context: dict[str, Any] | None = part.context(link)
            if context is not None:
                yield Part(part.key, part.title, render_to_string(part.template, context, request))
        except Exception:
            log.exception("a part of the portal failed", part=part.key)
