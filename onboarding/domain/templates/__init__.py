"""Checklist templates: what new customers go through, in versions that never change once published."""

from onboarding.domain.templates.best import best_template, best_templates, model_of
from onboarding.domain.templates.drafts import (
    bring_back,
    change_template,
    create_template,
    draft_of,
    drop_draft,
    latest_of,
    retire,
    save_draft,
)
from onboarding.domain.templates.publishing import publish, roll_back
from onboarding.domain.templates.texts import StepText, html_of, text_of

__all__ = [
    "StepText",
    "best_template",
    "best_templates",
    "bring_back",
    "change_template",
    "create_template",
    "draft_of",
    "drop_draft",
    "html_of",
    "latest_of",
    "model_of",
    "publish",
    "retire",
    "roll_back",
    "save_draft",
    "text_of",
]
