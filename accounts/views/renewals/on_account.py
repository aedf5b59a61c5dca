"""The terms of one account: those to be decided, and what became of the others. A part of its subscription tab."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.domain.renewals import listing
from accounts.http import Request
from accounts.views.customers.frame import the_account
from accounts.views.renewals.rows import rows_of

MOST = 60


@require_safe
def account_renewals(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    found = list(listing.of_account(account.pk)[: MOST + 1])
    context = {"account": account, "rows": rows_of(found[:MOST], request.user), "more": len(found) > MOST}
    return render(request, "accounts/renewals/account.html", context)
