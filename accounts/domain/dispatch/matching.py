"""Does this playbook run for this activity? Either what it would open, or the reason why it does not."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop

from accounts.domain.business_time import add_business_hours
from accounts.domain.conditions import Facts, Test, compile_conditions, first_miss
from accounts.domain.dispatch.facts import NOBODY, AccountFacts, Team, Whom
from accounts.domain.holidays import holidays_of
from accounts.domain.order import yearly_loss
from accounts.domain.text import shortened
from accounts.domain.wording import Template, Words, amounts_of, sentence_of, translated, used_placeholders
from accounts.enums import DueClock, Stage
from accounts.models import Activity, Playbook

# What was recorded so long after it happened (an import of the past) is history, not news.
NEWS = timedelta(days=14)
CHURNED = "account.churned"

GONE = gettext_noop("The account has churned.")
HISTORY = gettext_noop("It happened on %(at)s, long before it was recorded: history, not news.")
UNMET = gettext_noop("A condition does not hold.")
CLEARED = gettext_noop("It had cleared by %(at)s, before this playbook ran.")


class Prepared:
    """A playbook made ready for many activities. A stored condition that no longer fits shows when it is asked."""

    def __init__(self, playbook: Playbook, pool: Sequence[int] = ()) -> None:
        self.playbook, self.pool = playbook, pool
        self._tests: list[Test] | None = None
        self._closing: list[Test] | None = None
        self._templates: dict[str, Templates] = {}
        self._unmet: dict[tuple[int, str], Skip] = {}

    @cached_property
    def subscriber(self) -> str:
        return f"playbook:{self.playbook.pk}"

    @property
    def tests(self) -> list[Test]:
        if self._tests is None:
            self._tests = compile_conditions(self.playbook.trigger, self.playbook.conditions)
        return self._tests

    @property
    def closing(self) -> list[Test]:
        if self._closing is None:
            self._closing = compile_conditions(self.playbook.closes_on, self.playbook.closes_when)
        return self._closing

    @property
    def is_for_churned(self) -> bool:
        """Only what is about leaving, or asks about the stage itself, runs for those who left."""
        asked = {condition.get("field") for condition in self.playbook.conditions}
        return self.playbook.trigger == CHURNED or "account.stage" in asked

    @cached_property
    def is_about_contact(self) -> bool:
        """Whether it says who is talked to, or has something to say to them: only then are they looked up."""
        playbook = self.playbook
        said = (playbook.title, playbook.instructions, *playbook.steps)
        return bool(playbook.texts) or "contact" in used_placeholders(*said)

    def templates(self, language: str) -> "Templates":
        """Its texts in this language, taken apart once."""
        if language not in self._templates:
            self._templates[language] = Templates(self.playbook)
        return self._templates[language]

    def subject_of(self, data: Mapping[str, Any]) -> str:
        name = self.playbook.subject_field
        return str(data.get(name) or "")[:200] if name else ""

    def unmet(self, miss: Test, facts: Facts) -> "Skip":
        """That this condition does not hold, and what was found: the same for all that miss it with the same value."""
        found = miss.found(facts)
        key = id(miss), repr(found)
        if key not in self._unmet:
            told = found if isinstance(found, bool | int | list | None) else str(found)
            self._unmet[key] = Skip(
                UNMET, {"condition": miss.condition, "trigger": self.playbook.trigger, "found": told}
            )
        return self._unmet[key]


class Templates:
    """The texts of a playbook in the language that is active now."""

    def __init__(self, playbook: Playbook) -> None:
        amounts = amounts_of(playbook.trigger)
        self.title, self.instructions, *self.steps = (
            Template(translated(text), amounts) for text in (playbook.title, playbook.instructions, *playbook.steps)
        )
        self.texts = [{k: Template(translated(v), amounts) for k, v in text.items()} for text in playbook.texts]

    def letters(self, words: Words) -> list[dict[str, str]]:
        """What may be sent, with its name for who sends it."""
        return [{k: v.fill(words) for k, v in text.items()} for text in self.texts]

    def filled(self, words: Words) -> dict[str, Any]:
        return {
            "title": shortened(self.title.fill(words), 240),
            "instructions": self.instructions.fill(words),
            "steps": [{"text": step.fill(words), "done": False} for step in self.steps],
            "texts": self.letters(words),
        }


@dataclass(frozen=True)
class Skip:
    """Why nothing opens, as Delivery keeps it."""

    note: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Opening:
    """What is to be opened, or counted on what is open already."""

    activity: Activity
    prepared: Prepared
    subject: str
    due_at: datetime
    assignee_id: int | None
    expected_loss: Any
    title: str
    reason: str
    instructions: str
    steps: list[dict[str, Any]]
    texts: list[dict[str, str]]
    # One open follow-up for each of these: account, playbook, subject.
    key: tuple[int, int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.key = (self.activity.account_id, self.prepared.playbook.pk, self.subject)


def moment(at: datetime) -> dict[str, str]:
    return {"moment": at.isoformat()}


def why_not(prepared: Prepared, activity: Activity, account: AccountFacts, facts: Facts) -> Skip | None:
    """The first thing that keeps the playbook from running; `facts` are those of both."""
    if account["account.stage"] == Stage.CHURNED and not prepared.is_for_churned:
        return Skip(GONE)
    if activity.recorded_at - activity.occurred_at > NEWS:
        return Skip(HISTORY, {"at": moment(activity.occurred_at)})
    miss = first_miss(prepared.tests, facts)
    return prepared.unmet(miss, facts) if miss else None


def due_at(playbook: Playbook, since: datetime, account: AccountFacts) -> datetime:
    if playbook.due_clock == DueClock.BUSINESS:
        closed = holidays_of(account["country"])
        return add_business_hours(since, playbook.due_hours, account["time_zone"], closed)
    return since + timedelta(hours=playbook.due_hours)


def speaking(language: str) -> AbstractContextManager[Any]:
    """Changing the language costs more than filling in a text: only where it is another one."""
    return nullcontext() if translation.get_language() == language else translation.override(language)


def prepare_opening(
    prepared: Prepared,
    activity: Activity,
    account: AccountFacts,
    team: Team,
    contact: Whom = NOBODY,
    *,
    since: datetime | None = None,
) -> Opening:
    """Who gets it and what it says, in the words of who gets it; what to send, in those of whom it is sent to. Its
    time is counted from when it happened, not from when we heard of it; or from `since`, until when it was held."""
    playbook = prepared.playbook
    assignee = team.for_rule(playbook.assignee_rule, account, prepared.pool)
    language = assignee.language if assignee else "en"
    with speaking(language):
        words = Words(activity.kind, activity.data, account, contact.name)
        said = prepared.templates(language).filled(words)
    if said["texts"] and contact.language and contact.language != language:
        with speaking(contact.language):
            letters = prepared.templates(contact.language).letters(words.anew())
        said["texts"] = [
            theirs | {"name": ours.get("name", "")} for theirs, ours in zip(letters, said["texts"], strict=True)
        ]
    with speaking("en"):
        reason = shortened(sentence_of(activity.kind, activity.data, "en"), 400)
    return Opening(
        activity,
        prepared,
        prepared.subject_of(activity.data),
        due_at(playbook, since or activity.occurred_at, account),
        assignee.pk if assignee else None,
        yearly_loss(account["account.mrr"], account["account.band"], team.odds),
        reason=reason,
        **said,
    )
