from accounts.models.account import Account, Contact, ScoreOrder, Segment
from accounts.models.activity import Activity, Delivery
from accounts.models.api import ApiToken, IdempotentReply
from accounts.models.audit import Audited, AuditEntry
from accounts.models.churn import ChurnEvent
from accounts.models.data import ImportPiece, ImportRun, MappingPreset
from accounts.models.followup import FollowUp, Occurrence, SavedView
from accounts.models.lookups import Among
from accounts.models.mail import Ask, CalendarFeed, ContactLink, Mail, OptOut
from accounts.models.numbers import AccountMonth, Cost, Counted, CountedUntil, MonthSum, Uncounted
from accounts.models.plan import Plan, PlanChange, PlanPrice, PlanVersion
from accounts.models.playbook import Playbook, PlaybookPool
from accounts.models.renewal import Intent, Renewal
from accounts.models.rule import RuleValue
from accounts.models.subscription import (
    ExchangeRate,
    Movement,
    Subscription,
    SubscriptionChange,
)
from accounts.models.user import User
from accounts.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Account",
    "AccountMonth",
    "Activity",
    "Among",
    "ApiToken",
    "Ask",
    "AuditEntry",
    "Audited",
    "CalendarFeed",
    "ChurnEvent",
    "Contact",
    "ContactLink",
    "Cost",
    "Counted",
    "CountedUntil",
    "Delivery",
    "ExchangeRate",
    "FollowUp",
    "IdempotentReply",
    "ImportPiece",
    "ImportRun",
    "Intent",
    "Mail",
    "MappingPreset",
    "MonthSum",
    "Movement",
    "Occurrence",
    "OptOut",
    "Plan",
    "PlanChange",
    "PlanPrice",
    "PlanVersion",
    "Playbook",
    "PlaybookPool",
    "Renewal",
    "RuleValue",
    "SavedView",
    "ScoreOrder",
    "Segment",
    "Subscription",
    "SubscriptionChange",
    "Uncounted",
    "User",
    "Webhook",
    "WebhookDelivery",
]
