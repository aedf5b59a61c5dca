"""Referrals that wait for a decision: why each was flagged, what stands beside it, and deciding about several."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain import keyset
from accounts.domain.activity import Who
from accounts.exceptions import DomainError
from referrals.domain import reviewing
from referrals.domain.fraud import domain_of
from referrals.enums import FlagReason, Review
from referrals.models import Referral

SIZE = 50
MOST_AT_ONCE = 200
ORDER = keyset.Order("signed_up_at")
# What made the rules look twice, and what it may mean.
WHY = {
    FlagReason.SELF: gettext_lazy("The partner's own address: nobody earns for referring themselves."),
    FlagReason.SAME_DOMAIN: gettext_lazy("Partner and customer are of one company, by the domain of their addresses."),
    FlagReason.SAME_DEVICE: gettext_lazy("The customer signed up on a device that the partner was seen with."),
    FlagReason.COUPON_LEAK: gettext_lazy(
        "Most sales with this coupon had no click before: it may stand on a site for coupons."
    ),
    FlagReason.DISPOSABLE: gettext_lazy("The address is of a service for addresses that are thrown away."),
    FlagReason.SAME_IP: gettext_lazy(
        "Partner and customer share a network address: one office, one café, or one person."
    ),
    FlagReason.BY_HAND: gettext_lazy("Somebody of the team held it."),
}


@dataclass(frozen=True)
class Waiting:
    referral: Referral
    why: list[tuple[Any, Any]]  # the flag, and what it means
    earned: int  # what waits with it
    facts: list[tuple[str, str, str]]  # what, the partner's, the customer's


def page(rows: QuerySet[Referral], *, after: str = "", before: str = "") -> keyset.Page:
    column = Referral._meta.get_field("signed_up_at")
    return keyset.page(
        rows.select_related("program", "partner__account", "account", "code", "reviewed_by").annotate(
            earned=Coalesce(Sum("entries__amount"), 0)
        ),
        ORDER,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (row.signed_up_at.isoformat(), row.pk),
        make=_waiting,
    )


def _waiting(row: Any) -> Waiting:
    why = [(FlagReason(flag).label, WHY[FlagReason(flag)]) for flag in row.flags]
    return Waiting(row, why, row.earned, _facts(row))


def _facts(row: Referral) -> list[tuple[str, str, str]]:
    """Side by side, what the rules compared."""
    partner, theirs, customers = row.partner, row.partner.account, row.account
    their_domain = theirs.domain if theirs else domain_of(partner.email)
    domain = customers.domain if customers else domain_of(row.email) if row.email else ""
    facts = [
        (_("Name"), partner.name, row.name),
        (_("Address"), partner.email, row.email),
        (_("Company"), theirs.name if theirs else partner.company, customers.name if customers else ""),
        (_("Domain"), their_domain, domain),
    ]
    return [fact for fact in facts if fact[1] or fact[2]]


def to_review(*, program: str = "", flag: str = "", state: str = "") -> QuerySet[Referral]:
    """Those that wait, or those that were refused: by a rule, or by somebody who may think again."""
    refused = Referral.objects.filter(review=Review.DENIED)
    rows = refused if state == Review.DENIED else Referral.objects.to_review()
    rows = rows.filter(program__slug=program) if program else rows
    return rows.filter(flags__contains=[flag]) if flag in FlagReason.values else rows


@dataclass(frozen=True)
class Decided:
    done: int
    refused: Sequence[tuple[Referral, str]]  # with the sentence that says why


def decide(ids: Iterable[int], verb: str, note: str, *, state: str = "", by: Who = None) -> Decided:
    """Each in a transaction of its own: one that somebody has decided meanwhile stops no other. `state`: of the list
    they were chosen from."""
    rows = to_review(state=state).select_related("partner", "program", "account")
    done, refused = 0, []
    for row in rows.filter(pk__in=list(ids)[:MOST_AT_ONCE]).order_by("pk"):
        try:
            (reviewing.approve if verb == "approve" else reviewing.deny)(row, note, by=by)
        except DomainError as error:
            refused.append((row, str(error)))
        else:
            done += 1
    return Decided(done, refused)
