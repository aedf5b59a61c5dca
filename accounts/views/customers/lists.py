"""The account list, its counts, and the search box of every page."""

from datetime import timedelta

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.domain import listing, search
from accounts.domain.keyset import BadPositionError, Page
from accounts.domain.views import views_for
from accounts.enums import Band
from accounts.forms.account_filters import Choices, FilterForm
from accounts.http import Request, requires
from accounts.views.customers import table

FOUND = "accounts-found"  # the part of the page that htmx replaces
PAGE = "accounts"  # what its saved views are kept under


@require_safe
@requires("account.view")
def account_list(request: Request) -> HttpResponse:
    choices = Choices(request.user)
    form = FilterForm(request.GET, choices)
    page, lost = _page(form, request.GET)
    query = canonical(request.GET)
    may_assign = request.user.may("account.assign")
    context = {
        "form": form,
        "choices": choices,
        "page": page,
        "lost": lost,
        "rows": table.body(page.rows, choices, may_assign=may_assign),
        "head": table.head(table.columns(query, form.chosen_sort)),
        "sort": form.chosen_sort,
        "query": query.urlencode(),
        "filtered": form.filters != listing.Filters(),
        "may_assign": may_assign,
    }
    context |= {"views": views_for(request.user, PAGE), "built_in": _built_in(request)}
    if request.htmx.target == FOUND:
        response = render(request, "accounts/customers/list.html#found", context | {"swapped": True})
        response["HX-Push-Url"] = address(request.GET)
        return response
    return render(request, "accounts/customers/list.html", context | {"bands": Band.choices})


def _built_in(request: Request) -> list[tuple[str, str]]:
    """Views that everybody has."""
    soon = timezone.localdate() + timedelta(days=90)
    return [
        (_("Mine"), "csm=me"),
        (_("Red"), "band=red"),
        (_("Decision in 90 days"), f"decision_from={timezone.localdate()}&decision_to={soon}&sort=decision"),
        (_("Without CSM"), "csm=none&stage=current"),
    ]


def _page(form: FilterForm, where: QueryDict) -> tuple[Page, bool]:
    """The page asked for; the first one, and True, where its address is damaged."""
    filters, sort = form.filters, form.chosen_sort
    try:
        return listing.page(filters, sort, after=where.get("after", ""), before=where.get("before", "")), False
    except BadPositionError:
        return listing.page(filters, sort), True


def canonical(where: QueryDict, *, place: bool = False) -> QueryDict:
    """The address without what says nothing: what a saved view keeps and an export repeats."""
    kept = QueryDict(mutable=True)
    for name in FilterForm.base_fields:
        kept.setlist(name, [value for value in where.getlist(name) if value])
    if kept.get("sort") == listing.DEFAULT_SORT.key:
        del kept["sort"]
    for name in ("after", "before") if place else ():
        kept.setlist(name, where.getlist(name))
    return kept


def address(where: QueryDict) -> str:
    query = canonical(where, place=True).urlencode()
    return reverse("accounts:list") + (f"?{query}" if query else "")


@require_safe
@requires("account.view")
def account_totals(request: Request) -> HttpResponse:
    """Counts for the chips: asked for after the page, because counting takes longer the more accounts there are."""
    form = FilterForm(request.GET, Choices(request.user))
    totals = listing.totals(form.filters)
    context = {"totals": totals, "counts": [(key, title, totals.bands[key]) for key, title in Band.choices]}
    return render(request, "accounts/customers/totals.html", context)


@require_safe
@requires("account.view")
def account_search(request: Request) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[: search.LONGEST]
    return render(request, "accounts/customers/search.html", {"q": text, "hits": search.find(text)})
