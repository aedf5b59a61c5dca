"""Saved views of the board."""

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.views.saved import views_of
from onboarding.forms.board import Choices, read
from onboarding.views.board.frame import PAGE


def understood(text: str, user: User) -> str:
    """Only what the filters are called is kept."""
    try:
        data = QueryDict(text)
    except (ValueError, UnicodeError):
        data = QueryDict()
    return read(data, Choices(user))[0].whole_query


def address(query: str) -> str:
    return f"{reverse('onboarding:board')}?{query}"


save, edit, delete = views_of(
    PAGE,
    permission="onboarding.view",
    home="onboarding:board",
    template="onboarding/board/view.html",
    understood=understood,
    address=address,
)
