"""Deciding about referrals that the rules against fraud have flagged; and holding one by hand."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from referrals.domain import incentives
from referrals.domain.entries import lock_partners, reverse_all
from referrals.domain.holding import refresh_held
from referrals.domain.reinstating import reinstate
from referrals.domain.telling import flags_in_words, tell
from referrals.enums import EntryCause, FlagReason, Review
from referrals.models import Referral


@transaction.atomic
def approve(referral: Referral, note: str = "", *, by: Who = None) -> None:
    """It is what it says it is: its money is no longer held for that. One that was refused earns what it would have."""
    row = _locked(referral)
    if row.review == Review.APPROVED:
        raise Conflict(_("Somebody has approved it already."))
    refused, refused_at = row.review == Review.DENIED, row.reviewed_at
    _decide(row, Review.APPROVED, note, by)
    if refused:
        reinstate(row, refused_at, by=by)
    refresh_held([row.pk], by=by)
    tell("referral.approved", row, by=by, reason=row.review_note)
    referral.refresh_from_db()


@transaction.atomic
def deny(referral: Referral, note: str, *, by: Who = None) -> None:
    """It earns nothing: what it has earned is taken back, and so is what its two sides got."""
    row = _locked(referral)
    if row.review == Review.DENIED:
        raise Conflict(_("It is refused already."))
    if not one_line(note, 400, field="note"):
        raise DomainError(_("Say why."), code="invalid", errors={"note": [_("This cannot be empty.")]})
    _decide(row, Review.DENIED, note, by)
    reverse_all([row.pk], EntryCause.DENIED, timezone.now(), by=by)
    incentives.revoke([row.pk])
    refresh_held([row.pk], by=by)
    tell("referral.denied", row, by=by, reason=row.review_note)
    referral.refresh_from_db()


@transaction.atomic
def hold(referral: Referral, note: str, *, by: Who = None) -> None:
    """Somebody wants to look at it first: until then none of its money is paid out."""
    row = _locked(referral)
    if row.review in {Review.HELD, Review.DENIED}:
        raise Conflict(_("It is held or refused already."))
    row.flags = [*row.flags, *([] if FlagReason.BY_HAND in row.flags else [FlagReason.BY_HAND.value])]
    _decide(row, Review.HELD, note, by)
    refresh_held([row.pk], by=by)
    tell("referral.held", row, by=by, flags=flags_in_words({"flag_keys": row.flags}), flag_keys=row.flags)
    referral.refresh_from_db()


@transaction.atomic
def waive_onboarding(referral: Referral, *, by: Who = None) -> None:
    """This one need not finish onboarding: it never will, or not with us."""
    row = _locked(referral)
    if row.onboarded_at is None:
        Referral.objects.filter(pk=row.pk).update(onboarded_at=timezone.now())
        refresh_held([row.pk], by=by)
    referral.refresh_from_db()


def _locked(referral: Referral) -> Referral:
    lock_partners([referral.partner_id])
    rows = Referral.objects.select_related("partner", "program", "account")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=referral.pk)


def _decide(row: Referral, review: Review, note: str, by: Who) -> None:
    row.review, row.review_note = review, one_line(note, 400, field="note")
    row.reviewed_at, row.reviewed_by = timezone.now(), Actor.of(by).user
    row.save(update_fields=["review", "review_note", "reviewed_at", "reviewed_by", "flags"])
