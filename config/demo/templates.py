"""What the demo's admin has made of the checklists, and which touch model each customer gets."""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.models import Account, Plan, User
from onboarding.domain import templates
from onboarding.domain.templates.checks import values_of
from onboarding.domain.touch import choose, recommend
from onboarding.models import ChecklistTemplate, SessionType, TemplateVersion

COMPLEXITY = {"starter": "low", "team": "low", "business": "mid", "enterprise": "high"}
# Which session is booked from which step.
SESSIONS = {
    "mid": {"training": "training", "check-in": "review"},
    "high": {"kickoff": "kick-off", "team-training": "training", "review": "review"},
}
AS_USUAL = """
update accounts_account a set touch_model = s.touch_model
from accounts_segment s where s.id = a.segment_id and a.touch_model = ''
"""
NEW_FOR = timedelta(days=45)


def prepare(people: dict[str, User], today: date) -> None:
    """Before anybody begins: sessions are booked from the steps; who is new has a recommendation."""
    for key, complexity in COMPLEXITY.items():
        Plan.objects.filter(key=key).update(complexity=complexity)
    kinds = SessionType.objects.in_bulk(field_name="slug")
    for key, steps in SESSIONS.items():
        booked = {step: {"session_type": kinds[slug]} for step, slug in steps.items() if slug in kinds}
        _publish(key, booked, people["admin"], "Sessions are booked from their steps.")
    fresh = Account.objects.filter(started_on__gte=today - NEW_FOR, churned_on=None).order_by("pk")
    recommend(fresh.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(AS_USUAL)
    if chosen := fresh.filter(touch_model="low").order_by("-seats").first():
        choose(
            chosen, "mid", "Their group has eleven more companies: worth a training of their own.", by=people["admin"]
        )


def go_on(people: dict[str, User]) -> None:
    """While they run: a newer version that nobody has been moved to yet, and a draft."""
    low = {"invite": {"offset": 2, "weight": 4}, "first-report": {"offset": 12}}
    _publish("low", low, people["admin"], "Colleagues earlier: who is alone gives up.")
    draft = templates.draft_of(ChecklistTemplate.objects.get(key="mid"), by=people["admin"])
    _save(draft, {"automation": {"required": True, "weight": 3}}, people["admin"])


def _publish(key: str, changes: dict[str, dict[str, Any]], by: User, note: str) -> None:
    draft = templates.draft_of(ChecklistTemplate.objects.get(key=key), by=by)
    templates.publish(_save(draft, changes, by), by=by, note=note)


def _save(draft: TemplateVersion, changes: dict[str, dict[str, Any]], by: User) -> TemplateVersion:
    return templates.save_draft(
        draft, [values_of(step) | changes.get(step.key, {}) for step in draft.steps.all()], by=by
    )
