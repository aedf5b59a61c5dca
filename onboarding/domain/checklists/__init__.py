"""Checklists of accounts: they start, their steps are ticked by hand or by what people do, and the clock tells when
somebody is behind or stuck.

Each verb holds the account first and then its checklist, and works the whole of it out anew (course.settle): what
opens, what is due when, how far it is. So two at once come one after the other, and a step opens once.
"""

from onboarding.domain.checklists.ending import cancel, cancel_of
from onboarding.domain.checklists.events import take_events, wanted
from onboarding.domain.checklists.loading import refresh
from onboarding.domain.checklists.starting import start, start_new
from onboarding.domain.checklists.steps import not_applicable, reopen, skip, tick
from onboarding.domain.checklists.sweep import sweep_checklists

__all__ = [
    "cancel",
    "cancel_of",
    "not_applicable",
    "refresh",
    "reopen",
    "skip",
    "start",
    "start_new",
    "sweep_checklists",
    "take_events",
    "tick",
    "wanted",
]
