"""A row for each page about checklist templates that is about one, for the matrix of roles (tests/test_roles.py)."""

from typing import Any

from onboarding.models import ChecklistTemplate, Rollout

OF_TEMPLATE = ("template", "template_edit", "template_step", "template_retire", "template_back")
OF_VERSION = ("version", "version_publish", "version_again", "version_drop", "version_apply")


def rows() -> dict[str, Any]:
    template = ChecklistTemplate.objects.get(key="low")
    version = template.versions.get()
    named = dict.fromkeys(OF_TEMPLATE, template) | dict.fromkeys(OF_VERSION, version)
    rollout = Rollout.objects.create(version=version)
    return {f"onboarding:{name}": row for name, row in {**named, "rollout": rollout}.items()}
