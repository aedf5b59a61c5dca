"""Saved views of the renewals."""

from django.http import QueryDict
from django.urls import reverse

from accounts.forms.account_filters import Choices
from accounts.forms.renewal_filters import read
from accounts.models import User
from accounts.views.renewals.frame import PAGE
from accounts.views.saved import views_of


def understood(text: str, user: User) -> str:
    """Only what the filters are called is kept."""
    try:
        data = QueryDict(text)
    except (ValueError, UnicodeError):
        data = QueryDict()
    return read(data, user, Choices(user))[0].whole_query


def address(query: str) -> str:
    return f"{reverse('renewals:list')}?{query}"


save, edit, delete = views_of(
    PAGE,
    permission="renewal.view",
    home="renewals:list",
    template="accounts/renewals/view.html",
    understood=understood,
    address=address,
)
