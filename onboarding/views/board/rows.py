"""A checklist as a card of the board or a line of the list: what is worked out about it once, for all pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import formats
from accounts.enums import Stage
from onboarding.domain.board import BEHIND, ON_TRACK, STUCK, Card, overdue_days
from onboarding.enums import ChecklistStatus, StepOwner
from onboarding.models import Checklist

TITLES: dict[str, Any] = {
    STUCK: pgettext_lazy("onboarding", "Stuck"),
    BEHIND: pgettext_lazy("onboarding", "Behind"),
    ON_TRACK: pgettext_lazy("onboarding", "On track"),
}
TONES = {STUCK: "red", BEHIND: "yellow", ON_TRACK: "green"}
ICONS = {STUCK: "pause", BEHIND: "clock", ON_TRACK: "check"}
EMPTY: dict[str, Any] = {
    STUCK: gettext_lazy("Nobody is stuck."),
    BEHIND: gettext_lazy("Nobody is behind."),
    ON_TRACK: gettext_lazy("Nobody is on the way."),
}
OTHER_TONES = {ChecklistStatus.FINISHED: "green", ChecklistStatus.CANCELED: "grey"}


@dataclass(frozen=True)
class Row:
    card: Card
    now: datetime

    @property
    def c(self) -> Checklist:
        return self.card.checklist

    @property
    def lane(self) -> str:
        return self.card.lane

    @property
    def tone(self) -> str:
        return TONES.get(self.lane) or OTHER_TONES[ChecklistStatus(self.c.status)]

    @property
    def word(self) -> Any:
        return TITLES.get(self.lane) or self.c.get_status_display()

    @property
    def icon(self) -> str:
        return ICONS.get(self.lane) or ("check-circle" if self.c.status == ChecklistStatus.FINISHED else "x")

    @property
    def started(self) -> date:
        return timezone.localtime(self.c.started_at).date()

    @property
    def activated(self) -> date | None:
        return timezone.localtime(self.c.activated_at).date() if self.c.activated_at else None

    @property
    def percent(self) -> float:
        """Of the required steps; nothing required is all of it."""
        return 100 * self.c.required_done / self.c.required_steps if self.c.required_steps else 100.0

    @property
    def progress(self) -> str:
        facts = {"done": formats.number(self.c.required_done), "of": formats.number(self.c.required_steps)}
        return ngettext("%(done)s of %(of)s step", "%(done)s of %(of)s steps", self.c.required_steps) % facts

    @property
    def late(self) -> int:
        """Days past its due date; 0: not late."""
        return max(overdue_days(self.card, self.now), 0)

    @property
    def due_today(self) -> bool:
        return overdue_days(self.card, self.now) == 0 and self.card.at is not None and self.card.at.due_on is not None

    @property
    def quiet_days(self) -> int:
        """Without any progress."""
        return max((self.now - self.c.last_progress_at).days, 0)

    @property
    def ours(self) -> bool:
        """Whether the step waits for one of us."""
        return self.card.at is not None and self.card.at.owner == StepOwner.CSM

    @property
    def band(self) -> str:
        """A churned customer has none, whatever its column still says."""
        return "" if self.c.account.stage == Stage.CHURNED else self.c.account.band


def rows_of(cards: Iterable[Card]) -> list[Row]:
    now = timezone.now()
    return [Row(card, now) for card in cards]
