from health.models.readings import Answer, CustomReading, FirstReading, Invoice, Pulse, Ticket
from health.models.recompute import FrozenIndicator, RecomputeRun, RecomputeShard
from health.models.scoring import Notice, Score, ScoreMark, ScoreModel, ScoreModelVersion, points
from health.models.usage import Action, UsageDay, UsageEvent, UsageTarget

__all__ = [
    "Action",
    "Answer",
    "CustomReading",
    "FirstReading",
    "FrozenIndicator",
    "Invoice",
    "Notice",
    "Pulse",
    "RecomputeRun",
    "RecomputeShard",
    "Score",
    "ScoreMark",
    "ScoreModel",
    "ScoreModelVersion",
    "Ticket",
    "UsageDay",
    "UsageEvent",
    "UsageTarget",
    "points",
]
