"""The outbox: every mail, what was said, whether it went out and what came back."""

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.domain import mails
from accounts.domain.keyset import BadPositionError, Page
from accounts.domain.mails import reading
from accounts.domain.mails.sending import server_away
from accounts.domain.optouts import opt_in, opt_out
from accounts.enums import MailStatus
from accounts.exceptions import DomainError
from accounts.forms.outbox import OptOutForm
from accounts.http import Request, posted, requires
from accounts.models import Mail, OptOut
from accounts.registry import mail_kinds
from accounts.views.customers.frame import page as account_page, the_account

FEW = 25
# Somebody else's words, shown in a frame that may do nothing but be looked at and followed.
FRAME = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@requires("mail.view")
@require_safe
def outbox(request: Request) -> HttpResponse:
    asked = reading.Asked.of(request.GET)
    context = {
        "page": _page(request, asked.among(reading.visible_to(request.user))),
        "asked": asked,
        "states": [(key, title) for key, (title, _statuses) in reading.STATES.items()],
        "kinds": [kind for kind in mail_kinds if kind.name != reading.SYSTEM or request.user.may("mail.manage")],
        "kept": reading.is_kept(),
        "away": "" if reading.is_kept() else server_away(),
    }
    part = "#found" if request.htmx.target == "outbox-found" else ""
    return render(request, f"accounts/outbox/list.html{part}", context)


def _page(request: Request, rows: QuerySet[Mail], size: int = 50) -> Page:
    """Of those the page that the address names; the first, where it names none."""
    try:
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        found = reading.page(rows, after=after, before=before, size=size)
    except BadPositionError:
        found = reading.page(rows, size=size)
    return _dressed(found)


def _dressed(found: Page) -> Page:
    for mail in found.rows:
        mail.tone = reading.TONES[MailStatus(mail.status)]
        mail.kind_title = _title(mail.kind)
    return found


def _title(kind: str) -> Any:
    return mail_kinds[kind].title if kind in mail_kinds else kind


@requires("mail.view")
@require_safe
def mail(request: Request, pk: int) -> HttpResponse:
    return _mail(request, _the_mail(request, pk))


def _the_mail(request: Request, pk: int) -> Mail:
    return get_object_or_404(reading.visible_to(request.user).select_related("account", "contact"), pk=pk)


def _mail(request: Request, row: Mail) -> HttpResponse:
    context = {
        "mail": row,
        "tone": reading.TONES[MailStatus(row.status)],
        "kind_title": _title(row.kind),
        "text": reading.shown(row.text),
        "headers": reading.headers_of(row),
        "kept": reading.is_kept(),
        "inline": request.htmx.target == "detail",
        "may_again": row.status in mails.work.SETTLED,
        "may_cancel": row.status in mails.work.WAITING,
    }
    return render(request, "accounts/outbox/mail.html", context)


@requires("mail.view")
@require_safe
@csp(FRAME)  # type: ignore[arg-type]  # it takes any view
@xframe_options_sameorigin
def html(request: Request, pk: int) -> HttpResponse:
    """The mail as its reader sees it, for the frame alone."""
    response = HttpResponse(reading.for_frame(_the_mail(request, pk)))
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


@requires("mail.manage")
@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    row = _the_mail(request, pk)
    mails.send_again(row)
    return _done(request, row, _("It goes out again, now."))


@requires("mail.manage")
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    row = _the_mail(request, pk)
    mails.cancel(row)
    return _done(request, row, _("It will not be sent."))


def _done(request: Request, row: Mail, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    if not request.htmx:
        return redirect("outbox-mail", row.pk)
    response = _mail(request, _the_mail(request, row.pk))
    response["HX-Trigger"] = "outbox-changed"
    return response


# Who wants no more questions ------------------------------------------------------------------------


@requires("mail.view")
def opt_outs(request: Request) -> HttpResponse:
    """The list; an admin adds whom somebody has told on the phone."""
    form = OptOutForm(posted(request))
    if request.method == "POST" and request.user.may("mail.manage") and form.is_valid():
        try:
            opt_out(form.cleaned_data["address"], how="staff", by=request.user)
        except DomainError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("%(address)s is asked nothing more.") % form.cleaned_data)
            return redirect("outbox-opt-outs")
    q = request.GET.get("q", "")[:200].replace("\0", "")
    try:
        found = reading.opt_outs(q, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    except BadPositionError:
        found = reading.opt_outs(q)
    context = {"page": found, "form": form, "q": q}
    return render(request, "accounts/outbox/opt_outs.html", context, status=422 if request.method == "POST" else 200)


@requires("mail.manage")
@require_POST
def opt_out_end(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(OptOut, pk=pk)
    opt_in(row.address, by=request.user)
    messages.success(request, _("%(address)s may be asked again.") % {"address": row.address})
    return redirect("outbox-opt-outs")


# On the account -------------------------------------------------------------------------------------


@require_safe
def of_account(request: Request, pk: int) -> HttpResponse:
    """What we have written to them. Its words are for who may read the outbox."""
    account = the_account(request, pk)
    context = {"account": account, "page": _page(request, reading.of_account(account), FEW)}
    if request.htmx:
        return render(request, "accounts/customers/mails.html#mails", context)
    return account_page(request, "mails", account, "mails", context)
