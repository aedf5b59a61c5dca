"""Questions asked before a time is offered: they qualify, and may lead to a webinar or to material instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.domain.text import one_line
from accounts.exceptions import DomainError
from onboarding.domain.wording import in_language
from onboarding.models import SessionType

LONGEST = 1000


@dataclass(frozen=True)
class Question:
    key: str
    text: str
    kind: str = "text"  # text, number, choice
    choices: tuple[str, ...] = ()  # as they are kept
    labels: tuple[str, ...] = ()  # as the reader reads them
    required: bool = False
    routes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Route:
    """Where an answer leads instead of a slot."""

    text: str
    session_type: str = ""
    url: str = ""
    question: str = ""  # the key of the one that decided
    answer: str = ""

    @property
    def target(self) -> str:
        return self.session_type or self.url


def questions_of(kind: SessionType) -> list[Question]:
    return [
        Question(
            key=str(row["key"]),
            text=in_language(row.get("text"), "text") or str(row["key"]),
            kind=str(row.get("kind", "text")),
            choices=tuple(str(choice) for choice in row.get("choices", ())),
            labels=_labels(row),
            required=bool(row.get("required")),
            routes=tuple(row.get("routes", ())),
        )
        for row in kind.questions
        if isinstance(row, dict) and row.get("key")
    ]


def _labels(row: Mapping[str, Any]) -> tuple[str, ...]:
    choices = [str(choice) for choice in row.get("choices", ())]
    given = (row.get("labels") or {}).get(translation.get_language() or "") or ()
    return tuple(str(label) for label in given) if len(given) == len(choices) else tuple(choices)


def clean_answers(asked: Iterable[Question], given: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept; every bad one is told at once, by its question."""
    answers: dict[str, str] = {}
    errors: dict[str, list] = {}
    for question in asked:
        try:
            answer = _clean(question, given.get(question.key, ""))
        except DomainError as error:
            errors[question.key] = [error.message]
        else:
            answers |= {question.key: answer} if answer else {}
    if errors:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=errors)
    return answers


def _clean(question: Question, given: str) -> str:
    answer = one_line(given, LONGEST)
    if not answer:
        if question.required:
            raise DomainError(_("Please answer this one."))
        return ""
    if question.kind == "choice" and answer not in question.choices:
        raise DomainError(_("Please choose one of the answers."))
    if question.kind == "number" and not _is_number(answer):
        raise DomainError(_("Please write a number."))
    return answer


def _is_number(text: str) -> bool:
    plain = text.replace(" ", "").replace(",", ".")
    return plain.isascii() and plain.count(".") <= 1 and plain.replace(".", "").isdigit() and len(plain) <= 15


def route_of(asked: Iterable[Question], answers: Mapping[str, str]) -> Route | None:
    """The first route that an answer takes; None leads to the slots."""
    for question in asked:
        for row in question.routes:
            if answers.get(question.key) == str(row.get("value")):
                return Route(
                    in_language(row.get("text"), "text") or str(row.get("text") or ""),
                    str(row.get("slug") or ""),
                    str(row.get("url") or ""),
                    question.key,
                    answers[question.key],
                )
    return None
