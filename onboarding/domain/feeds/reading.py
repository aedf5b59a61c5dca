"""Reading a busy calendar: fetched, worked out aside, and what it blocks replaced in one step.

Whatever goes wrong, what was read last stays: a calendar that hangs, is huge, is a web page or breaks off in the middle
blocks what it blocked before, its owner sees since when it fails, and it is asked less and less often.
"""

import hashlib
import json
import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from accounts.domain.outgoing import Answer, NoAnswer, ask
from onboarding.domain.clocks import Span, instant, moment
from onboarding.domain.feeds.problems import of_status
from onboarding.domain.invitations import uid_end
from onboarding.models import BusyBlock, BusyCalendar

EVERY, SELDOM = timedelta(minutes=15), timedelta(hours=6)
CLAIM = timedelta(minutes=5)  # who began and was never heard of again is followed by another
LARGEST, SECONDS = 10 << 20, 30
# Appointments that repeat for ever are worked out for so long, from a little before today: the week's hours count it.
BEHIND, AHEAD, AT_LEAST = timedelta(days=8), timedelta(days=220), timedelta(days=200)
WORK_SECONDS = 45


class BadFeed(Exception):
    """A word of problems.py."""


def due() -> list[int]:
    rows = BusyCalendar.objects.filter(due_at__lte=timezone.now(), user__is_active=True)
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:500])


def read(calendar_id: int) -> str | None:
    """What became of it: "read", "unchanged", "failed"; None if it is not due, or somebody else is at it."""
    now = timezone.now()
    claimed = BusyCalendar.objects.filter(pk=calendar_id, due_at__lte=now, user__is_active=True)
    if not claimed.update(due_at=now + CLAIM, tried_at=now):
        return None
    calendar = BusyCalendar.objects.select_related("user").get(pk=calendar_id)
    try:
        return _read(calendar, now)
    except (NoAnswer, BadFeed) as problem:
        _failed(calendar, str(problem), now)
        return "failed"


def _read(calendar: BusyCalendar, now: datetime) -> str:
    far_enough = calendar.known_until is not None and calendar.known_until >= now + AT_LEAST
    answer = fetch(calendar, asked_before=far_enough)
    if answer.status == 304 and far_enough:
        return _well(calendar, now, answer)
    if answer.status != 200:
        raise BadFeed(of_status(answer.status))
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest == calendar.digest and far_enough:
        return _well(calendar, now, answer)
    low, high = now - BEHIND, now + AHEAD
    found = worked_out(answer.body, zone_of(calendar), instant(low), instant(high))
    return _well(calendar, now, answer, digest=digest, found=found, known_until=high)


def zone_of(calendar: BusyCalendar) -> str:
    schedule = getattr(calendar.user, "schedule", None)
    return str(schedule.time_zone if schedule else calendar.user.time_zone)


def fetch(calendar: BusyCalendar, *, asked_before: bool) -> Answer:
    headers = {"Accept": "text/calendar, */*;q=0.5"}
    if asked_before and calendar.etag:
        headers["If-None-Match"] = calendar.etag
    if asked_before and calendar.last_modified:
        headers["If-Modified-Since"] = calendar.last_modified
    return ask(calendar.url, headers=headers, most=LARGEST, seconds=SECONDS)


def worked_out(content: bytes, zone: str, low: int, high: int) -> dict[str, Any]:
    """In a process of its own, with a limit on its time and memory: no file takes the worker with it."""
    command = [sys.executable, "-m", "onboarding.domain.feeds.parsing", zone, str(low), str(high), uid_end()]
    try:
        done = subprocess.run(  # noqa: S603 - ours, and numbers
            command, input=content, capture_output=True, timeout=WORK_SECONDS, check=False, cwd=settings.BASE_DIR
        )
        found = json.loads(done.stdout) if done.returncode == 0 else {"problem": "too_hard"}
    except (subprocess.TimeoutExpired, ValueError):
        found = {"problem": "too_hard"}
    if "problem" in found:
        raise BadFeed(found["problem"])
    return found


# What is kept ------------------------------------------------------------------------------------


@transaction.atomic
def _well(
    calendar: BusyCalendar, now: datetime, answer: Answer, *, found: dict[str, Any] | None = None, **more: Any
) -> str:
    locked = BusyCalendar.objects.select_for_update().filter(pk=calendar.pk, url=calendar.url)
    if not locked.exists():
        return "gone"  # removed meanwhile
    fields: dict[str, Any] = {
        "read_at": now, "failing_since": None, "failures": 0, "due_at": now + _spread(EVERY),
    }  # fmt: skip
    if answer.status == 200:
        fields |= {"etag": _kept(answer, "etag", 200), "last_modified": _kept(answer, "last-modified", 60)}
    if found is not None:
        _replace(calendar, [(low, high) for low, high in found["spans"]])
        left_out = found["left_out"]
        fields |= {
            "digest": more["digest"], "known_until": more["known_until"],
            "error": f"left_out {left_out}" if left_out else "",
        }  # fmt: skip
    elif calendar.failing_since:
        fields["error"] = ""
    locked.update(**fields)
    return "unchanged" if found is None else "read"


def _kept(answer: Answer, name: str, longest: int) -> str:
    value = answer.headers.get(name, "")
    return value if len(value) <= longest and value.isprintable() else ""


def _replace(calendar: BusyCalendar, spans: list[Span]) -> None:
    """Only what differs is written: readers see all of the old or all of the new."""
    there = {
        (instant(block.span.lower), instant(block.span.upper)): block.pk
        for block in BusyBlock.objects.filter(calendar=calendar)
    }
    wanted = dict.fromkeys(spans)
    BusyBlock.objects.filter(pk__in=[pk for span, pk in there.items() if span not in wanted]).delete()
    BusyBlock.objects.bulk_create(
        BusyBlock(calendar=calendar, user_id=calendar.user_id, span=DateTimeTZRange(moment(begins), moment(ends)))
        for begins, ends in wanted
        if (begins, ends) not in there
    )


def _failed(calendar: BusyCalendar, problem: str, now: datetime) -> None:
    failures = min(calendar.failures + 1, 100)
    wait = min(EVERY * 2 ** min(failures - 1, 10), SELDOM)
    BusyCalendar.objects.filter(pk=calendar.pk).update(
        error=problem[:400],
        failures=failures,
        failing_since=calendar.failing_since or now,
        due_at=now + _spread(wait),
    )


def _spread(wait: timedelta) -> timedelta:
    """A tenth more or less: those that were added together do not all come at once for ever."""
    return wait * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
