"""Mails: written in the transaction of what they tell of, sent by a worker, kept as they were sent."""

from accounts.domain.mails.bounces import record_bounce
from accounts.domain.mails.letters import Letter
from accounts.domain.mails.pruning import prune_bodies
from accounts.domain.mails.sending import send_due, waiting
from accounts.domain.mails.work import cancel, send_again, take_back
from accounts.domain.mails.writing import write_mail, write_mails

__all__ = [
    "Letter",
    "cancel",
    "prune_bodies",
    "record_bounce",
    "send_again",
    "send_due",
    "take_back",
    "waiting",
    "write_mail",
    "write_mails",
]
