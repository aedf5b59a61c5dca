"""Playbooks: when this happens, open that. Written, checked, switched on and off; how well each one does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone, translation
from django.utils.translation import gettext as _, ngettext

from accounts.domain.activity import Actor, Who
from accounts.domain.conditions import validate_conditions
from accounts.domain.followups import cancel_many
from accounts.domain.followups.bulk import MOST
from accounts.domain.text import one_line, prose
from accounts.domain.wording import check_placeholders, translated
from accounts.enums import AskKind, AssigneeRule, DueClock, Outcome, PlaybookState, Priority
from accounts.exceptions import Conflict, DomainError
from accounts.models import FollowUp, Playbook, User
from accounts.registry import PlaybookDefault, activity_kinds, playbook_defaults

TEXT_FIELDS = ("name", "title", "instructions")
MOST_STEPS, MOST_TEXTS = 20, 10
LONGEST_COOL_DOWN = 365


@transaction.atomic
def install_defaults() -> None:
    """Add the default playbooks that this installation does not have yet; never change one it has."""
    with translation.override("en"):
        Playbook.objects.bulk_create([_from_default(d) for d in playbook_defaults], ignore_conflicts=True)


def _from_default(default: PlaybookDefault) -> Playbook:
    values = {name: getattr(default, name) for name in default.__dataclass_fields__}
    values |= {name: str(values[name]) for name in TEXT_FIELDS}
    values["steps"] = [str(step) for step in default.steps]
    values["texts"] = [{k: str(v) for k, v in text.items()} for text in default.texts]
    values["conditions"], values["closes_when"] = list(default.conditions), list(default.closes_when)
    return Playbook(state=PlaybookState.ON, **values)


# Writing one ------------------------------------------------------------------------------------------


def save_playbook(
    playbook: Playbook, *, by: Who, pool: Iterable[User] | None = None, seen: datetime | None = None
) -> Playbook:
    """Check and keep it, new or changed. DomainError with sentences by field; Conflict if somebody else changed it
    after `seen` (the updated_at that the form was filled from)."""
    people = list(pool) if pool is not None else None
    clean(playbook, people)
    with transaction.atomic(), _audited(by, "saved"):
        if playbook.pk and seen:
            _untouched_since(playbook, seen)
        playbook.updated_at = timezone.now()
        try:
            with transaction.atomic():
                playbook.save()
        except IntegrityError:
            raise _wrong("key", _("There is a playbook with this key already."), status=409) from None
        if people is not None:
            playbook.pool.set(people)
    return playbook


def _untouched_since(playbook: Playbook, seen: datetime) -> None:
    now = Playbook.objects.select_for_update().values_list("updated_at", flat=True).get(pk=playbook.pk)
    if now != seen:
        raise Conflict(_("Somebody else has changed this playbook meanwhile. Load it again to see how."))


def _audited(by: Who, what: str):
    """Who it was stands beside each event of the playbook (PlaybookEvent.pgh_context)."""
    actor = Actor.of(by)
    return pghistory.context(user=actor.user.pk if actor.user else None, actor=actor.label, what=what)


def _wrong(field_: str, sentence: str, **kwargs: Any) -> DomainError:
    return DomainError(sentence, code=f"{field_}_wrong", errors={field_: [sentence]}, **kwargs)


# Checking one -----------------------------------------------------------------------------------------


def clean(playbook: Playbook, pool: Sequence[User] | None = None) -> None:
    """All that is wrong with it at once, by field."""
    errors: dict[str, list[Any]] = {}
    for check in (_clean_trigger, _clean_words, _clean_steps, _clean_texts, _clean_numbers, _clean_closing):
        try:
            check(playbook)
        except DomainError as error:
            errors |= error.errors
    if playbook.assignee_rule == AssigneeRule.POOL and pool is not None and not pool:
        errors["pool"] = [_("Choose who is in the pool.")]
    if errors:
        raise DomainError(" ".join(str(s) for found in errors.values() for s in found), code="invalid", errors=errors)


def _clean_trigger(playbook: Playbook) -> None:
    kind = activity_kinds.items.get(playbook.trigger)
    if kind is None or not kind.trigger:
        raise _wrong("trigger", _("Choose what sets it off."))
    playbook.conditions = validate_conditions(playbook.trigger, playbook.conditions)
    if playbook.subject_field and playbook.subject_field not in {f.name for f in kind.fields}:
        raise _wrong("subject_field", _("This kind of activity has no such field."))


def _clean_words(playbook: Playbook) -> None:
    playbook.key = one_line(playbook.key, 60, field="key")
    playbook.name = one_line(playbook.name, 120, field="name")
    playbook.title = one_line(playbook.title, 200, field="title")
    playbook.instructions = prose(playbook.instructions, 10_000, field="instructions")
    for name in ("key", "name", "title"):
        if not getattr(playbook, name):
            raise _wrong(name, _("This cannot be empty."))
    for name in ("title", "instructions"):
        check_placeholders(playbook.trigger, getattr(playbook, name), field=name)


def _clean_steps(playbook: Playbook) -> None:
    if not isinstance(playbook.steps, list) or len(playbook.steps) > MOST_STEPS:
        raise _wrong("steps", _("At most %(most)s steps.") % {"most": MOST_STEPS})
    playbook.steps = [line for step in playbook.steps if (line := one_line(step, 400, field="steps"))]
    for step in playbook.steps:
        check_placeholders(playbook.trigger, step, field="steps")


def _clean_texts(playbook: Playbook) -> None:
    texts = playbook.texts
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS or not all(isinstance(t, dict) for t in texts):
        raise _wrong("texts", _("At most %(most)s texts.") % {"most": MOST_TEXTS})
    playbook.texts = [
        {
            "name": one_line(text.get("name"), 120, field="texts"),
            "subject": one_line(text.get("subject"), 200, field="texts"),
            "body": prose(text.get("body"), 10_000, field="texts"),
        }
        for text in texts
        if any(text.values())
    ]
    for text in playbook.texts:
        for part in text.values():
            check_placeholders(playbook.trigger, part, field="texts")


def _clean_numbers(playbook: Playbook) -> None:
    if not 1 <= playbook.due_hours <= 8760:
        raise _wrong("due_hours", _("Due between 1 hour and a year after it happened."))
    if not 0 <= playbook.cool_down_days <= LONGEST_COOL_DOWN:
        raise _wrong("cool_down_days", _("A cool-down lasts a year at most."))
    if playbook.asks and playbook.asks not in AskKind.values:
        raise _wrong("asks", _("Choose one of the values."))
    for name, choices in (("priority", Priority), ("due_clock", DueClock), ("assignee_rule", AssigneeRule)):
        if getattr(playbook, name) not in choices.values:
            raise _wrong(name, _("Choose one of the values."))


def _clean_closing(playbook: Playbook) -> None:
    if not playbook.closes_on:
        playbook.closes_when = []
        return
    kind = activity_kinds.items.get(playbook.closes_on)
    if kind is None or not kind.trigger:
        raise _wrong("closes_on", _("There is no such kind of activity."))
    playbook.closes_when = validate_conditions(playbook.closes_on, playbook.closes_when, field="closes_when")


# On and off -------------------------------------------------------------------------------------------


@transaction.atomic
def switch_on(playbook: Playbook, *, by: Who) -> None:
    """From now on: what happened while it was off stays unanswered."""
    clean(playbook)
    _set_state(playbook, PlaybookState.ON, by)


@transaction.atomic
def switch_off(playbook: Playbook, *, by: Who, open_follow_ups: Literal["keep", "cancel"]) -> int:
    """Nothing new opens. Returns how many open follow-ups were canceled."""
    if open_follow_ups not in {"keep", "cancel"}:
        raise _wrong("open_follow_ups", _("Say what becomes of the follow-ups that are open: keep or cancel."))
    _set_state(playbook, PlaybookState.OFF, by)
    return _cancel_open(playbook, by) if open_follow_ups == "cancel" else 0


def _set_state(playbook: Playbook, state: PlaybookState, by: Who) -> None:
    with _audited(by, f"switched {state}"):
        playbook.state, playbook.updated_at = state, timezone.now()
        playbook.save(update_fields=["state", "updated_at"])


def _cancel_open(playbook: Playbook, by: Who) -> int:
    ids = list(playbook.follow_ups.open().order_by("pk").values_list("pk", flat=True))
    why = _("The playbook “%(name)s” was switched off.") % {"name": translated(playbook.name)}
    return sum(cancel_many(ids[at : at + MOST], by=by, why=why).done for at in range(0, len(ids), MOST))


# How well it does -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Precision:
    """Of the follow-ups that somebody judged, how many were worth it. "No answer" judges nothing."""

    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def helped(self) -> int:
        return self.outcomes.get(Outcome.HELPED, 0)

    @property
    def judged(self) -> int:
        return sum(n for outcome, n in self.outcomes.items() if outcome != Outcome.NO_ANSWER)

    @property
    def share(self) -> float | None:
        return self.helped / self.judged if self.judged else None

    def __str__(self) -> str:
        if not self.judged:
            return _("not judged yet")
        return ngettext("%(helped)s of %(n)s helped", "%(helped)s of %(n)s helped", self.judged) % {
            "helped": self.helped,
            "n": self.judged,
        }


def precisions(playbooks: Iterable[Playbook | int]) -> dict[int, Precision]:
    """For a list of playbooks in one query, by id; also for those without a judgement."""
    ids = [p if isinstance(p, int) else p.pk for p in playbooks]
    counted: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    # Asked of the follow-ups: excluding them from the playbooks' side leaves out each playbook that has one without.
    judged = FollowUp.objects.filter(playbook__in=ids).exclude(outcome="").order_by()
    for pk, outcome, number in judged.values_list("playbook", "outcome").annotate(n=Count("pk")):
        counted[pk][outcome] = number
    return {pk: Precision(outcomes) for pk, outcomes in counted.items()}


def precision(playbook: Playbook) -> Precision:
    return precisions([playbook])[playbook.pk]
