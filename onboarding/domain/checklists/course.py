"""A checklist at work: its steps as they stand, and what is done to them.

Nothing here reads or writes the database: loading.py brings the rows and takes them back. What follows from how they
stand is settling.py's.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from onboarding.domain.checklists.rows import Before, as_stored
from onboarding.domain.progress import is_overdue
from onboarding.enums import ChecklistStatus, StepState
from onboarding.models import Checklist, ChecklistStep


@dataclass
class Course:
    checklist: Checklist  # with its account and its version's template
    steps: list[ChecklistStep]  # in the template's order, each with its template's step
    now: datetime
    # What has happened to steps since it was loaded: activities to be, once it is settled.
    closed: list[ChecklistStep] = field(default_factory=list)
    reopened: list[ChecklistStep] = field(default_factory=list)
    before: Before = field(default_factory=dict)
    was: str = ""  # its status

    def __post_init__(self) -> None:
        self.before = as_stored(self.checklist, self.steps)
        self.was = self.checklist.status

    @property
    def turned(self) -> bool:
        """It has finished, been canceled, or runs again."""
        return self.checklist.status != self.was

    @cached_property
    def by_key(self) -> dict[str, ChecklistStep]:
        return {step.step.key: step for step in self.steps}

    @property
    def running(self) -> bool:
        return self.checklist.status == ChecklistStatus.RUNNING

    @property
    def zone(self) -> Any:
        return self.checklist.account.time_zone

    def in_state(self, *states: str) -> list[ChecklistStep]:
        return [step for step in self.steps if step.state in states]

    def late(self) -> list[ChecklistStep]:
        """Open ones past their day, the longest first: what waits for another is not what it hangs on, and what is
        optional keeps nobody from getting through."""
        waiting = [s for s in self.in_state(StepState.OPEN) if s.step.required]
        found = [s for s in waiting if s.due_on and is_overdue(s.due_on, self.zone, self.now)]
        return sorted(found, key=lambda s: (s.due_on, s.step.position, s.pk))

    def next_step(self) -> ChecklistStep | None:
        """What to do now: what is due first, of what is required if anything is."""
        return min(self.in_state(StepState.OPEN), key=_turn, default=None)

    # What is done to steps -----------------------------------------------------------------------

    def close(self, step: ChecklistStep, state: str, at: datetime, *, note: str = "", **by: Any) -> None:
        step.state, step.closed_at, step.note = state, at, note
        step.closed_by, step.closed_by_contact = by.get("user"), by.get("contact")
        self.closed.append(step)

    def open_again(self, step: ChecklistStep, *, note: str = "") -> None:
        """What it had opened stays open: a step unlocks once (O3)."""
        step.state, step.closed_at, step.note = StepState.OPEN, None, note
        step.closed_by = step.closed_by_contact = None
        step.reopened_at, step.reminded_at = self.now, None
        self.reopened.append(step)


def _turn(step: ChecklistStep) -> tuple[bool, date, int, int]:
    return not step.step.required, step.due_on or date.max, step.step.position, step.pk
