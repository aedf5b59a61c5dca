"""The voice of one account, on its page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from accounts.views.customers.frame import the_account
from health.domain.surveys import comments
from health.domain.surveys.of_account import invites_of, people_of
from health.views.voice import said


@require_safe
def voice_panel(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk)
    context = {
        "account": account,
        "said": said(comments.of_account(account)),
        "people": people_of(account),
        "invites": invites_of(account),
    }
    return render(request, "health/voice/panel.html", context)
