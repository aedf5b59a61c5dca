"""What a survey says: in the reader's language, else in its own (the installation's where it is written in that, else
the first that it is written in), else in our own words."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.wording import Template
from health.enums import SurveyKind
from health.models import Survey

TEXTS = ("subject", "intro", "question", "thanks")
# What may stand in braces in these texts, and what it means.
PLACEHOLDERS = {
    "contact": _("the name of who is asked"),
    "account": _("their company"),
    "company": _("the name of our company"),
}

SCALES: dict[str, range] = {SurveyKind.NPS: range(11), SurveyKind.CSAT: range(1, 6), SurveyKind.CHURN: range(0)}
ENDS: dict[str, tuple[Any, Any]] = {
    SurveyKind.NPS: (_("Not at all likely"), _("Extremely likely")),
    SurveyKind.CSAT: (_("Very unhappy"), _("Very happy")),
    SurveyKind.CHURN: ("", ""),
}
# CSAT has a word for each step.
STEPS: dict[int, Any] = {
    1: pgettext_lazy("satisfaction", "Very unhappy"),
    2: pgettext_lazy("satisfaction", "Unhappy"),
    3: pgettext_lazy("satisfaction", "So so"),
    4: pgettext_lazy("satisfaction", "Happy"),
    5: pgettext_lazy("satisfaction", "Very happy"),
}

OURS: dict[str, dict[str, Any]] = {
    SurveyKind.NPS: {
        "subject": _("One question, {contact}"),
        "intro": _("Hello {contact},\n\nhow are we doing? One click is enough, and a person reads every answer."),
        "question": _("How likely are you to recommend {company} to a friend or colleague?"),
        "thanks": _("Your answer goes straight to the people who look after {account}."),
    },
    SurveyKind.CSAT: {
        "subject": _("How was it, {contact}?"),
        "intro": _("Hello {contact},\n\nyou have just spent some of your time with us. Was it worth it?"),
        "question": _("How happy are you with it?"),
        "thanks": _("Your answer goes straight to the people who look after {account}."),
    },
    SurveyKind.CHURN: {
        "subject": _("What could we have done better, {contact}?"),
        "intro": _(
            "Hello {contact},\n\nyou have decided to leave us, and we respect that. Would you tell us why? "
            "It takes a minute, and nobody will try to talk you round."
        ),
        "question": _("What was the main reason?"),
        "thanks": _("Thank you for your honesty. We wish {account} all the best."),
    },
}
REMINDER = _(
    "Hello {contact},\n\na few days ago we asked you one question. If you have half a minute, we would still like to "
    "know. This is the only reminder."
)


@dataclass(frozen=True)
class Words:
    """A survey's texts as one person reads them, the words at both ends of its scale, and how a reminder begins."""

    subject: str
    intro: str
    question: str
    thanks: str
    low: str
    high: str
    reminder: str


def template_of(survey: Survey, language: str, name: str) -> str:
    """The text as it was written, its placeholders still open."""
    return written(survey, language, name) or fallback(survey, language, name)


def written(survey: Survey, language: str, name: str) -> str:
    return str((survey.texts.get(language) or {}).get(name) or "").strip()


def languages_of(survey: Survey) -> list[str]:
    """Those it is written in, at least in part; the one that everybody else gets comes first."""
    found = [code for code, texts in survey.texts.items() if any(str(text).strip() for text in texts.values())]
    return sorted(found, key=lambda code: code != settings.LANGUAGE_CODE)


def spoken_to(survey: Survey, language: str) -> str:
    """The language in which somebody of `language` is asked. A survey in French alone is French for everybody: half in
    theirs and half in ours would be no question at all."""
    code, found = language.lower().partition("-")[0], languages_of(survey)
    return code if code in found or not found else found[0]


def fallback(survey: Survey, language: str, name: str) -> str:
    """What is said where nothing is written in this language."""
    own = languages_of(survey)
    if own and (found := written(survey, own[0], name)):
        return found
    with translation.override(known_language(language)):
        return str(OURS[survey.kind][name])


def known_language(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def words_of(survey: Survey, language: str, *, contact: str = "", account: str = "") -> Words:
    """`contact` is a name: who has none is called by their company's."""
    language = spoken_to(survey, language)
    filled = {"contact": contact or account, "account": account, "company": settings.COMPANY_NAME}
    texts = {name: Template(template_of(survey, language, name)).fill(filled) for name in TEXTS}
    with translation.override(known_language(language)):
        low, high = (str(end) for end in ENDS[survey.kind])
        reminder = Template(str(REMINDER)).fill(filled)
    return Words(**texts, low=low, high=high, reminder=reminder)


def letter_context(survey: Survey, words: Words, url: str) -> dict[str, Any]:
    """What templates/emails/survey_invite.* and survey_reminder.* are filled with. `url` is the personal address:
    a click on a number opens it with that number chosen, and records nothing."""
    return {
        "kind": survey.kind,
        "words": words,
        "url": url,
        "scores": [(score, f"{url}?score={score}") for score in SCALES[survey.kind]],
    }
