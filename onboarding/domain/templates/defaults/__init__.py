"""What a new installation starts with: one template for each touch model, in every language; the admin's to change."""

import re
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.enums import TouchModel
from onboarding.domain.templates.drafts import create_template, draft_of, save_draft
from onboarding.domain.templates.publishing import publish
from onboarding.models import ChecklistTemplate

HERE = Path(__file__).parent
# What the steps say stands beside this file, by language: "# key: Title", then the text in Markdown.
LANGUAGES = ("en", "fr", "ro")
HEADING = re.compile(r"^# ([\w-]+): (.+)$", re.MULTILINE)

NAMES = {TouchModel.LOW: "First steps", TouchModel.MID: "Guided start", TouchModel.HIGH: "Project with a CSM"}

# What differs from a step of the customer's that is required, due that many days after the start, of weight 1.
CSM, OPTIONAL, AHA = {"owner": "csm"}, {"required": False}, {"activation": True}


def _ticked(action: str, count: int = 1) -> dict[str, Any]:
    return {"auto_action": action, "auto_count": count}


def _days(offset: int, weight: int = 1, *after: str) -> dict[str, Any]:
    return {"offset": offset, "weight": weight, "after": list(after)}


def _working(offset: int, weight: int = 1, *after: str, duration: int = 1) -> dict[str, Any]:
    return {**_days(offset, weight, *after), "offset_unit": "business", "duration": duration}


STEPS: dict[TouchModel, dict[str, dict[str, Any]]] = {
    TouchModel.LOW: {
        "sign-in": {**_days(0), **_ticked("signed_in")},
        "first-board": {**_days(1, 2, "sign-in"), **_ticked("board_opened", 3)},
        "invite": {**_days(3, 3, "sign-in"), **_ticked("colleague_invited", 2)},
        "first-tasks": {**_days(5, 5, "first-board"), **_ticked("task_done", 10), **AHA},
        "files": {**_days(7), **_ticked("file_shared", 3), **OPTIONAL},
        "first-report": {**_days(10, 2, "first-tasks"), **_ticked("report_opened")},
        "feedback": {**_days(14), **OPTIONAL},
    },
    TouchModel.MID: {
        "sign-in": {**_days(0), **_ticked("signed_in")},
        "goals": _working(2, 1, "sign-in"),
        "first-board": {**_working(3, 2, "sign-in"), **_ticked("board_opened", 3)},
        "import": {**_working(5, 2, "first-board"), **_ticked("file_shared", 5)},
        "invite": {**_working(5, 3, "first-board"), **_ticked("colleague_invited", 3)},
        "training": _working(8, 3, "first-board"),
        "automation": {**_working(12, 2, "training"), **_ticked("automation_run"), **OPTIONAL},
        "share-report": {**_working(12, 5, "import", "invite"), **_ticked("report_shared"), **AHA},
        "check-in": {**_working(15), **CSM},
    },
    TouchModel.HIGH: {
        "kickoff": _working(3, 2),
        "plan": {**_working(5, 1, "kickoff", duration=2), **CSM},
        "access": {**_working(8, 2, "plan", duration=2), **_ticked("colleague_invited", 10)},
        "integration": {**_working(12, 3, "plan", duration=5), **_ticked("integration_synced")},
        "migration": {**_working(12, 3, "plan", duration=5), **_ticked("file_shared", 20)},
        "pilot": {**_working(25, 5, "access", "integration", duration=10), **_ticked("task_done", 50), **AHA},
        "team-training": _working(30, 3, "pilot"),
        "dashboard": {**_working(30, 2, "pilot", duration=3), **_ticked("dashboard_built")},
        "review": {**_working(40, 1, "dashboard"), **CSM},
    },
}


@transaction.atomic
def install_defaults() -> None:
    """Only where there is no template yet: what an admin has changed or retired stays so. Runs after every migrate."""
    if ChecklistTemplate.objects.exists():
        return
    said = {language: texts_in(language) for language in LANGUAGES}
    for model, steps in STEPS.items():
        template = create_template(NAMES[model], key=model.value, touch_models=[model])
        publish(save_draft(draft_of(template), [_step(key, values, said) for key, values in steps.items()]))


def texts_in(language: str) -> dict[str, dict[str, str]]:
    _before, *parts = HEADING.split((HERE / f"{language}.md").read_text(encoding="utf-8"))
    rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {key: {"title": title, "text": text.strip()} for key, title, text in rows}


def _step(key: str, values: dict[str, Any], said: dict[str, dict[str, dict[str, str]]]) -> dict[str, Any]:
    return {"key": key, "texts": {language: texts[key] for language, texts in said.items()}, **values}
