"""What applicants are asked, per program and in the languages of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language, gettext as _

from accounts.domain.activity import Who
from accounts.domain.text import one_line, prose
from accounts.exceptions import DomainError
from referrals.models import Program

MOST, MOST_CHOICES = 12, 20
LONGEST_ANSWER = 1000
KINDS = ("text", "choice", "number")


@dataclass(frozen=True)
class Question:
    key: str
    text: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


def questions_of(program: Program, language: str = "") -> list[Question]:
    """In the reader's language, else in the house's, else in the one there is."""
    language = language or get_language() or settings.LANGUAGE_CODE
    return [_question(row, language) for row in program.questions]


def _question(row: Mapping[str, Any], language: str) -> Question:
    texts: Mapping[str, str] = row["text"]
    words = texts.get(language) or texts.get(settings.LANGUAGE_CODE) or next(iter(texts.values()), row["key"])
    return Question(
        row["key"], words, row.get("kind", "text"), tuple(row.get("choices", ())), bool(row.get("required"))
    )


def save_questions(program: Program, rows: Sequence[Mapping[str, Any]], *, by: Who = None) -> None:
    """Each with its text in one language at least; keys are kept, or made of the first text. Answers that were given
    stay where they are."""
    taken: set[str] = set()
    program.questions = [_cleaned(row, taken) for row in rows[:MOST]]
    program.save(update_fields=["questions"])


def _cleaned(row: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    text = {code: line for code, given in row["text"].items() if (line := one_line(given, 300, field="text"))}
    choices = list(dict.fromkeys(filter(None, (one_line(one, 120, field="choices") for one in row.get("choices", ())))))
    kind = row.get("kind") if row.get("kind") in KINDS else "text"
    if not text:
        raise _wrong("text", _("Write the question in one language at least."))
    if kind == "choice" and not 2 <= len(choices) <= MOST_CHOICES:
        raise _wrong("choices", _("Between 2 and %(most)s answers to choose from.") % {"most": MOST_CHOICES})
    key = _free_key(str(row.get("key") or slugify(next(iter(text.values())))[:40] or "question"), taken)
    return {
        "key": key,
        "text": text,
        "kind": kind,
        "choices": choices if kind == "choice" else [],
        "required": bool(row.get("required")),
    }


def _free_key(key: str, taken: set[str]) -> str:
    free, number = key, 1
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    taken.add(free)
    return free


def clean_answers(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, str]:
    """By key; each question that is not answered as it wants is told at once."""
    answers, errors = {}, {}
    for question in questions:
        try:
            answers[question.key] = _answer(question, prose(given.get(question.key), LONGEST_ANSWER))
        except DomainError as error:
            errors[question.key] = [str(error)]
    if errors:
        raise DomainError(_("Some answers are missing."), code="invalid", errors=errors)
    return {key: answer for key, answer in answers.items() if answer}


def _answer(question: Question, text: str) -> str:
    if question.required and not text:
        raise DomainError(_("Please answer this."))
    if text and question.kind == "choice" and text not in question.choices:
        raise DomainError(_("Please choose one of these."))
    if text and question.kind == "number" and not text.replace(" ", "").replace(",", "").replace(".", "").isdecimal():
        raise DomainError(_("Please write a number."))
    return text


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={name: [sentence]})
