"""One page of the queue: follow-ups in their order, grouped, by keyset (reading.py); the order is in groups.py."""

from accounts.domain.queue.asked import Cursor, QueueFilters, QueuePage
from accounts.domain.queue.groups import GROUP_LABELS, PARTS, Group
from accounts.domain.queue.reading import COUNTED, PAGE, open_count, queue_outline, queue_page

__all__ = [
    "COUNTED",
    "GROUP_LABELS",
    "PAGE",
    "PARTS",
    "Cursor",
    "Group",
    "QueueFilters",
    "QueuePage",
    "open_count",
    "queue_outline",
    "queue_page",
]
