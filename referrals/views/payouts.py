"""Payouts: what is due, batches with a preview, the file for the bank, and what became of each."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.domain import keyset
from accounts.domain.keyset import Page
from accounts.exceptions import DomainError
from accounts.http import Request, csv_file, requires
from referrals.domain import payouts, settling
from referrals.domain.exporting import batch_lines
from referrals.domain.overview import Due, due_by_program
from referrals.enums import BatchStatus, CarryReason, PayoutStatus, ProgramStatus
from referrals.forms.staff import MarkForm, SettleForm
from referrals.models import Partner, Payout, PayoutBatch, Program
from referrals.views.frame import tabs
from referrals.views.lists import page_asked
from referrals.views.programs import show, the_program
from referrals.views.review import chosen_ids

MOST = 200  # of a preview's lines, each kind
BATCHES = 100
TONES = {PayoutStatus.DUE: "yellow", PayoutStatus.PAID: "green", PayoutStatus.FAILED: "red"}
BATCH_TONES = {BatchStatus.OPEN: "yellow", BatchStatus.EXPORTED: "accent", BatchStatus.CLOSED: "green"}


@requires("referral.view")
@require_safe
def payout_list(request: Request) -> HttpResponse:
    due = due_by_program()
    programs = Program.objects.exclude(status=ProgramStatus.DRAFT)
    batches = list(PayoutBatch.objects.select_related("program", "created_by")[:BATCHES])
    for batch in batches:
        batch.tone = BATCH_TONES[BatchStatus(batch.status)]  # type: ignore[attr-defined]  # for the template
    context = {
        "tabs": tabs("payouts"),
        "due": [(program, due.get(program.pk, Due())) for program in programs],
        "batches": batches,
    }
    return render(request, "referrals/payouts.html", context)


# Making one -----------------------------------------------------------------------------------------


@requires("payout.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request: Request, pk: int) -> HttpResponse:
    """Shown first: who, how much, what carries over and why. Then made, as it was shown."""
    program = the_program(pk)
    found = payouts.preview(program)
    paid = [one for one in found if not one.reason]
    sums = len(paid), sum(one.amount for one in paid)
    status = 200
    if request.method == "POST":
        try:
            settling.confirmed(sums, (request.POST.get("count", ""), request.POST.get("total", "")))
            return _made(request, program)
        except DomainError as error:
            messages.error(request, str(error))
            status = error.status
    return render(request, "referrals/batch_new.html", _preview(program, found, sums), status=status)


def _made(request: Request, program: Program) -> HttpResponse:
    batch = payouts.make_batch(program, by=request.user)
    if batch is None:
        messages.info(request, _("Nothing is due: there is nothing to pay."))
        return redirect("referrals:payouts")
    messages.success(request, _("The batch is made. Export it for your bank, then mark what became of it."))
    return redirect("referrals:batch", batch.pk)


def _preview(program: Program, found: list[payouts.Due], sums: tuple[int, int]) -> dict[str, Any]:
    paid, carried = [one for one in found if not one.reason], [one for one in found if one.reason]
    shown = [*paid[:MOST], *carried[:MOST]]
    partners = Partner.objects.in_bulk([one.partner_id for one in shown])
    return {
        "tabs": tabs("payouts"),
        "program": program,
        "count": sums[0],
        "total": sums[1],
        "paid": [(partners[one.partner_id], one.amount) for one in paid[:MOST]],
        "carried": [(partners[one.partner_id], one.amount, CarryReason(one.reason).label) for one in carried[:MOST]],
        "more_paid": max(len(paid) - MOST, 0),
        "more_carried": max(len(carried) - MOST, 0),
    }


# One that is made -----------------------------------------------------------------------------------


def the_batch(pk: int) -> PayoutBatch:
    return get_object_or_404(PayoutBatch.objects.select_related("program", "created_by"), pk=pk)


@requires("referral.view")
@require_safe
def batch(request: Request, pk: int) -> HttpResponse:
    return _batch(request, the_batch(pk))


def _batch(request: Request, row: PayoutBatch, *, status: int = 200, **more: Any) -> HttpResponse:
    counted = row.payouts.aggregate(
        paid=Count("pk", filter=Q(status=PayoutStatus.PAID)),
        failed=Count("pk", filter=Q(status=PayoutStatus.FAILED)),
        due=Count("pk", filter=Q(status=PayoutStatus.DUE)),
        arrived=Sum("amount", filter=Q(status=PayoutStatus.PAID), default=0),
    )
    state = request.GET.get("state", "")
    context = {
        "pager_at": reverse("referrals:batch", args=[row.pk]),
        "tabs": tabs("payouts"),
        "batch": row,
        "tone": BATCH_TONES[BatchStatus(row.status)],
        "counted": counted,
        "settled": counted["paid"] + counted["failed"],
        "page": _page(request, row, state),
        "state": state,
        "states": PayoutStatus.choices,
        "carried": payouts.carried_over(row)[:MOST],
        "chosen": chosen_ids(request),
        "mark": MarkForm(),
        "settle": SettleForm(),
        **more,
    }
    return render(request, "referrals/batch.html", context, status=status)


def _page(request: Request, row: PayoutBatch, state: str) -> Page:
    rows = row.payouts.select_related("partner")
    rows = rows.filter(status=state) if state in PayoutStatus.values else rows
    found = page_asked(request, _of, rows)
    for one in found.rows:
        one.tone = TONES[PayoutStatus(one.status)]
    return found


def _of(rows: Any, after: str = "", before: str = "") -> Page:
    column = Payout._meta.get_field("amount")
    return keyset.page(
        rows,
        keyset.Order("amount", descending=True),
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        at=lambda one: (one.amount, one.pk),
    )


@requires("payout.manage")
@require_POST
def batch_export(request: Request, pk: int) -> HttpResponseBase:
    """Asking for the file says that it is with the bank now."""
    row = the_batch(pk)
    response = csv_file(f"payouts-{row.program.slug}-{row.number}", list(batch_lines(row)))
    payouts.note_exported(row)
    return response


@requires("payout.manage")
@require_POST
def batch_mark(request: Request, pk: int) -> HttpResponse:
    row, form = the_batch(pk), MarkForm(request.POST)
    if form.is_valid():
        verb, text = form.cleaned_data["verb"], form.cleaned_data["text"]
        try:
            count = settling.mark(row, chosen_ids(request), verb, text, by=request.user)
        except DomainError as error:
            show(error, form)
        else:
            told = ngettext("%(n)s payout is marked.", "%(n)s payouts are marked.", count) % {"n": count}
            messages.success(request, told)
            return redirect("referrals:batch", row.pk)
    return _batch(request, row, status=422, mark=form)


@requires("payout.manage")
@require_POST
def batch_settle(request: Request, pk: int) -> HttpResponse:
    """By file; lines that could not be taken are listed."""
    row, form = the_batch(pk), SettleForm(request.POST, request.FILES)
    if not form.is_valid():
        return _batch(request, row, status=422, settle=form)
    try:
        result = settling.settle(row, form.cleaned_data["file"], by=request.user)
    except DomainError as error:
        show(error, form)
        return _batch(request, row, status=error.status, settle=form)
    told = {"paid": result.paid, "failed": result.failed}
    messages.success(request, _("%(paid)s paid, %(failed)s failed.") % told)
    if result.problems:
        return _batch(request, the_batch(pk), problems=result.problems)
    return redirect("referrals:batch", row.pk)
