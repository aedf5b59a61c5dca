"""Seats, plan and rhythm: a quote first, line by line, then the change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain import plans
from accounts.domain.plans.letters import confirm_undone
from accounts.domain.plans.pricing import amount_for, price_for
from accounts.domain.plans.wording import own_price, price_in_words, price_words
from accounts.domain.plans.yearly import yearly_offer
from accounts.enums import Interval
from accounts.exceptions import DomainError
from accounts.forms.portal import ChangeForm
from accounts.models import ContactLink, PlanPrice, PlanVersion, Subscription
from accounts.views.portal.frame import customer, must_decide, offers, subscription_of, token_of
from accounts.visitors import visitor


@dataclass(frozen=True)
class Choice:
    """A plan to choose, in the rhythm that is chosen."""

    value: str
    name: str
    price: str
    features: list[str]
    chosen: bool
    note: str = ""


@require_safe
@visitor("portal")
def change(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    """Without a wish the form alone; with one, what it would cost."""
    must_decide(link)
    sub, versions = subscription_of(link, pk), offers()
    form = ChangeForm(request.GET if "seats" in request.GET else None, subscription=sub, versions=versions)
    asked = None
    if form.is_bound and form.is_valid():
        try:
            asked = plans.quote(sub, form.wish())
        except DomainError as error:
            _refused(form, error)
    return _page(request, link, sub, form, asked)


@require_POST
@visitor("portal")
def confirm(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    must_decide(link)
    sub = subscription_of(link, pk)
    form = ChangeForm(request.POST, subscription=sub, versions=offers())
    if not form.is_valid():
        return _page(request, link, sub, form, None)
    try:
        done, _new = plans.confirm(
            sub, form.wish(), request.POST.get("key", ""), by=customer(link.contact), contact=link.contact
        )
    except plans.StaleQuote as stale:
        return _page(request, link, stale.fresh.subscription, form, stale.fresh, stale=True)
    except DomainError as error:
        _refused(form, error)
        return _page(request, link, sub, form, None, status=error.status)
    text = _("Done. We have sent you a mail about it.") if done.applied_at else _("It is noted, and confirmed by mail.")
    messages.success(request, text)
    return redirect("portal", token=token_of(request))


@require_POST
@visitor("portal")
def undo(request: HttpRequest, link: ContactLink, pk: int) -> HttpResponse:
    """The change ahead is taken back."""
    must_decide(link)
    sub = subscription_of(link, pk)
    given = request.POST.get("change")
    if (waiting := next((change for change in sub.plan_changes.all() if change.key == given), None)) is None:
        raise Http404
    if plans.undo(waiting, by=customer(link.contact)):
        confirm_undone(waiting, link.contact)
    messages.success(request, _("Taken back: everything stays as it is."))
    return redirect("portal", token=token_of(request))


def _refused(form: ChangeForm, error: DomainError) -> None:
    for name, sentences in (error.errors or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, list(sentences))


def _page(
    request: HttpRequest,
    link: ContactLink,
    sub: Subscription,
    form: ChangeForm,
    asked: plans.Quote | None,
    *,
    stale: bool = False,
    status: int = 0,
) -> HttpResponse:
    interval = form["interval"].value() or sub.interval
    context: dict[str, Any] = {
        "token": token_of(request),
        "account": sub.account,
        "subscription": sub,
        "form": form,
        "choices": _choices(sub, form, interval),
        "intervals": _intervals(sub, form, interval),
        "quote": asked,
        "yearly": yearly_offer(sub) if asked and asked.after.interval == Interval.YEAR else None,
        "stale": stale,
    }
    wrong = form.is_bound and not asked
    return render(
        request, "accounts/portal/change.html", context, status=409 if stale else status or (422 if wrong else 200)
    )


def _choices(sub: Subscription, form: ChangeForm, interval: str) -> list[Choice]:
    """What they have first, then what is on offer in their currency and the rhythm chosen."""
    chosen = form["version"].value() or ""
    own = sub.plan_version
    mine = price_words(own, interval, sub.currency) if own and interval != sub.interval else own_price(sub)
    rows = [
        Choice("", sub.plan.name if sub.plan else _("Your plan"), mine or own_price(sub), own.features if own else [],
               not chosen or (own is not None and chosen == str(own.pk)), _own_note(own))
    ]  # fmt: skip
    for version, price in _sold(form, interval, sub.currency):
        if version != own:
            key, words = str(version.pk), price_in_words(version, price)
            rows.append(Choice(key, _name(version, sub), words, version.features, chosen == key))
    return rows


def _sold(form: ChangeForm, interval: str, currency: str) -> list[tuple[PlanVersion, PlanPrice]]:
    """The cheapest first."""
    priced = [(version, price_for(version, interval, currency)) for version in form.versions.values()]
    sold = [(version, price) for version, price in priced if price]
    return sorted(sold, key=lambda one: amount_for(one[0], one[1], 1))


def _name(version: PlanVersion, sub: Subscription) -> str:
    name = version.plan.name
    return name if version.plan_id != sub.plan_id else _("%(plan)s, as it is today") % {"plan": name}


def _own_note(own: PlanVersion | None) -> str:
    if own and (own.withdrawn_at or not own.offered):
        return _("What you have. Its price stays yours, also for more seats.")
    return _("What you have.")


def _intervals(sub: Subscription, form: ChangeForm, chosen: str) -> list[tuple[str, str, bool]]:
    """Rhythms that something is sold in."""
    versions = [*form.versions.values(), *([sub.plan_version] if sub.plan_version else [])]
    sold = {price.interval for version in versions for price in version.prices.all() if price.currency == sub.currency}
    names = {Interval.MONTH: _("Monthly"), Interval.YEAR: _("Yearly")}
    known = [i for i in Interval.by_price() if i in sold or i == sub.interval]
    return [(i.value, names[i], i == chosen) for i in known]
