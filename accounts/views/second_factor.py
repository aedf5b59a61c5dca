"""Asked for the code of a second factor, between the password and the first page."""

from allauth.account.stages import LoginStageController
from allauth.mfa.base import views
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

# Recovery codes alone are not: they go with what they stand in for.
ASKED_FOR = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


@never_cache
@login_not_required
def authenticate(request: HttpRequest) -> HttpResponseBase:
    """Where an admin has taken the factor away meanwhile, the password is asked for anew: left to itself, this page and
    that of the sign-in would send the browser to and fro."""
    if request.user.is_anonymous:
        stage = LoginStageController.enter(request, AuthenticateStage.key)
        if stage and not is_mfa_enabled(stage.login.user, ASKED_FOR):
            return stage.abort()
    return views.authenticate(request)
