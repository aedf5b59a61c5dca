"""Answers kept for requests that are sent again: for two days, longer than any program tries."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import IdempotentReply

KEPT = timedelta(days=2)


def forget_replies() -> int:
    old = IdempotentReply.objects.filter(created_at__lt=timezone.now() - KEPT)
    return old._raw_delete("default")
