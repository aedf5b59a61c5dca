from django.contrib import messages
from django.db.models import Count, ProtectedError, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.domain.assignment import books, share_out
from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.forms.settings import MoveAccountsForm, SegmentForm
from accounts.http import Request, posted, requires
from accounts.models import Segment, User


@requires("segment.manage")
def segment_list(request: Request) -> HttpResponse:
    live = ~Q(accounts__stage=Stage.CHURNED)
    segments = Segment.objects.annotate(
        account_count=Count("accounts", filter=live), account_mrr=Sum("accounts__mrr", filter=live, default=0)
    )
    return render(request, "accounts/settings/segments.html", {"segments": segments})


@requires("segment.manage")
def segment_add(request: Request) -> HttpResponse:
    return _edit(request, None)


@requires("segment.manage")
def segment_edit(request: Request, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Segment, pk=pk))


def _edit(request: Request, segment: Segment | None) -> HttpResponse:
    form = SegmentForm(posted(request), instance=segment)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("%(name)s is saved.") % {"name": saved})
        return redirect("settings:segments")
    return render(
        request,
        "accounts/settings/segment.html",
        {"form": form, "segment": segment},
        status=422 if request.method == "POST" else 200,
    )


@requires("segment.manage")
@require_POST
def segment_delete(request: Request, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    try:
        segment.delete()
    except ProtectedError as error:
        raise DomainError(_("There are accounts in this segment: move them first.")) from error
    messages.success(request, _("%(name)s is gone.") % {"name": segment})
    return redirect("settings:segments")


@requires("account.assign")
def assignment(request: Request) -> HttpResponse:
    """Who looks after whom, and moving a whole book from one to others."""
    form = MoveAccountsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["source"]
        try:
            count = share_out(
                source=None if source == "none" else User.objects.get(pk=source),
                segment=form.cleaned_data["segment"],
                targets=list(form.cleaned_data["targets"]),
                follow_ups=form.cleaned_data["follow_ups"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            text = ngettext("%(n)s account has a new CSM.", "%(n)s accounts have a new CSM.", count)
            messages.success(request, text % {"n": count})
            return redirect("settings:assignment")
    context = {"form": form, "books": books()}
    return render(
        request, "accounts/settings/assignment.html", context, status=422 if request.method == "POST" else 200
    )
