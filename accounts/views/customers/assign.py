"""Many accounts to one CSM: those chosen on the page, or all that match its filters."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.domain.accounts import assign_csm
from accounts.domain.listing import NOBODY
from accounts.exceptions import DomainError
from accounts.forms.account_filters import Choices, FilterForm
from accounts.http import Request, requires
from accounts.models import Account, User
from accounts.views.customers.lists import address, canonical

MOST = 1000
MOST_MATCHING = 20_000


@require_POST
@requires("account.assign")
def account_assign(request: Request) -> HttpResponse:
    csm, query = _csm(request.POST.get("csm", "")), QueryDict(request.POST.get("query", ""))
    if "all" in request.POST:
        ids = _matching(request, query)
        if request.POST.get("count") != str(len(ids)):  # not asked yet, or there are others by now
            return _asked(request, ids, csm, query)
    else:
        ids = _chosen(request)
    moved = assign_csm(ids, csm, by=request.user, follow_ups="follow_ups" in request.POST)
    messages.success(request, _told(moved, csm))
    return redirect(address(query))


def _chosen(request: Request) -> list[int]:
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if not ids:
        raise DomainError(_("Choose at least one account."))
    if len(ids) > MOST:
        raise DomainError(_("At most %(most)s at once.") % {"most": MOST}, code="too_many")
    return list(Account.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _matching(request: Request, query: QueryDict) -> list[int]:
    """All of them, not the page alone. With a filter that cannot be read it would be others than those shown."""
    form = FilterForm(query, Choices(request.user))
    if form.sentences:
        raise DomainError(_("One of the filters cannot be read: correct it first."))
    found = form.filters.apply().order_by("pk").values_list("pk", flat=True)
    ids = list(found[: MOST_MATCHING + 1])
    if not ids:
        raise DomainError(_("No account is like that"))
    if len(ids) > MOST_MATCHING:
        raise DomainError(_("At most %(most)s at once.") % {"most": MOST_MATCHING}, code="too_many")
    return ids


def _asked(request: Request, ids: Sequence[int], csm: User | None, query: QueryDict) -> HttpResponse:
    context = {
        "number": len(ids),
        "csm": csm,
        "query": canonical(query).urlencode(),
        "back": address(query),
        "changed": "count" in request.POST,
        "follow_ups": "follow_ups" in request.POST,
    }
    return render(request, "accounts/customers/assign_all.html", context)


def _told(moved: int, csm: User | None) -> str:
    if not moved:
        return _("Nothing to change: they are with %(csm)s already.") % {"csm": csm or _("nobody")}
    sentence = ngettext("%(n)s account now goes to %(csm)s.", "%(n)s accounts now go to %(csm)s.", moved)
    return sentence % {"n": moved, "csm": csm or _("nobody")}


def _csm(choice: str) -> User | None:
    if choice == NOBODY:
        return None
    chosen = User.objects.workers().filter(pk=int(choice)).first() if choice.isascii() and choice.isdigit() else None
    if chosen is None:
        raise DomainError(_("Choose who looks after them."), errors={"csm": [_("There is no such person.")]})
    return chosen
