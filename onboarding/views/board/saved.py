"""Saved views of the board."""

from django.utils.translation import gettext_lazy as _

from accounts.views.saved import views_of
from onboarding.forms.board import Choices, read
from onboarding.views.board.frame import PAGE

save, edit, delete = views_of(
    PAGE,
    _("Onboarding"),
    permission="onboarding.view",
    home="onboarding:board",
    understood=lambda data, user: read(data, Choices(user))[0].whole_query,
)
