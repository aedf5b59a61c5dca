from health.models.onboarding import OnboardingReading
from health.models.readings import Answer, AnswerRevision, CustomReading, FirstReading, Invoice, Pulse, Ticket
from health.models.recompute import FrozenIndicator, RecomputeRun, RecomputeShard
from health.models.scoring import Notice, Score, ScoreMark, ScoreModel, ScoreModelVersion, points
from health.models.surveys import Invite, Survey, SurveySegment
from health.models.usage import Action, ActionPlan, UsageDay, UsageEvent, UsageTarget

__all__ = [
    "Action",
    "ActionPlan",
    "Answer",
    "AnswerRevision",
    "CustomReading",
    "FirstReading",
    "FrozenIndicator",
    "Invite",
    "Invoice",
    "Notice",
    "OnboardingReading",
    "Pulse",
    "RecomputeRun",
    "RecomputeShard",
    "Score",
    "ScoreMark",
    "ScoreModel",
    "ScoreModelVersion",
    "Survey",
    "SurveySegment",
    "Ticket",
    "UsageDay",
    "UsageEvent",
    "UsageTarget",
    "points",
]
