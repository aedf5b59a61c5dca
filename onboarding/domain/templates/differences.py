"""What one version says otherwise than another, step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.utils.translation import get_language, get_language_info, gettext as _, ngettext

from onboarding.domain.templates.texts import text_of
from onboarding.enums import OffsetUnit
from onboarding.models import TemplateStep

NOTHING = "–"


@dataclass(frozen=True)
class Line:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    kind: Literal["added", "removed", "changed"]
    key: str
    title: str
    lines: list[Line] = field(default_factory=list)


def differences(before: Iterable[TemplateStep], after: Iterable[TemplateStep]) -> list[Difference]:
    """In the order of `after`; what is gone comes last."""
    old, new = ({step.key: step for step in steps} for steps in (before, after))
    found = []
    for key, step in new.items():
        if key not in old:
            found.append(Difference("added", key, title_of(step)))
        elif lines := _lines(old, new, key):
            found.append(Difference("changed", key, title_of(step), lines))
    return found + [Difference("removed", key, title_of(old[key])) for key in old if key not in new]


def title_of(step: TemplateStep) -> str:
    return text_of(step, get_language() or "").title


def language_names() -> list[tuple[str, str]]:
    """As the reader calls them."""
    return [(code, str(get_language_info(code)["name_translated"])) for code, _name in settings.LANGUAGES]


def _lines(old: Mapping[str, TemplateStep], new: Mapping[str, TemplateStep], key: str) -> list[Line]:
    before, after = _told(old, new, key), _told(new, old, key)
    changed = [label for label in after if before[label] != after[label]]
    return [Line(label, before[label] or NOTHING, after[label] or NOTHING) for label in changed]


def _told(steps: Mapping[str, TemplateStep], others: Mapping[str, TemplateStep], key: str) -> dict[str, str]:
    """All there is to say of a step, by what it is called. Its place is that among the steps that both have."""
    step = steps[key]
    told: dict[str, str] = {}
    for code, language in language_names():
        said = step.texts.get(code) or {}
        told[_("Title (%(language)s)") % {"language": language}] = said.get("title", "")
        told[_("Text (%(language)s)") % {"language": language}] = said.get("text", "")
    place = [one for one in steps if one in others].index(key)
    return told | {
        _("Place"): str(place + 1),
        _("Video"): step.video_url,
        _("Whose step"): str(step.get_owner_display()),
        _("Due"): due_of(step),
        _("Takes, working days"): str(step.duration),
        _("Weight"): str(step.weight),
        _("Required"): _yes(step.required),
        _("Activation"): _yes(step.activation),
        _("Comes after"): ", ".join(title_of(steps[one]) for one in step.after if one in steps),
        _("Ticked by"): ticked_by(step),
        _("Session"): str(step.session_type or ""),
    }


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def due_of(step: TemplateStep) -> str:
    if step.offset_unit == OffsetUnit.BUSINESS:
        text = ngettext("after %(n)s business day", "after %(n)s business days", step.offset)
    else:
        text = ngettext("after %(n)s day", "after %(n)s days", step.offset)
    return text % {"n": step.offset} if step.offset else _("at once")


def ticked_by(step: TemplateStep) -> str:
    """ "task_done × 10, different user"."""
    if not step.auto_action:
        return ""
    text = step.auto_action if step.auto_count == 1 else f"{step.auto_action} × {step.auto_count}"
    if step.auto_distinct:
        text = _("%(event)s, each %(property)s once") % {"event": text, "property": step.auto_distinct}
    return _("%(event)s, from the start on") % {"event": text} if step.auto_since_start else text
