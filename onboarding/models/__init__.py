from onboarding.models.availability import BusyBlock, BusyCalendar, OwnDate, Schedule
from onboarding.models.checklist import Checklist, ChecklistStep, ProductEvent, TouchDecision
from onboarding.models.session import Invitation, PoolHost, Reminder, Routing, Seat, Session, SessionType
from onboarding.models.template import ChecklistTemplate, Rollout, TemplateSegment, TemplateStep, TemplateVersion

__all__ = [
    "BusyBlock",
    "BusyCalendar",
    "Checklist",
    "ChecklistStep",
    "ChecklistTemplate",
    "Invitation",
    "OwnDate",
    "PoolHost",
    "ProductEvent",
    "Reminder",
    "Rollout",
    "Routing",
    "Schedule",
    "Seat",
    "Session",
    "SessionType",
    "TemplateSegment",
    "TemplateStep",
    "TemplateVersion",
    "TouchDecision",
]
