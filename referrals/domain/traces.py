"""Devices and network addresses that partners were seen with, as keyed hashes: to recognise referrals of oneself.
Without our secret nobody can tell from a hash whose it is, and after some months it is forgotten."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.enums import TraceKind
from referrals.models import Partner, Trace

KEPT_FOR = timedelta(days=180)
PURPOSE = "referrals.trace"


class Traces(NamedTuple):
    devices: frozenset[str]
    ips: frozenset[str]


def digest(value: str) -> str:
    return salted_hmac(PURPOSE, value.strip().lower(), algorithm="sha256").hexdigest()


def digests(value: str) -> list[str]:
    return [digest(value)] if value.strip() else []


def note(partner: Partner, *, ip: str = "", device: str = "") -> None:
    """The partner was seen there just now."""
    now = timezone.now()
    rows = [
        Trace(partner=partner, kind=kind, digest=digest(value), seen_at=now)
        for kind, value in ((TraceKind.DEVICE, device), (TraceKind.IP, ip))
        if value.strip()
    ]
    Trace.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["partner", "kind", "digest"], update_fields=["seen_at"]
    )


def of(partner: Partner) -> Traces:
    found: dict[str, set[str]] = {TraceKind.DEVICE: set(), TraceKind.IP: set()}
    for kind, value in partner.traces.values_list("kind", "digest"):
        found[kind].add(value)
    return Traces(frozenset(found[TraceKind.DEVICE]), frozenset(found[TraceKind.IP]))


def forget(now: datetime | None = None) -> int:
    deleted, _models = Trace.objects.filter(seen_at__lt=(now or timezone.now()) - KEPT_FOR).delete()
    return deleted
