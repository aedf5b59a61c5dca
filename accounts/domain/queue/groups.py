"""The stretches of the queue, each with its order."""

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import pgettext_lazy


class Group(StrEnum):
    PROMISED = "promised"
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    SNOOZED = "snoozed"
    CLOSED = "closed"


GROUP_LABELS = {
    Group.PROMISED: pgettext_lazy("queue", "Promises"),
    Group.OVERDUE: pgettext_lazy("queue", "Overdue"),
    Group.TODAY: pgettext_lazy("queue", "Today"),
    Group.WEEK: pgettext_lazy("queue", "Next 7 days"),
    Group.LATER: pgettext_lazy("queue", "Later"),
    Group.SNOOZED: pgettext_lazy("queue", "Snoozed"),
    Group.CLOSED: pgettext_lazy("queue", "Closed in the last 14 days"),
}


class Part(NamedTuple):
    """A stretch of the queue with one order. Promises have two: those that are broken, and those to keep by tomorrow. A
    promise further ahead waits for its day among the others."""

    group: Group
    where: str
    score: str
    starts: str = ""  # the parameter that says when its first row is due, where nearness counts


AHEAD = "extract(epoch from f.due_at - %(now)s)::float8 / %(far)s::float8"


NEARNESS = f"least(1, greatest(%(least)s::float8, 1 - (1 - %(least)s::float8) * {AHEAD}))"


STAKE = "f.expected_loss::float8"


WEIGHED = f"{STAKE} * {NEARNESS}"


OTHER = "not (f.promise and f.due_at < %(promised)s)"


PARTS = (
    Part(Group.PROMISED, "f.status = 'open' and f.promise and f.due_at < %(now)s", STAKE),
    Part(
        Group.PROMISED,
        "f.status = 'open' and f.promise and f.due_at >= %(now)s and f.due_at < %(promised)s",
        WEIGHED,
        "now",
    ),
    Part(Group.OVERDUE, "f.status = 'open' and not f.promise and f.due_at < %(now)s", STAKE),
    Part(
        Group.TODAY,
        "f.status = 'open' and not f.promise and f.due_at >= %(now)s and f.due_at < %(tomorrow)s",
        WEIGHED,
        "now",
    ),
    Part(
        Group.WEEK,
        f"f.status = 'open' and f.due_at >= %(tomorrow)s and f.due_at < %(later)s and {OTHER}",
        WEIGHED,
        "tomorrow",
    ),
    Part(Group.LATER, "f.status = 'open' and f.due_at >= %(later)s", WEIGHED, "later"),
)


SNOOZED = (Part(Group.SNOOZED, "f.status = 'snoozed'", "-extract(epoch from f.snoozed_until)::float8"),)


CLOSED = (
    Part(
        Group.CLOSED,
        "f.status in ('done', 'canceled') and f.closed_at >= %(now)s - interval '14 days'",
        "extract(epoch from f.closed_at)::float8",
    ),
)
