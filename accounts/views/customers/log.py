"""Written down in place: calls and notes."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.accounts import log_call, write_note
from accounts.forms.customers import CallForm, NoteForm
from accounts.http import Request, posted
from accounts.views.customers.frame import the_account
from accounts.views.customers.writing import write


@require_http_methods(["GET", "POST"])
def call_add(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "account.log")
    return write(
        request,
        CallForm(posted(request), account=account),
        lambda values: log_call(account, by=request.user, **values),
        account=account,
        title=_("Log a call"),
        save=_("Log the call"),
        done=_("Call logged"),
    )


@require_http_methods(["GET", "POST"])
def note_add(request: Request, pk: int) -> HttpResponse:
    account = the_account(request, pk, "account.log")
    return write(
        request,
        NoteForm(posted(request)),
        lambda values: write_note(account, by=request.user, **values),
        account=account,
        title=_("Write a note"),
        save=_("Save the note"),
        done=_("Note saved"),
    )
