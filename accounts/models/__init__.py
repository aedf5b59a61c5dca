from accounts.models.account import Account, Contact, ScoreOrder, Segment
from accounts.models.activity import Activity, Delivery
from accounts.models.api import ApiToken, IdempotentReply
from accounts.models.churn import ChurnEvent
from accounts.models.data import ImportPiece, ImportRun, MappingPreset
from accounts.models.followup import FollowUp, Occurrence, SavedView
from accounts.models.playbook import Playbook
from accounts.models.subscription import (
    ExchangeRate,
    Movement,
    Plan,
    Subscription,
    SubscriptionChange,
)
from accounts.models.user import User

__all__ = [
    "Account",
    "Activity",
    "ApiToken",
    "ChurnEvent",
    "Contact",
    "Delivery",
    "ExchangeRate",
    "FollowUp",
    "IdempotentReply",
    "ImportPiece",
    "ImportRun",
    "MappingPreset",
    "Movement",
    "Occurrence",
    "Plan",
    "Playbook",
    "SavedView",
    "ScoreOrder",
    "Segment",
    "Subscription",
    "SubscriptionChange",
    "User",
]
