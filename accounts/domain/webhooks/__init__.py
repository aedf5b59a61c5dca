"""Webhooks: other programs are told what happened, signed as Standard Webhooks say.

The dispatcher marks an activity as dispatched and writes a delivery for each webhook that listens to its kind, in one
statement (fanning.py): none is lost, none is doubled, and where nobody listens it costs nothing. Senders take them from
there (sending.py), as often as it needs for a day.
"""

from accounts.domain.webhooks.editing import add, change, remove, rotate, switch_off, switch_on
from accounts.domain.webhooks.fanning import mark_dispatched
from accounts.domain.webhooks.sending import due, send_to
from accounts.domain.webhooks.work import prune, send_again, send_test

__all__ = [
    "add",
    "change",
    "due",
    "mark_dispatched",
    "prune",
    "remove",
    "rotate",
    "send_again",
    "send_test",
    "send_to",
    "switch_off",
    "switch_on",
]
