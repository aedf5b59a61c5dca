"""Saved views of the account list."""

from django.http import QueryDict

from accounts.models import User
from accounts.views.customers.lists import PAGE, address, canonical
from accounts.views.saved import views_of


def understood(text: str, user: User) -> str:
    """Only what the list's filters are called is kept."""
    try:
        return canonical(QueryDict(text)).urlencode()
    except (ValueError, UnicodeError):
        return ""


save, edit, delete = views_of(
    PAGE,
    permission="account.view",
    home="accounts:list",
    template="accounts/customers/view.html",
    understood=understood,
    address=lambda query: address(QueryDict(query)),
)
