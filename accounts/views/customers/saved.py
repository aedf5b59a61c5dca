"""Saved views of the account list."""

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.views.customers.lists import PAGE, address, canonical
from accounts.views.saved import views_of

save, edit, delete = views_of(
    PAGE,
    _("Accounts"),
    permission="account.view",
    home="accounts:list",
    understood=lambda data, _user: canonical(data).urlencode(),
    address=lambda query: address(QueryDict(query)),
)
