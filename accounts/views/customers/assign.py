"""Many accounts to one CSM."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.domain.accounts import assign_csm
from accounts.domain.listing import NOBODY
from accounts.exceptions import DomainError
from accounts.http import Request, requires
from accounts.models import Account, User
from accounts.views.customers.lists import address

MOST = 1000


@require_POST
@requires("account.assign")
def account_assign(request: Request) -> HttpResponse:
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if not ids:
        raise DomainError(_("Choose at least one account."))
    if len(ids) > MOST:
        raise DomainError(_("At most %(most)s at once.") % {"most": MOST}, code="too_many")
    csm = _csm(request.POST.get("csm", ""))
    there = Account.objects.filter(pk__in=ids).values_list("pk", flat=True)
    moved = assign_csm(there, csm, by=request.user)
    messages.success(request, _told(moved, csm))
    return redirect(address(QueryDict(request.POST.get("query", ""))))


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
