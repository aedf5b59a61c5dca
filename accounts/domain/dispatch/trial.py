"""What a playbook would do for one account, without doing it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.conditions import describe, told_value
from accounts.domain.dispatch.asking import Asking
from accounts.domain.dispatch.facts import (
    NOBODY,
    Team,
    Whom,
    account_facts,
    contacts_to_talk_to,
    named_contacts,
    named_in,
)
from accounts.domain.dispatch.matching import Opening, Prepared, prepare_opening, why_not
from accounts.domain.dispatch.opening import held_back
from accounts.domain.retelling import title_of
from accounts.domain.wording import sentence_of
from accounts.models import Account, Activity, Delivery, FollowUp, Playbook, User


@dataclass(frozen=True)
class Judged:
    """One condition; `holds` is None where it asks about an activity that has not happened yet."""

    text: str
    holds: bool | None
    found: str


@dataclass
class Trial:
    """`sentence` says it all; the rest shows why."""

    account: Account
    activity: Activity | None
    conditions: list[Judged] = field(default_factory=list)
    why_not: str = ""
    would_count_on: FollowUp | None = None
    title: str = ""
    instructions: str = ""
    steps: list[str] = field(default_factory=list)
    texts: list[dict[str, str]] = field(default_factory=list)
    reason: str = ""
    assignee: User | None = None
    due_at: datetime | None = None
    promise: bool = False

    @property
    def opens(self) -> bool:
        return not self.why_not and self.would_count_on is None

    @property
    def sentence(self) -> str:
        if self.why_not:
            return _("Nothing would open. %(why)s") % {"why": self.why_not}
        if self.would_count_on:
            return _("It would be counted on “%(title)s”, which is open.") % {"title": title_of(self.would_count_on)}
        who = self.assignee or _("nobody")
        if self.activity is None:
            return _("If it happened now, “%(title)s” would open for %(who)s.") % {"title": self.title, "who": who}
        return _("“%(title)s” would open for %(who)s.") % {"title": self.title, "who": who}


def try_on(playbook: Playbook, account: Account, pool: list[User] | None = None) -> Trial:
    """On the latest activity of its trigger; without one, as if it happened now. Also for one not saved yet."""
    if pool is None:
        pool = list(playbook.pool.all()) if playbook.pk else []
    prepared = Prepared(playbook, [user.pk for user in pool])
    last = account.activities.filter(kind=playbook.trigger).order_by("-occurred_at", "-pk").first()
    now = timezone.now()
    activity = last or Activity(account=account, kind=playbook.trigger, occurred_at=now, recorded_at=now, data={})
    facts = account_facts([account.pk])[account.pk]
    trial = Trial(account, last, _judge(prepared, activity, facts, known=last is not None))
    opening = prepare_opening(prepared, activity, facts, Team(), _whom(activity))
    _describe(trial, opening)
    trial.why_not = _refusal(trial, prepared, activity, facts)
    if not trial.why_not:
        _look_at_others(trial, opening)
    if trial.opens and (held := Asking([opening]).held):
        trial.why_not = Delivery(note=held[0].skip.note, facts=held[0].skip.facts).sentence
    return trial


def _whom(activity: Activity) -> Whom:
    key = (activity.account_id, named_in(activity))
    return named_contacts({key}).get(key) or contacts_to_talk_to([key[0]]).get(key[0], NOBODY)


def _judge(prepared: Prepared, activity: Activity, facts: dict[str, Any], *, known: bool) -> list[Judged]:
    both = {**activity.data, **facts}
    judged = []
    for test in prepared.tests:
        asks_account = test.condition["field"].startswith("account.")
        found = test.found(both)
        judged.append(
            Judged(
                describe(activity.kind, test.condition),
                test(both) if known or asks_account else None,
                told_value(test.field, found) if found is not None else formats.NOTHING,
            )
        )
    return judged


def _refusal(trial: Trial, prepared: Prepared, activity: Activity, facts: dict[str, Any]) -> str:
    for judged in trial.conditions:
        if judged.holds is False:
            return _("Its condition does not hold: “%(condition)s”. Found: %(found)s.") % {
                "condition": judged.text,
                "found": judged.found,
            }
    skip = why_not(prepared, activity, facts, {**activity.data, **facts}) if trial.activity else None
    return Delivery(note=skip.note, facts=skip.facts).sentence if skip else ""


def _describe(trial: Trial, opening: Opening) -> None:
    trial.title, trial.instructions = opening.title, opening.instructions
    trial.reason = sentence_of(opening.activity.kind, opening.activity.data)  # for who tries, not for who would get it
    trial.steps, trial.texts = [step["text"] for step in opening.steps], opening.texts
    trial.due_at, trial.promise = opening.due_at, opening.prepared.playbook.promise
    trial.assignee = User.objects.filter(pk=opening.assignee_id).first()


def _look_at_others(trial: Trial, opening: Opening) -> None:
    """What is open already, or the cool-down after what was."""
    if opening.prepared.playbook.pk is None:
        return
    same = FollowUp.objects.filter(
        account=trial.account, playbook=opening.prepared.playbook.pk, subject=opening.subject
    )
    trial.would_count_on = same.open().first()
    holds = same.filter(holds__endswith__gt=timezone.now()).values_list("holds", flat=True).first()
    if holds and not trial.would_count_on:
        note = held_back(opening.prepared.playbook)
        trial.why_not = _(note) % {"until": formats.moment(holds.upper)}
