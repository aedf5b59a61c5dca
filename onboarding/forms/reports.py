"""Which days a report is about: read leniently, as the address says it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals.listing import quarter_of
from accounts.forms.queue_filters import shown
from onboarding.domain.board import Filters
from onboarding.domain.reports.cohort import Cohort
from onboarding.forms.board import day_in, midnight

USUAL, ALL = "365", "all"
PERIODS: dict[str, Any] = {
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "180": gettext_lazy("180 days"),
    USUAL: gettext_lazy("12 months"),
    "quarter": gettext_lazy("This quarter"),
    "year": gettext_lazy("This year"),
    ALL: pgettext_lazy("period", "All time"),
}
OWN = "own"
EARLIEST = date(2000, 1, 1)
NAMES = ("period", "from", "to")


@dataclass(frozen=True)
class Period:
    """[first, until) in days of the reader's."""

    which: str
    first: date
    until: date

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)

    def cohort(self, filters: Filters) -> Cohort:
        return Cohort(midnight(self.first), midnight(self.until), filters)


def read_period(data: QueryDict, problems: list[str]) -> Period:
    """The days that are named, else the period that is."""
    first, last = day_in(data, "from", problems), day_in(data, "to", problems)
    if first and last and last < first:
        problems.append(_("The last day is before the first one, so the usual period is shown."))
        first = last = None
    tomorrow = timezone.localdate() + timedelta(days=1)
    if first or last:
        until = last + timedelta(days=1) if last else max(tomorrow, first + timedelta(days=1) if first else tomorrow)
        return Period(OWN, first or EARLIEST, until)
    which = data.get("period", "") or USUAL
    if which not in PERIODS:
        problems.append(_("There is no period “%(value)s”, so the usual one is shown.") % {"value": shown(which)})
        which = USUAL
    return Period(which, _start(which, tomorrow), tomorrow)


def _start(which: str, tomorrow: date) -> date:
    today = tomorrow - timedelta(days=1)
    if which == ALL:
        return EARLIEST
    if which == "quarter":
        return quarter_of(today)
    if which == "year":
        return date(today.year, 1, 1)
    return anniversary(tomorrow, -12) if which == USUAL else tomorrow - timedelta(days=int(which))
