"""Second factors in the database: what makes their codes is sealed, and with today's key."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.domain.sealed import SealLost, sealed_anew

log = structlog.get_logger(__name__)

SECRETS = ("secret", "seed")  # of an app, of recovery codes


def seal_factors() -> int:
    """Those that an older key has sealed, or none; how many. Then that key is needed no more."""
    return rewrite(Authenticator, sealed_anew)


@transaction.atomic
def rewrite(model: Any, rewritten: Callable[[str], str]) -> int:
    """Locked: a recovery code that is used at this moment stays used."""
    changed = 0
    for row in model.objects.select_for_update().order_by("pk"):
        try:
            data = row.data | {name: rewritten(row.data[name]) for name in SECRETS if name in row.data}
        except SealLost:
            log.warning("a second factor was sealed with a key that is gone", factor=row.pk)
            continue
        if data != row.data:
            row.data = data
            row.save(update_fields=["data"])
            changed += 1
    return changed


def drop_orphaned_codes(users: Iterable[int]) -> None:
    """Else those that went with a lost phone would open again once there is another."""
    codes = Authenticator.objects.filter(user__in=users, type=Authenticator.Type.RECOVERY_CODES)
    others = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    codes.exclude(user__in=others.values("user")).delete()
