"""What actions are worth, which plans include them, and how much use is right."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Plan, Segment
from health.domain.marks import mark_all
from health.domain.upsert import check_text, refuse
from health.models import Action, UsageTarget

MOST_IMPACT = 1000
MOST_TARGET = 1_000_000


@transaction.atomic
def change_action(
    action: Action, *, name: str | None = None, impact: int | None = None, plans: Iterable[Plan] | None = None
) -> Action:
    """Only what is given. Points are counted anew from the kept totals: everybody is scored again."""
    fields: dict[str, Any] = {}
    if impact is not None:
        if not 0 <= impact <= MOST_IMPACT:
            raise refuse("impact", _("A whole number from 0 to %(most)s.") % {"most": MOST_IMPACT})
        fields["impact"] = impact
    if name is not None:
        fields["name"] = check_text("name", name, 120, needed=True)
    for field, value in fields.items():
        setattr(action, field, value)
    action.save(update_fields=list(fields))
    if plans is not None:
        action.plans.set(plans)
    mark_all()
    return action


@transaction.atomic
def set_targets(targets: Mapping[Segment | None, int | None]) -> None:
    """Points per seat in 28 days by segment; None stands for all others. Given none, a segment follows the others; one
    that is not named keeps its own."""
    for segment, points in targets.items():
        if points is None and segment is not None:
            UsageTarget.objects.filter(segment=segment).delete()
        elif points is None or not 1 <= points <= MOST_TARGET:
            raise refuse("points", _("A whole number from 1 to %(most)s.") % {"most": MOST_TARGET})
        else:
            UsageTarget.objects.update_or_create(segment=segment, defaults={"points_per_seat": points})
    mark_all()


def named() -> list[tuple[str, str]]:
    """What customers can do: key and name."""
    return list(Action.objects.order_by("name", "key").values_list("key", "name"))
