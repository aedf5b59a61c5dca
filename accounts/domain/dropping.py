"""What customers let go of, and whether it was in use: the ground floor asks who knows (registry.usage_answers)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.registry import Dropped, usage_answers

__all__ = ["Dropped", "dropped_in_words", "in_use_in_words", "in_use_of"]


def in_use_of(dropped: Sequence[Dropped]) -> dict[int, dict[str, Any]]:
    """Facts for an activity, by the key of what was dropped: what is known of its use, and that as a sentence in the
    installation's language."""
    if not dropped:
        return {}
    known: dict[int, dict[str, Any]] = defaultdict(dict)
    for one in usage_answers:
        for key, facts in one.answer(dropped).items():
            known[key][one.name] = facts
    with translation.override(settings.LANGUAGE_CODE):
        return {key: {"in_use": in_use_in_words({"use": use}), "use": use} for key, use in known.items()}


# For the reader ---------------------------------------------------------------------------------------


def in_use_in_words(data: Mapping[str, Any]) -> str:
    use = data.get("use") or {}
    return "; ".join(one.told(use[one.name]) for one in usage_answers if one.name in use)


def dropped_in_words(data: Mapping[str, Any]) -> str:
    """Of a contraction: the plan, seats, or else what became cheaper."""
    if not (gone := data.get("gone")):
        return ""
    parts = [gone["plan"]] if gone["plan"] else []
    if gone["seats"]:
        fewer, before = (formats.number(seats) for seats in gone["seats"])
        parts.append(
            ngettext("%(fewer)s of %(before)s seat", "%(fewer)s of %(before)s seats", gone["seats"][1])
            % {"fewer": fewer, "before": before}
        )
    return ", ".join(parts) or (_("monthly billing") if gone["yearly"] else _("price"))
