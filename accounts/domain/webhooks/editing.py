"""Webhooks are added, changed, switched off and on by admins, on the page and over the API."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from accounts.domain.outgoing import PROBLEMS, SCHEMES, NoAnswer, checked, is_allowed, resolved
from accounts.domain.text import one_line
from accounts.domain.webhooks.signing import make_seal, secret_of
from accounts.enums import WebhookStatus
from accounts.exceptions import DomainError
from accounts.models import User, Webhook, WebhookDelivery
from accounts.registry import activity_kinds

MOST = 20
BOTH_SIGN = timedelta(hours=24)


def add(*, url: str, events: Iterable[str], name: str = "", by: User | None = None) -> tuple[Webhook, str]:
    """The row, and its secret: nobody can read that again."""
    fields = _clean({"url": url, "events": events, "name": name})
    with transaction.atomic():
        if Webhook.objects.count() >= MOST:
            sentence = _("These are %(most)s webhooks already: remove one first.") % {"most": MOST}
            raise DomainError(sentence, code="too_many", status=409)
        row = Webhook.objects.create(seal=make_seal(), created_by=by, **fields)
    return row, secret_of(row.seal)


def change(row: Webhook, **fields: Any) -> Webhook:
    """Only what is given: url, events, name, active."""
    active = fields.pop("active", row.active)
    clean = _clean(fields, row)
    with transaction.atomic():
        for name, value in clean.items():
            setattr(row, name, value)
        if clean:
            row.save(update_fields=list(clean))
        if active != row.active:
            (switch_on if active else switch_off)(row)
    return row


def _clean(fields: dict[str, Any], row: Webhook | None = None) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    if "url" in fields:
        clean["url"] = clean_address(fields["url"])
    if "events" in fields:
        clean["events"] = clean_events(fields["events"])
    if "name" in fields:
        name = one_line(fields["name"], 80, field="name")
        clean["name"] = name or (checked(clean["url"] if row is None else row.url).hostname or "")[:80]
    return clean


def clean_address(url: object) -> str:
    """Of somebody else's computer, as far as that can be said now: it is judged anew at every sending."""
    address = one_line(url, 1000, field="url")
    found: list[str] = []
    try:
        parts = checked(address)
        found = resolved(parts.hostname or "", parts.port or SCHEMES[parts.scheme])
    except NoAnswer as problem:
        if str(problem) == "address":
            raise refuse("url", _("This is not an address on the web (https://…).")) from None
        if str(problem) != "unknown_host":  # it may come to be known
            raise refuse("url", str(PROBLEMS[str(problem)])) from None
    if parts.scheme == "http" and not (found and all(map(is_allowed, found))):
        raise refuse("url", _("The address must be protected: it begins with https://."))
    return address


def clean_events(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    if unknown := sorted(chosen - set(activity_kinds.items)):
        sentence = _("There is no event %(names)s.") % {"names": one_line(", ".join(unknown)[:200], 200)}
        raise refuse("events", sentence)
    if not chosen:
        raise refuse("events", _("Choose at least one event."))
    return sorted(chosen)


@transaction.atomic
def rotate(row: Webhook) -> str:
    """Another secret. For a day both sign, so that nothing is refused on the other side meanwhile."""
    row = Webhook.objects.select_for_update().get(pk=row.pk)
    now = timezone.now()
    row.seal_before, row.seal_before_until = row.seal, now + BOTH_SIGN
    row.seal, row.rotated_at = make_seal(), now
    row.save(update_fields=["seal", "seal_before", "seal_before_until", "rotated_at"])
    return secret_of(row.seal)


@transaction.atomic
def switch_off(row: Webhook, *, gone: bool = False) -> None:
    """What waits is not sent any more; one by one it can be."""
    row.active, row.gone_at = False, timezone.now() if gone else None
    row.save(update_fields=["active", "gone_at"])
    waiting = WebhookDelivery.objects.filter(webhook=row, status=WebhookStatus.WAITING)
    waiting.update(status=WebhookStatus.CANCELED, ended_at=timezone.now(), next_attempt_at=None)


@transaction.atomic
def switch_on(row: Webhook) -> None:
    """From now on; and as if it had never failed."""
    row.active, row.gone_at, row.rest_until = True, None, None
    row.failures, row.failing_since, row.told_at = 0, None, None
    row.save(update_fields=["active", "gone_at", "rest_until", "failures", "failing_since", "told_at"])


def remove(row: Webhook) -> None:
    """With all its deliveries."""
    row.delete()
