"""What answers add up to."""

from health.domain.surveys.figures.arithmetic import (
    ENOUGH,
    Change,
    Figure,
    Rates,
    Views,
    answers_needed,
    change,
    group_of,
    nps,
    of_distribution,
    of_scores,
    parse_score,
    views,
)

__all__ = [
    "ENOUGH",
    "Change",
    "Figure",
    "Rates",
    "Views",
    "answers_needed",
    "change",
    "group_of",
    "nps",
    "of_distribution",
    "of_scores",
    "parse_score",
    "views",
]
