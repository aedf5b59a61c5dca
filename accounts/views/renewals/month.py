"""A month of decision dates, week by week, as a calendar hangs on a wall."""

import re
from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals import listing
from accounts.domain.renewals.listing import MONEY, ZERO
from accounts.http import Request, requires
from accounts.models import Renewal
from accounts.views.renewals.frame import Look

MONTH = re.compile(r"(\d{4})-(\d{2})")
A_DAY = 12  # renewals of a day, the largest first; how many more there are is said
SEEN = 4  # of them without opening the day


@dataclass
class Day:
    day: date
    inside: bool  # the month that is shown
    today: bool
    count: int = 0
    worth: Decimal = ZERO
    rows: list[Renewal] = field(default_factory=list)

    @property
    def seen(self) -> list[Renewal]:
        return self.rows[:SEEN]

    @property
    def folded(self) -> list[Renewal]:
        return self.rows[SEEN:]

    @property
    def more(self) -> int:
        """Not seen until the day is opened."""
        return self.count - len(self.seen)

    @property
    def hidden(self) -> int:
        """Neither seen nor folded away: only the list has them."""
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Week:
    days: list[Day]

    @property
    def count(self) -> int:
        return sum(day.count for day in self.days)

    @property
    def worth(self) -> Decimal:
        return sum((day.worth for day in self.days), ZERO)


@require_safe
@requires("renewal.view")
def renewal_month(request: Request) -> HttpResponse:
    look = Look(request, "month", place=("month",))
    first, known = month_in(request.GET.get("month", ""))
    weeks = weeks_of(look, first)
    inside = [day for week in weeks for day in week.days if day.inside]
    context = {
        "first": first,
        "title": formats.day(first, form="month"),
        "weeks": weeks,
        "weekdays": weekdays(weeks[0]),
        "count": sum(day.count for day in inside),
        "worth": sum((day.worth for day in inside), ZERO),
        "quarter": f"{first.year}-Q{(first.month + 2) // 3}",
        "before": look.address(month=f"{anniversary(first, -1):%Y-%m}"),
        "after": look.address(month=f"{anniversary(first, 1):%Y-%m}"),
        "lost": not known,
    }
    return look.answer("month", context)


def month_in(text: str) -> tuple[date, bool]:
    found = MONTH.fullmatch(text)
    if found and 1900 <= int(found[1]) < 2200 and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1), True
    return timezone.localdate().replace(day=1), not text


def weeks_of(look: Look, first: date) -> list[Week]:
    """Whole weeks, as they begin where the reader lives."""
    begins = formats.locale_of(formats.language()).first_week_day
    today, shown = timezone.localdate(), Calendar(begins).monthdatescalendar(first.year, first.month)
    days = {day: Day(day, day.month == first.month, day == today) for week in shown for day in week}
    _fill(days, listing.rows(look.filters), listing.figures(look.filters))
    return [Week([days[day] for day in week]) for week in shown]


def _fill(days: dict[date, Day], rows: Any, figures: Any) -> None:
    """Two queries: every day's sums, and the largest of each day."""
    span = {"decision_date__gte": min(days), "decision_date__lte": max(days)}
    total = Sum("worth", default=ZERO, output_field=MONEY)
    sums = figures.filter(**span).values_list("decision_date").annotate(n=Count("pk"), total=total).order_by()
    for day, count, worth in sums:
        days[day].count, days[day].worth = count, worth
    place = Window(RowNumber(), partition_by=F("decision_date"), order_by=[F("worth").desc(), F("pk").asc()])
    for row in rows.filter(**span).annotate(place=place).filter(place__lte=A_DAY).order_by("place"):
        days[row.decision_date].rows.append(row)


def weekdays(week: Week) -> list[tuple[str, str]]:
    """Short and whole names, from the first day of the week on."""
    names = formats.locale_of(formats.language()).days["stand-alone"]
    return [(names["abbreviated"][one.day.weekday()], names["wide"][one.day.weekday()]) for one in week.days]
