"""Renewals by stage: what is open in columns, and what was decided lately."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.domain.renewals import listing
from accounts.domain.renewals.listing import Column
from accounts.enums import RenewalStage
from accounts.http import Request, requires
from accounts.views.renewals.frame import Look
from accounts.views.renewals.rows import TONES, Row, rows_of

# In a column: the page stays below 100 KB, and the list has the others.
MOST, DECIDED = 10, 5


@dataclass(frozen=True)
class Lane:
    column: Column
    cards: list[Row]

    @property
    def stage(self) -> RenewalStage:
        return self.column.stage

    @property
    def tone(self) -> str:
        return TONES[self.column.stage]


@require_safe
@requires("renewal.view")
def renewal_board(request: Request) -> HttpResponse:
    look = Look(request, "board")
    columns = listing.board(look.filters, most=MOST, decided=DECIDED)
    lanes = [Lane(column, rows_of(column.rows, request.user)) for column in columns]
    context = {
        "open": [lane for lane in lanes if lane.stage in RenewalStage.open()],
        "decided": [lane for lane in lanes if lane.stage in RenewalStage.decided()],
        "stages": RenewalStage.open(),
        "days": listing.LATELY.days,
        # For the list of one stage: all that is asked but the stage.
        "wide": look.asked.but(stage="").query,
    }
    return look.answer("board", context)
