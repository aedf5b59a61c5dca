"""Applying a version to many checklists by a worker: all of them or none, however often a worker is killed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from celery import current_app
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who
from accounts.exceptions import Conflict, DomainError
from onboarding.domain.templates.applying import apply_version
from onboarding.enums import RolloutStatus
from onboarding.models import Rollout, TemplateVersion

# So many are done while the page waits.
AT_ONCE = 100
LOST = timedelta(minutes=1)  # whose message never came, or whose worker is gone
REMEMBERED = 60 * 60


def roll_out(version: TemplateVersion, checklist_ids: Sequence[int], *, by: Who) -> Rollout | None:
    """Few are done at once (None); for many a worker is told, and the rollout says how far it is."""
    if len(checklist_ids) <= AT_ONCE:
        apply_version(version, checklist_ids, by=by)
        return None
    try:
        with transaction.atomic():
            rollout = Rollout.objects.create(
                version=version, checklist_ids=sorted(checklist_ids), created_by=Actor.of(by).user
            )
    except IntegrityError:
        raise Conflict(_("This version is being applied already."), code="rollout_running") from None
    transaction.on_commit(lambda: _send(rollout.pk), robust=True)
    return rollout


def _send(pk: int) -> None:
    """Only a hint: the timetable finds what waits."""
    with suppress(Exception):
        current_app.send_task("onboarding.tasks.apply_template", kwargs={"rollout_id": pk})


def carry_out(pk: int) -> bool:
    """Whoever holds its row works on it; killed, the row is free again and nothing was written."""
    with transaction.atomic():
        found = Rollout.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "version", "created_by"
        )
        rollout = found.filter(pk=pk, finished_at=None).first()
        if rollout is None:
            return False
        try:
            with transaction.atomic():
                apply_version(
                    rollout.version, rollout.checklist_ids, by=rollout.created_by, told=lambda n: _tell(pk, n)
                )
            rollout.status = RolloutStatus.DONE
        except DomainError as error:
            rollout.status, rollout.error = RolloutStatus.FAILED, str(error)[:400]
        rollout.finished_at = timezone.now()
        rollout.save(update_fields=["status", "error", "finished_at"])
    return True


def _tell(pk: int, done: int) -> None:
    """Outside the transaction, which is seen by nobody until its end."""
    with suppress(Exception):
        cache.set(_key(pk), done, REMEMBERED)


def done_of(rollout: Rollout) -> int:
    if rollout.status == RolloutStatus.DONE:
        return len(rollout.checklist_ids)
    return 0 if rollout.finished_at else int(cache.get(_key(rollout.pk)) or 0)


def _key(pk: int) -> str:
    return f"rollout:{pk}"


def sweep_rollouts() -> int:
    """Those whose message or worker was lost."""
    waiting = Rollout.objects.filter(finished_at=None, created_at__lt=timezone.now() - LOST)
    return sum(carry_out(pk) for pk in waiting.order_by("pk").values_list("pk", flat=True))
