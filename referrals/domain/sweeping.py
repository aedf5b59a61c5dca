"""What time and other people's data bring about: each may be run twice, or at once."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Account
from referrals.domain.clawback import sweep_clawbacks
from referrals.domain.refunds import sweep_waiting
from referrals.domain.signing_up import attach
from referrals.models import Referral

AT_ONCE = 500


@transaction.atomic
def attach_accounts(limit: int = AT_ONCE) -> int:
    """Leads that have become an account since, called as they were called at sign-up."""
    theirs = Account.objects.filter(external_id=OuterRef("customer"))
    taken = Referral.objects.filter(program=OuterRef("program"), account=OuterRef("found"))
    leads = Referral.objects.filter(account=None).annotate(found=Subquery(theirs.values("pk")[:1]))
    leads = leads.filter(found__isnull=False).filter(~Exists(taken)).order_by("pk")
    found = dict(leads.values_list("pk", "found")[:limit])
    attach(found)
    return len(found)


def sweep_referrals() -> dict[str, int]:
    """Maturing needs no sweep: what is available is told by the clock at every look."""
    return {"attached": attach_accounts(), "refunded": sweep_waiting(), "clawed_back": sweep_clawbacks()}
