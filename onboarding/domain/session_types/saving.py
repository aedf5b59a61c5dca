"""Session types: kept, copied, offered or not, deleted while nobody has booked one."""

from collections.abc import Mapping
from fractions import Fraction

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from accounts.exceptions import Conflict
from accounts.models import User
from onboarding.domain.pools import calibration
from onboarding.domain.session_types.checks import check
from onboarding.models import PoolHost, SessionType

LEAST, MOST = 0, 1000  # of a weight


@transaction.atomic
def save_type(kind: SessionType, *, pool: Mapping[int, int]) -> SessionType:
    """`pool`: weights by the id of who. Bookings that there are stay as they were agreed on."""
    pool = clean_pool(pool)
    check(kind, [user_id for user_id, weight in pool.items() if weight])
    try:
        with transaction.atomic():
            kind.save()
    except IntegrityError:
        raise refuse("slug", _("Another session type has this address.")) from None
    _set_pool(kind, pool)
    return kind


def clean_pool(pool: Mapping[int, int]) -> dict[int, int]:
    """Weights of people who work here; 0 keeps somebody in the pool who gets nothing for now."""
    known = set(User.objects.workers().filter(pk__in=list(pool)).values_list("pk", flat=True))
    if len(known) < len(pool):
        raise refuse("pool", _("Somebody in the pool does not work here any more."))
    if not all(LEAST <= weight <= MOST for weight in pool.values()):
        raise refuse(
            "pool", _("A weight is a whole number from %(least)s to %(most)s.") % {"least": LEAST, "most": MOST}
        )
    return dict(pool)


def _set_pool(kind: SessionType, pool: Mapping[int, int]) -> None:
    """Who joins is taken to have had as many as the others had on average: nobody gets everything until they have
    caught up (B8)."""
    there = {row.user_id: row for row in kind.hosts.select_for_update()}
    kind.hosts.exclude(user_id__in=list(pool)).delete()
    staying = [row for user_id, row in there.items() if user_id in pool]
    had = sum((row.assigned + Fraction(row.calibration) for row in staying), Fraction(0))
    start = calibration_of(had, len(staying))
    for user_id, weight in pool.items():
        row = there.get(user_id)
        if row is None:
            joined = {"calibration": start, "joined_at": timezone.now()}
            PoolHost.objects.create(session_type=kind, user_id=user_id, weight=weight, **joined)
        elif row.weight != weight:
            row.weight = weight
            row.save(update_fields=["weight"])


def calibration_of(had: Fraction, hosts: int) -> float:
    return round(float(calibration(1, hosts) * had), 3)


@transaction.atomic
def copy_type(kind: SessionType) -> SessionType:
    """Not offered yet, with the same people in the pool."""
    pool = dict(kind.hosts.values_list("user_id", "weight"))
    copied = SessionType.objects.get(pk=kind.pk)
    copied.pk, copied._state.adding = None, True
    copied.slug, copied.active, copied.created_at = free_slug(kind.slug), False, timezone.now()
    copied.save()
    _set_pool(copied, pool)
    return copied


def free_slug(wanted: str) -> str:
    taken = set(SessionType.objects.filter(slug__startswith=wanted[:55]).values_list("slug", flat=True))
    return next(slug for n in range(2, 10_000) if (slug := f"{wanted[:55]}-{n}") not in taken)


def offer(kind: SessionType, *, offered: bool) -> SessionType:
    """Whether it can be booked from now on; what is booked takes place."""
    kind.active = offered
    if offered:
        check(kind, list(kind.hosts.filter(weight__gt=0).values_list("user_id", flat=True)))
    kind.save(update_fields=["active"])
    return kind


def delete_type(kind: SessionType) -> None:
    if kind.sessions.exclude(status="held").exists():
        raise Conflict(_("Somebody has booked this already: stop offering it instead."), code="booked")
    with transaction.atomic():
        kind.sessions.all().delete()
        kind.delete()
