"""Admins hear of a webhook that keeps failing: once, until it has worked again."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.domain.mails import Letter, write_mails
from accounts.enums import Role
from accounts.models import User, Webhook


def tell_admins(webhook: Webhook) -> None:
    """In the transaction of the failure."""
    if webhook.told_at:
        return
    webhook.told_at = timezone.now()
    webhook.save(update_fields=["told_at"])
    admins = User.objects.active().filter(role=Role.ADMIN)
    write_mails(_letter(webhook, admin) for admin in admins)


def _letter(webhook: Webhook, admin: User) -> Letter:
    context: dict[str, Any] = {
        "admin": admin,
        "webhook": webhook,
        "url": settings.BASE_URL + reverse("settings:webhook", args=[webhook.pk]),
    }
    return Letter(
        "webhook",
        f"webhook {webhook.pk} {webhook.told_at:%Y%m%dT%H%M%S} {admin.pk}",
        to=admin.email,
        language=admin.language,
        zone=admin.time_zone,
        template="webhook",
        context=context,
    )
