"""What all pages of one account share: its head, and its tabs."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Stage
from accounts.http import Request, get_account
from accounts.models import Account
from accounts.registry import Panel, Text, activity_kinds, panels
from accounts.views.customers.table import whole

OVERVIEW = "overview"


@dataclass(frozen=True)
class Tab:
    key: str
    title: Text
    url: str


@dataclass(frozen=True)
class Box:
    """A part that another app serves from its own address."""

    key: str
    title: Text
    url: str


def the_account(request: Request, pk: int, permission: str = "account.view") -> Account:
    everything = Account.objects.select_related("segment", "csm", "plan")
    return get_account(request.user, pk, permission, base=everything)


def boxes(account: Account, tab: str) -> list[Box]:
    found = [(panel, _address(panel, account)) for panel in panels.sorted() if panel.tab == tab]
    return [Box(panel.key, panel.title, url) for panel, url in found if url]


def _address(panel: Panel, account: Account) -> str:
    try:
        return reverse(panel.url_name, args=[account.pk])
    except NoReverseMatch:  # an app whose pages are not built yet stays out of sight
        return ""


def tabs(account: Account) -> list[Tab]:
    """Ours, then one for each tab that panels name, called as the first of them."""
    own = [
        Tab(OVERVIEW, _("Overview"), reverse("accounts:detail", args=[account.pk])),
        Tab("subscription", _("Subscription"), reverse("accounts:subscription", args=[account.pk])),
        Tab("contacts", _("Contacts"), reverse("accounts:contacts", args=[account.pk])),
    ]
    known = {tab.key: tab for tab in own}
    for panel in panels.sorted():
        if panel.tab not in known and _address(panel, account):
            url = reverse("accounts:tab", args=[account.pk, panel.tab])
            known[panel.tab] = Tab(panel.tab, panel.title, url)
    return list(known.values())


def page(request: Request, template: str, account: Account, tab: str, context: dict[str, Any]) -> HttpResponse:
    return render(
        request,
        f"accounts/customers/{template}.html",
        {"account": account, "tab": tab, "tabs": tabs(account), **head(account), **context},
    )


def _capped_by(key: str) -> str:
    """What the indicator is called: the app that scores tells its names with the kinds of its activities."""
    for kind in activity_kinds:
        for field in kind.fields:
            if field.name == "capped_by" and key in (names := dict(field.choices)):
                return str(names[key])
    return key.replace("_", " ")


def head(account: Account) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "band": "" if account.stage == Stage.CHURNED else account.band,
        "trend": whole(account.trend),
        "days_left": (account.decision_date - today).days if account.decision_date else None,
        "capped_by": _capped_by(account.capped_by),
    }
