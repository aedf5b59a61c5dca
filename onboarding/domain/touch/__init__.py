"""Touch model of each account: recommended from complexity, value and the team's hours; a person's word wins."""

from onboarding.domain.templates.best import model_of
from onboarding.domain.touch.choosing import choose, recommend, recommend_missing, recommend_new
from onboarding.domain.touch.wording import reason_of

__all__ = ["choose", "model_of", "reason_of", "recommend", "recommend_missing", "recommend_new"]
