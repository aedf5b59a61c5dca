"""Promoters whose account is in good health are invited to refer: the playbooks are told, once for each answer, as soon
as the contact pressure lets us ask (RULES 2 and 6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.domain.activity import Fact, record_many
from accounts.domain.pressure import held_back
from accounts.enums import Band
from accounts.models import Activity, Contact
from referrals.enums import ProgramKind, ProgramStatus
from referrals.models import Partner, Program, Promoter

LEAST = 9  # N1: from here on they recommend us
STILL_MEANT = timedelta(days=180)  # as long as an answer counts for health
AT_ONCE = 200
BETTER = [Band.UNKNOWN, Band.RED, Band.YELLOW, Band.GREEN, Band.THRIVING]


def note_answers(activities: Sequence[Activity]) -> None:
    """A reaction: whoever gave 9 or 10 may be invited; whoever gave less since may not."""
    latest = {(a.account_id, a.data.get("contact")): a for a in activities}  # in order: the last one counts
    people = Contact.objects.filter(account__in={account for account, _name in latest}, left_on=None).order_by("pk")
    found = {(contact.account_id, str(contact)): contact for contact in people}
    answers = [(found[key], activity) for key, activity in latest.items() if key in found]
    keen = [(contact, a) for contact, a in answers if int(a.data.get("score") or 0) >= LEAST]
    Promoter.objects.filter(contact__in=[contact for contact, _a in answers]).exclude(
        contact__in=[contact for contact, _a in keen]
    ).delete()
    rows = [
        Promoter(contact=contact, account_id=contact.account_id, score=int(a.data["score"]), answered_at=a.occurred_at)
        for contact, a in keen
    ]
    Promoter.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["contact"], update_fields=["score", "answered_at", "told_at"]
    )


def sweep_promoters(limit: int = AT_ONCE) -> int:
    """Tell the playbooks of those who can be invited now. Whom the contact pressure protects waits untold."""
    return sum(_tell(program, limit) for program in _inviting())


def _inviting() -> QuerySet[Program]:
    running = Program.objects.filter(kind=ProgramKind.CUSTOMER, status=ProgramStatus.RUNNING, invites_promoters=True)
    return running.order_by("pk")


@transaction.atomic
def _tell(program: Program, limit: int) -> int:
    now = timezone.now()
    locked = waiting(program, now).select_for_update(skip_locked=True, of=("self",))
    rows = list(locked.select_related("contact")[:limit])
    spared = held_back([row.contact_id for row in rows], now)
    ready = [row for row in rows if row.contact_id not in spared]
    Promoter.objects.filter(pk__in=[row.pk for row in ready]).update(told_at=now)
    record_many(
        Fact(
            row.account_id,
            "referral.promoter_ready",
            {"contact": str(row.contact), "score": row.score, "program": program.name, "program_id": program.pk},
        )
        for row in ready
    )
    return len(ready)


def waiting(program: Program, now: datetime) -> QuerySet[Promoter]:
    """Promoters in good health who have nothing to do with the program yet, and of whom nobody was told."""
    partners = Partner.objects.filter(program=program, contact=OuterRef("contact"))
    well = BETTER[BETTER.index(Band(program.min_band)) :]
    rows = Promoter.objects.filter(told_at=None, answered_at__gt=now - STILL_MEANT, account__band__in=well)
    return rows.filter(~Exists(partners), contact__left_on=None).order_by("answered_at", "pk")
