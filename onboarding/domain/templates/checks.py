"""What may stand in a template. All that is wrong with it is told at once, each at its step:
"steps.2.title.fr" is the French title of the third one."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from django.utils.translation import gettext as _

from accounts.domain.text import one_line, prose
from accounts.exceptions import DomainError
from onboarding.domain.planning import cycle
from onboarding.domain.templates.texts import text_of
from onboarding.enums import OffsetUnit, StepOwner
from onboarding.models import SessionType, TemplateStep

MOST_STEPS = 40
LONGEST_TITLE, LONGEST_TEXT = 160, 10_000
# field: least, most
NUMBERS = {"offset": (0, 730), "duration": (1, 260), "weight": (0, 1000), "auto_count": (1, 100_000)}

FIELDS = (
    "key", "texts", "video_url", "owner", "offset", "offset_unit", "duration", "weight", "required", "activation",
    "after", "auto_action", "auto_distinct", "auto_count", "auto_since_start", "session_type",
)  # fmt: skip

StepValues = Mapping[str, Any]
Errors = dict[str, list[Any]]


def values_of(step: TemplateStep) -> dict[str, Any]:
    """As a step is given to save_draft()."""
    return {name: getattr(step, name) for name in FIELDS}


def checked(steps: Sequence[StepValues]) -> list[TemplateStep]:
    """Steps ready to be kept, in this order; DomainError with a sentence for each thing that is wrong."""
    if len(steps) > MOST_STEPS:
        raise DomainError(_("A checklist has at most %(most)s steps.") % {"most": MOST_STEPS}, code="too_many_steps")
    errors: Errors = {}
    found = [_step(place, values, errors) for place, values in enumerate(steps)]
    _check_keys(found, errors)
    _check_activation(found, errors)
    _check_order(found, errors)
    if errors:
        raise refusal(errors)
    return found


def refusal(errors: Errors) -> DomainError:
    sentences = dict.fromkeys(str(sentence) for found in errors.values() for sentence in found)
    return DomainError(" ".join(sentences), code="invalid_template", errors=errors)


def _step(place: int, values: StepValues, errors: Errors) -> TemplateStep:
    step = TemplateStep(position=place)
    rules: dict[str, Any] = {
        "key": _key, "texts": _texts, "video_url": _video, "owner": _one_of(StepOwner), "session_type": _session,
        "offset_unit": _one_of(OffsetUnit), "after": _after, "auto_action": _line(80), "auto_distinct": _line(60),
    } | {name: _whole(*bounds) for name, bounds in NUMBERS.items()}  # fmt: skip
    for name, rule in rules.items():
        try:
            setattr(step, name, rule(values.get(name, getattr(step, name))))
        except DomainError as error:
            inner = error.errors or {"": [error.message]}
            errors |= {f"steps.{place}.{part or name}": sentences for part, sentences in inner.items()}
    for name in ("required", "activation", "auto_since_start"):
        setattr(step, name, bool(values.get(name, getattr(step, name))))
    if step.auto_distinct and not step.auto_action:
        errors[f"steps.{place}.auto_action"] = [_("Say which event ticks it.")]
    return step


# One field each ---------------------------------------------------------------------------------------


def _key(given: Any) -> str:
    key = one_line(given, 60)
    try:
        validate_slug(key)
    except ValidationError:
        raise DomainError(_("A key has letters, digits, hyphens and underscores.")) from None
    return key


def _texts(given: Any) -> dict[str, dict[str, str]]:
    errors: Errors = {}
    kept = {}
    for language, said in dict(given or {}).items():
        title, text, found = _said(language, said)
        errors |= found
        if title or text:
            kept[language] = {"title": title, "text": text}
    if not kept and not errors:
        errors[f"title.{settings.LANGUAGE_CODE}"] = [_("Give the step a title.")]
    if errors:
        raise DomainError("", errors=errors)
    return {code: kept[code] for code, _name in settings.LANGUAGES if code in kept}


def _said(language: str, said: Mapping[str, Any]) -> tuple[str, str, Errors]:
    if language not in dict(settings.LANGUAGES):
        return "", "", {"texts": [_("There is no language %(code)s here.") % {"code": one_line(language, 1000)[:20]}]}
    errors: Errors = {}
    values = {"title": "", "text": ""}
    for name, clean, limit in (("title", one_line, LONGEST_TITLE), ("text", prose, LONGEST_TEXT)):
        try:
            values[name] = clean(said.get(name), limit)
        except DomainError as error:
            errors[f"{name}.{language}"] = [error.message]
    if values["text"] and not values["title"] and not errors:
        errors[f"title.{language}"] = [_("A text without a title: give it one.")]
    return values["title"], values["text"], errors


def _video(given: Any) -> str:
    """By https alone: javascript: and data: would run on the customer's page, a name before the host deceives."""
    url = one_line(given, 400)
    if not url:
        return ""
    try:
        URLValidator(schemes=["https"])(url)
    except ValidationError:
        raise DomainError(_("Write the whole address of the video, beginning with https://.")) from None
    if "@" in urlsplit(url).netloc:
        raise DomainError(_("The address of a video carries no name or password."))
    return url


def _line(limit: int) -> Any:
    return lambda given: one_line(given, limit)


def _one_of(choices: Any) -> Any:
    def rule(given: Any) -> str:
        if given not in choices.values:
            raise DomainError(_("Choose one of the values."))
        return str(given)

    return rule


def _whole(least: int, most: int) -> Any:
    def rule(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            raise DomainError(_("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
        return given

    return rule


def _after(given: Any) -> list[str]:
    return list(dict.fromkeys(str(key) for key in given or ()))


def _session(given: Any) -> SessionType | None:
    if given is None or isinstance(given, SessionType):
        return given
    found = SessionType.objects.filter(pk=given).first() if isinstance(given, int) else None
    if found is None:
        raise DomainError(_("There is no such session type."))
    return found


# All of them together ---------------------------------------------------------------------------------


def _check_keys(steps: Sequence[TemplateStep], errors: Errors) -> None:
    seen: set[str] = set()
    for place, step in enumerate(steps):
        if step.key and step.key in seen:
            errors.setdefault(f"steps.{place}.key", []).append(_("Another step has this key."))
        seen.add(step.key)


def _check_activation(steps: Sequence[TemplateStep], errors: Errors) -> None:
    marked = [place for place, step in enumerate(steps) if step.activation]
    for place in marked[1:]:
        sentence = _("Only one step can be the activation: “%(title)s” is it already.")
        errors[f"steps.{place}.activation"] = [sentence % {"title": text_of(steps[marked[0]]).title}]


def _check_order(steps: Sequence[TemplateStep], errors: Errors) -> None:
    """What a step waits for is there, and never waits for itself, around however many corners."""
    known = {step.key for step in steps}
    for place, step in enumerate(steps):
        if unknown := [key for key in step.after if key not in known]:
            sentence = _("It comes after a step that is not here: %(key)s.") % {"key": unknown[0]}
            errors[f"steps.{place}.after"] = [sentence]
    circle = _circle(steps)
    if circle:
        titles = {step.key: text_of(step).title for step in steps}
        path = " → ".join(titles[key] for key in circle)
        place = next(n for n, step in enumerate(steps) if step.key == circle[-1])
        sentence = _("These steps wait for each other in a circle, so none could ever begin: %(path)s.")
        errors.setdefault(f"steps.{place}.after", []).append(sentence % {"path": path})


def _circle(steps: Sequence[TemplateStep]) -> list[str]:
    """The keys of one circle, step by step, ending where it began."""
    after = {step.key: step.after for step in steps}
    members = set(cycle((before, key) for key, keys in after.items() for before in keys))
    if not members:
        return []
    path = [next(step.key for step in steps if step.key in members)]
    while path[-1] not in path[:-1]:
        path.append(next(key for key in after[path[-1]] if key in members))
    return path[path.index(path[-1]) :][::-1]


def check_ready(steps: Sequence[TemplateStep]) -> None:
    """What a draft may still lack, a published version may not."""
    if not steps:
        raise DomainError(_("A checklist without steps cannot be published."), code="no_steps")
    if not any(step.required for step in steps):
        raise DomainError(
            _("At least one step must be required: else it is finished before it begins."), code="none_required"
        )
    if not any(step.weight for step in steps):
        raise DomainError(
            _("At least one step needs a weight: else there is no engagement to measure."), code="no_weight"
        )
