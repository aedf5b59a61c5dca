"""Hours as people write them: "9:00–12:00, 13:00–17:00". In and out, with a sentence for what is none."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from accounts.domain.account_values import refuse
from onboarding.domain.slots import Interval

DAY = 24 * 60
MOST = 8  # stretches of one day
LONGEST = 200
TIME = r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(am|pm)?"
STRETCH = re.compile(rf"\s*{TIME}\s*(?:-|–|—|to|à|la)\s*{TIME}\s*", re.IGNORECASE)
EMPTY = {"", "-", "–", "—"}


def hours_from(text: str, field: str) -> list[Interval]:
    """Stretches in order, those that touch as one; nothing is a day off."""
    if text.strip() in EMPTY:
        return []
    if len(text) > LONGEST:
        raise refuse(field, _("Write it like this: 9:00–12:00, 13:00–17:00."))
    found = sorted(_stretch(part, field) for part in re.split(r"[,;+\n]", text) if part.strip())
    if len(found) > MOST:
        raise refuse(field, _("At most %(most)s stretches a day.") % {"most": MOST})
    for (_low, high), (low, _high) in pairwise(found):
        if low < high:
            raise refuse(field, _("These hours overlap."))
    return merged(found)


def _stretch(part: str, field: str) -> Interval:
    read = STRETCH.fullmatch(part)
    low, high = (_minutes(*read.groups()[:3]), _minutes(*read.groups()[3:])) if read else (None, None)
    if low is None or high is None:
        sentence = _("“%(part)s” is no stretch of time. Write it like this: 9:00–12:00, 13:00–17:00.")
        raise refuse(field, sentence % {"part": part.strip()[:40]})
    high = DAY if high == 0 else high  # until midnight
    if high <= low:
        sentence = _("“%(part)s” ends before it begins. Work over midnight is written on both days.")
        raise refuse(field, sentence % {"part": part.strip()[:40]})
    return low, high


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= DAY else None


def merged(found: Sequence[Interval]) -> list[Interval]:
    kept: list[Interval] = []
    for low, high in found:
        if kept and kept[-1][1] == low:
            kept[-1] = kept[-1][0], high
        else:
            kept.append((low, high))
    return kept


def as_text(intervals: Iterable[Sequence[int]]) -> str:
    return ", ".join(f"{clock(low)}–{clock(high)}" for low, high in intervals)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
