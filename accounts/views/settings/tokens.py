from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.domain.tokens import create_token, revoke_token
from accounts.exceptions import DomainError
from accounts.forms.settings import TokenForm
from accounts.http import Request, posted, requires
from accounts.models import ApiToken


@requires("token.manage")
def token_list(request: Request) -> HttpResponse:
    tokens = ApiToken.objects.select_related("created_by").order_by("-revoked_at", "name")
    return render(request, "accounts/settings/tokens.html", {"tokens": tokens, "now": timezone.now()})


@requires("token.manage")
def token_add(request: Request) -> HttpResponse:
    form = TokenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["expires_on"]
        try:
            row, token = create_token(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=timezone.make_aware(datetime.combine(day, time.min)) if day else None,
                by=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            # Rendered, not redirected to: the token is nowhere but in this one answer.
            response = render(request, "accounts/settings/token_made.html", {"row": row, "token": token})
            response["Cache-Control"] = "no-store"
            return response
    return render(
        request, "accounts/settings/token.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@requires("token.manage")
@require_POST
def token_revoke(request: Request, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    revoke_token(token)
    messages.success(request, _("%(name)s is revoked: it stops working now.") % {"name": token})
    return redirect("settings:tokens")
