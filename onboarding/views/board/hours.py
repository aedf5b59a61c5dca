"""Hours of the team in a week: what is planned for onboarding, what is booked of it, what is left."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.http import require_safe

from accounts import charts, formats
from accounts.forms.queue_filters import MINE, NOBODY, TEAM
from accounts.http import Request, requires
from accounts.models import User
from onboarding.domain.capacity import Capacity, hours_of
from onboarding.domain.schedules.team import without_hours
from onboarding.forms.board import day_in, monday_of
from onboarding.views.board.frame import Look

PLACE = ("week",)


@dataclass(frozen=True)
class Person:
    user: User
    hours: Capacity

    @property
    def lost(self) -> int:
        """Planned, but their week has no time for it."""
        return max(self.hours.planned_minutes - self.hours.booked_minutes - self.hours.free_minutes, 0)

    @property
    def over(self) -> int:
        """Booked beyond the plan."""
        return max(self.hours.booked_minutes - self.hours.planned_minutes, 0)

    @property
    def free_text(self) -> str:
        return _("%(free)s free") % {"free": hours(self.hours.free_minutes)}

    @property
    def bar(self) -> SafeString:
        """Booked and free on the width of what is planned, or of what is booked where that is more."""
        widest = max(self.hours.planned_minutes, self.hours.booked_minutes, 1)
        booked, free = (100 * n / widest for n in (self.hours.booked_minutes, self.hours.free_minutes))
        return format_html(
            '<svg class="on-week" width="100%" height="8" role="img" aria-label="{}">'
            '<rect class="meter-track" width="100%" height="8" rx="4"/>'
            '<rect class="fill tone-1" width="{}" height="8" rx="2"/>'
            '<rect class="fill tone-green" x="{}" width="{}" height="8" rx="2"/></svg>',
            _("%(booked)s booked, %(free)s free, %(planned)s planned") % self.words,
            f"{booked:.1f}%",
            f"{booked:.1f}%",
            f"{free:.1f}%",
        )

    @property
    def words(self) -> dict[str, str]:
        return in_hours(self.hours)


@dataclass(frozen=True)
class Week:
    monday: date
    people: list[Person]

    @property
    def last(self) -> date:
        return self.monday + timedelta(days=6)

    def total(self, name: str) -> int:
        return sum(getattr(person.hours, name) for person in self.people)

    @property
    def planned(self) -> int:
        return self.total("planned_minutes")

    @property
    def booked(self) -> int:
        return self.total("booked_minutes")

    @property
    def free(self) -> int:
        return self.total("free_minutes")

    @property
    def open(self) -> int:
        return self.total("open_minutes")

    @property
    def tiles(self) -> dict[str, str]:
        return in_hours(Capacity(self.open, self.planned, self.booked, self.free))

    @property
    def told(self) -> str:
        return _("%(free)s free of %(planned)s planned, %(booked)s booked.") % self.tiles


def in_hours(found: Capacity) -> dict[str, str]:
    return {
        "open": hours(found.open_minutes),
        "planned": hours(found.planned_minutes),
        "booked": hours(found.booked_minutes),
        "free": hours(found.free_minutes),
    }


def week_of(look: Look, monday: date) -> Week:
    """Of those whose onboarding is asked for and who have hours at all; who has the least left comes first."""
    people = list(_people(look))
    found = hours_of(people, monday, now=timezone.now()) if people else {}
    rows = [Person(user, found[user.pk]) for user in people]
    rows.sort(key=lambda row: (row.hours.free_minutes, -row.hours.planned_minutes, row.user.name))
    return Week(monday, rows)


def _people(look: Look) -> Any:
    hosts = User.objects.workers().filter(schedule__isnull=False)
    if look.asked.who == NOBODY:
        return hosts.none()
    if look.asked.who == TEAM:
        return hosts
    return hosts.filter(pk=look.request.user.pk if look.asked.who == MINE else int(look.asked.who))


@require_safe
@requires("onboarding.view")
def team_hours(request: Request) -> HttpResponse:
    """Opened, it is the whole team's: who has time is a question about others."""
    look = Look(request, "hours", place=PLACE, usual=TEAM)
    this = monday_of(timezone.localdate())
    monday = monday_of(day_in(request.GET, "week", look.problems) or this)
    week = week_of(look, monday)
    context = {
        "week": week,
        "without": without_hours() if look.asked.who == TEAM else [],
        "tiles": week.tiles,
        "chart": drawn(week) if week.people else "",
        "this_week": monday == this,
        "before": look.address(week=monday - timedelta(days=7)),
        "after": look.address(week=monday + timedelta(days=7)),
        "now_url": look.address(week=""),
    }
    return look.answer("board/hours", context)


def hours(minutes: Any) -> str:
    whole = minutes % 60 == 0
    return pgettext("duration", "%(hours)s h") % {"hours": formats.number(minutes / 60, 0 if whole else 1)}


def drawn(week: Week) -> Any:
    parts = [(_("Booked"), "1"), (pgettext("hours", "Free"), "green"), (_("Planned, but no time is left"), "grey")]
    rows = [
        charts.Across(
            str(person.user),
            [person.hours.booked_minutes, person.hours.free_minutes, person.lost],
            person.free_text,
            mark=person.hours.planned_minutes,
        )
        for person in week.people
    ]
    return charts.across(
        _("Hours for onboarding, by CSM"), rows, parts, mark=_("Planned"), write=hours, first_column=_("CSM")
    )
