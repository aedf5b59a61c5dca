"""What a survey must be before it is kept."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.text import one_line, prose
from accounts.enums import Stage
from accounts.exceptions import Conflict, DomainError
from accounts.models import Segment
from accounts.registry import activity_kinds
from health.domain.surveys.triggers import TRIGGERS
from health.domain.surveys.wording import TEXTS
from health.enums import SurveyKind, SurveyStatus
from health.models import Survey

ROLES = {
    "decides": gettext_lazy("Who decides on renewal"),
    "champion": gettext_lazy("Champions"),
    "other": gettext_lazy("Everybody else"),
}
LIMITS = {"subject": 200, "intro": 4000, "question": 400, "thanks": 2000}
LONGEST_DAYS, MOST_A_DAY = 3650, 1_000_000
# Of one that has started: whom it was for, and what was asked of them.
FIXED = ("slug", "kind", "trigger", "stages", "roles", "min_account_days", "recontact_days", "sample_percent")


def check(survey: Survey) -> None:
    """All that is wrong with it at once, by field."""
    errors: dict[str, list[Any]] = {}
    for part in (_names, _words, _kind, _audience, _numbers):
        try:
            part(survey)
        except DomainError as error:
            errors |= error.errors
    if errors:
        raise DomainError(" ".join(str(s) for found in errors.values() for s in found), code="invalid", errors=errors)


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})


def _names(survey: Survey) -> None:
    survey.name = one_line(survey.name, 120, field="name")
    if not survey.name:
        raise _wrong("name", _("This cannot be empty."))
    if survey.slug:
        try:
            validate_slug(survey.slug)
        except ValidationError:
            raise _wrong("slug", _("Letters, digits, - and _.")) from None
        one_line(survey.slug, 60, field="slug")


def _words(survey: Survey) -> None:
    """Only languages and texts we know; what is empty is left out, and falls back."""
    given = survey.texts if isinstance(survey.texts, dict) else {}
    kept: dict[str, dict[str, str]] = {}
    for code in dict(settings.LANGUAGES):
        texts = given.get(code)
        texts = texts if isinstance(texts, dict) else {}
        clean = {name: _text(name, texts.get(name), code) for name in TEXTS}
        if any(clean.values()):
            kept[code] = {name: text for name, text in clean.items() if text}
    survey.texts = kept


def _text(name: str, text: Any, code: str) -> str:
    make: Callable[..., str] = prose if name in {"intro", "thanks"} else one_line
    return make(text, LIMITS[name], field=f"{name}_{code}")


def _kind(survey: Survey) -> None:
    if survey.kind not in SurveyKind.values:
        raise _wrong("kind", _("Choose what is asked."))
    if survey.trigger and (survey.trigger not in TRIGGERS or survey.trigger not in activity_kinds):
        raise _wrong("trigger", _("Choose what sets it off."))
    if survey.kind == SurveyKind.CHURN and survey.trigger != "account.churned":
        raise _wrong("trigger", _("Why they left is asked of those who leave, when they do."))


def _audience(survey: Survey) -> None:
    survey.stages, survey.roles = list(dict.fromkeys(survey.stages)), list(dict.fromkeys(survey.roles))
    if not set(survey.stages) <= set(Stage.values):
        raise _wrong("stages", _("There is no such stage."))
    if not set(survey.roles) <= set(ROLES):
        raise _wrong("roles", _("There are no such people."))


def _numbers(survey: Survey) -> None:
    try:
        percent = Decimal(str(survey.sample_percent))
    except InvalidOperation:
        percent = Decimal("NaN")
    if not (percent.is_finite() and 0 < percent <= 100):
        raise _wrong("sample_percent", _("More than 0 and at most 100 per cent."))
    for name in ("min_account_days", "recontact_days"):
        _within(survey, name, 0, LONGEST_DAYS)
    if survey.per_day is not None:
        _within(survey, "per_day", 1, MOST_A_DAY)
    if survey.remind_after_days is not None:
        _within(survey, "remind_after_days", 1, LONGEST_DAYS)


def _within(survey: Survey, name: str, least: int, most: int) -> None:
    value = getattr(survey, name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _wrong(name, _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most})


def what_may_change(survey: Survey, before: Survey, segments: Iterable[Segment] | None) -> None:
    if before.status == SurveyStatus.DRAFT:
        return
    changed = [name for name in FIXED if getattr(survey, name) != getattr(before, name)]
    if segments is not None and set(before.segments.all()) != set(segments):
        changed.append("segments")
    if changed:
        sentence = _("This survey has been started: whom it asks, and what, stays as it was. Copy it to change that.")
        raise Conflict(sentence, code="survey_started", errors={name: [sentence] for name in changed})
