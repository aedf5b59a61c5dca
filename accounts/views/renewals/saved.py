"""Saved views of the renewals."""

from django.utils.translation import gettext_lazy as _

from accounts.forms.account_filters import Choices
from accounts.forms.renewal_filters import read
from accounts.views.renewals.frame import PAGE
from accounts.views.saved import views_of

save, edit, delete = views_of(
    PAGE,
    _("Renewals"),
    permission="renewal.view",
    home="renewals:list",
    understood=lambda data, user: read(data, Choices(user))[0].whole_query,
)
