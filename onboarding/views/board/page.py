"""The board: who is stuck, behind, on track; beside it today's sessions and the week's hours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import Request, requires
from onboarding.domain import agenda, board
from onboarding.domain.board import Lane
from onboarding.forms.board import midnight, monday_of
from onboarding.models import Checklist
from onboarding.views.board.frame import Look
from onboarding.views.board.hours import week_of
from onboarding.views.board.rows import EMPTY, ICONS, TITLES, TONES, Row, rows_of

MOST = 15
TODAY = 8  # sessions beside the board; the others are on their own page


@dataclass(frozen=True)
class Column:
    lane: Lane
    rows: list[Row]
    list_url: str

    @property
    def key(self) -> str:
        return self.lane.key

    @property
    def title(self) -> Any:
        return TITLES[self.key]

    @property
    def tone(self) -> str:
        return TONES[self.key]

    @property
    def icon(self) -> str:
        return ICONS[self.key]

    @property
    def empty(self) -> Any:
        return EMPTY[self.key]


@require_safe
@requires("onboarding.view")
def onboarding_board(request: Request) -> HttpResponse:
    look = Look(request, "board")
    lanes = board.board(look.filters, most=MOST)
    total = sum(lane.count for lane in lanes)
    context = {
        "columns": [Column(lane, rows_of(lane.cards), list_of(look, lane.key)) for lane in lanes],
        "total": total,
        "ever": total > 0 or Checklist.objects.exists(),
        **_beside(look),
    }
    return look.answer("board/page", context)


def list_of(look: Look, state: str) -> str:
    query = f"&{look.asked.query}" if look.asked.query else ""
    return f"{look.address('onboarding:list').split('?')[0]}?state={state}{query}"


def _beside(look: Look) -> dict[str, Any]:
    day = timezone.localdate()
    today = agenda.between(midnight(day), midnight(day + timedelta(days=1)), look.filters)
    unmarked, waiting = agenda.unmarked(look.filters, most=1)
    return {
        "today": today[:TODAY],
        "more_today": max(len(today) - TODAY, 0),
        "waiting": waiting,
        "first_waiting": unmarked[0] if unmarked else None,
        "week": week_of(look, monday_of(day)),
    }
