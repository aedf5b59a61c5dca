"""Pages of checklist templates and touch models, by name and address (see pages.py)."""

from collections.abc import Iterator

from django.urls import reverse

from onboarding.models import ChecklistTemplate, Rollout, TouchDecision


def checklist_templates() -> Iterator[tuple[str, str]]:
    low, mid = (ChecklistTemplate.objects.get(key=key) for key in ("low", "mid"))
    newest = low.versions.order_by("-number").first()
    draft = mid.versions.get(status="draft")
    for name in ("templates", "template_add"):
        yield _place(name)
    for name in ("template", "template_edit"):
        yield _place(name, mid.pk)
    edit = _place("template_edit", mid.pk)[1]
    yield "onboarding-template_step", f"{edit}?open=training&in=fr"
    yield "onboarding-template-behind", _place("template", low.pk)[1]
    yield "onboarding-version", f"{_place('version', newest.pk)[1]}?in=ro"
    yield _place("version_publish", draft.pk)
    yield _place("version_apply", newest.pk)
    waiting = Rollout.objects.get_or_create(version=low.versions.get(number=1), checklist_ids=[1, 2, 3])[0]
    yield _place("rollout", waiting.pk)
    account = TouchDecision.objects.order_by("chosen").last()
    for name in ("touch", "touch_choose"):
        yield _place(name, account.account_id)


def _place(name: str, *args: int) -> tuple[str, str]:
    return f"onboarding-{name}", reverse(f"onboarding:{name}", args=args)
