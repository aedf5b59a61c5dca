"""Checklists that tests stand on: a template of four steps, and an account on its way."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from model_bakery import baker

from accounts.models import Account, Contact, User
from onboarding.domain.checklists import start
from onboarding.enums import VersionStatus
from onboarding.models import Checklist, ChecklistStep, ChecklistTemplate, TemplateStep, TemplateVersion

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)  # a Monday, 10:00 in Paris


def titled(title: str) -> dict[str, Any]:
    return {
        "en": {"title": title, "text": f"How to **{title.lower()}**."},
        "fr": {"title": f"{title} (fr)", "text": ""},
    }


# Kick-off first, then import and invite side by side; the first report is the aha.
STEPS: list[dict[str, Any]] = [
    {"key": "kickoff", "texts": titled("Kick-off"), "owner": "csm", "offset": 2},
    {"key": "import", "texts": titled("Import"), "offset": 5, "after": ["kickoff"], "weight": 2,
     "auto_action": "file_imported"},
    {"key": "invite", "texts": titled("Invite"), "offset": 7, "required": False,
     "auto_action": "colleague_added", "auto_distinct": "user", "auto_count": 2},
    {"key": "report", "texts": titled("First report"), "offset": 5, "offset_unit": "business", "after": ["import"],
     "activation": True, "auto_action": "report_run"},
]  # fmt: skip


def make_version(steps: Iterable[dict[str, Any]] = STEPS, **template: Any) -> TemplateVersion:
    """Of a template of that key: its first, or its next."""
    given = {"key": "start", "name": "Start"} | template
    one = ChecklistTemplate.objects.filter(key=given["key"]).first() or baker.make(ChecklistTemplate, **given)
    version = baker.make(TemplateVersion, template=one, number=one.versions.count() + 1, status="draft")
    TemplateStep.objects.bulk_create(
        TemplateStep(version=version, position=position, **step) for position, step in enumerate(steps)
    )
    version.status, version.published_at = VersionStatus.PUBLISHED, timezone.now()
    version.save()
    return version


def only_version() -> TemplateVersion:
    """The templates that every installation starts with are retired: whoever is new gets this one."""
    version = make_version()
    ChecklistTemplate.objects.exclude(pk=version.template_id).update(retired_at=NOW)
    return version


def make_account(**fields: Any) -> Account:
    given = {"name": "Acme", "external_id": "acme", "stage": "onboarding", "time_zone": "Europe/Paris"} | fields
    return baker.make(Account, **given)


def kim(account: Account, **fields: Any) -> Contact:
    given = {"name": "Kim Doe", "email": "kim@acme.example", "language": "en", "champion": True} | fields
    return baker.make(Contact, account=account, **given)


def begun(account: Account | None = None, version: TemplateVersion | None = None, **more: Any) -> Checklist:
    there = TemplateVersion.objects.filter(template__key="start").order_by("number").last()
    return start(account or make_account(), version or there or make_version(), by=more.pop("by", None), **more)


def step(checklist: Checklist, key: str) -> ChecklistStep:
    return ChecklistStep.objects.select_related("step").get(checklist=checklist, step__key=key)


def states(checklist: Checklist) -> dict[str, str]:
    rows = ChecklistStep.objects.filter(checklist=checklist).order_by("step__position")
    return dict(rows.values_list("step__key", "state"))


def told(account: Account, prefix: str = "checklist.") -> list[str]:
    """What the timeline says of it, in order."""
    rows = account.activities.filter(kind__startswith=prefix).order_by("pk")
    return [f"{a.kind.removeprefix(prefix)} {a.data.get('key', '')}".strip() for a in rows]


def make_csm(name: str = "Chloe", **fields: Any) -> User:
    return baker.make(User, **({"name": name, "email": f"{name.lower()}@tenure.example", "role": "csm"} | fields))
