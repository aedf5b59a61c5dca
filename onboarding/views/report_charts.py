"""The reports' figures as one looks at them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

from accounts import charts, formats
from accounts.domain.metrics.intervals import Interval
from accounts.views.comparing import Line, between, lines
from onboarding.domain.reports.comparing import Comparison
from onboarding.domain.reports.figures import Attendance, Friction, TimeToValue, Totals
from onboarding.domain.reports.steps import Step
from onboarding.domain.reports.survival import Point, margin

DAY = 24
SHORTEST, LONGEST = 14, 90  # days that the curve shows


def length(hours: float | None) -> str:
    """A time as people say it: hours up to three days, then days."""
    if hours is None:
        return "–"
    if hours < 3 * DAY:
        return pgettext("duration", "%(hours)s h") % {"hours": formats.number(hours, 0)}
    return _("%(days)s days") % {"days": formats.number(hours / DAY, 1)}


# The tiles --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    title: str
    value: str
    note: str
    url: str = ""
    grey: bool = False  # too few to tell


def tiles(totals: Totals, time: TimeToValue, behind: Callable[..., str]) -> list[Tile]:
    return [
        _of_share(_("Activated"), totals.activation, totals.activated, totals.started, behind(state="activated")),
        Tile(_("Time to first value"), length(time.km_median), _median_words(time), behind(state="waiting")),
        _of_share(_("Finished"), totals.completion, totals.finished, totals.started, behind(state="finished")),
        Tile(
            _("Engagement score"),
            "–" if totals.engagement is None else formats.number(totals.engagement, 0),
            ngettext("the mean of %(n)s checklist", "the mean of %(n)s checklists", totals.started)
            % {"n": formats.number(totals.started)},
            behind(),
        ),
    ]


def _of_share(title: str, found: Interval, k: int, n: int, url: str) -> Tile:
    facts = {"k": formats.number(k), "n": formats.number(n), "range": between(found, formats.percent)}
    note = _("%(k)s of %(n)s, %(range)s") % facts
    return Tile(
        title,
        formats.percent(found.value),
        f"{note}. {_('Too few to tell.')}" if found.too_few else note,
        url,
        found.too_few,
    )


def _median_words(time: TimeToValue) -> str:
    facts = {"median": length(time.median_activated), "waiting": formats.number(time.waiting)}
    if time.km_median is None:
        return _("Fewer than half have got there. Median of those who have: %(median)s.") % facts
    return (
        _(
            "Half have got there by then (Kaplan–Meier, with the %(waiting)s who have not). "
            "Of the activated alone: %(median)s."
        )
        % facts
    )


# Charts -----------------------------------------------------------------------------------------------------


def arrivals(time: TimeToValue) -> Any:
    """The share that has got first value, by day since the start."""
    days = _days_shown(time)
    points = time.curve.sampled([day * DAY for day in days])
    return charts.line(
        _("Activated by day since the start"),
        [_("day %(day)s") % {"day": day} for day in days],
        [charts.Series(_("Activated"), [round(100 * point.share, 1) for point in points], "accent")],
        margin=[round(100 * _margin(point), 1) for point in points],
        low=0, high=100, write=_percent, first_column=_("Since the start"),
    )  # fmt: skip


def _days_shown(time: TimeToValue) -> Sequence[int]:
    last = time.curve.points[-1].hours / DAY if time.curve.points else 0
    longest = int(min(max(last + 1, SHORTEST), LONGEST))
    return range(0, longest + 1, 1 if longest <= 45 else 2)


def _margin(point: Point) -> float:
    return min(margin(point), point.share, 1 - point.share) if point.share in {0, 1} else margin(point)


def _percent(value: Any) -> str:
    return "–" if value is None else formats.percent(value, of=100)


STEP_PARTS = (
    (gettext_lazy("Done"), "green"),
    (gettext_lazy("Left out"), "grey"),
    (gettext_lazy("Open, in time"), "accent"),
    (gettext_lazy("Open, behind or stuck"), "red"),
    (gettext_lazy("Given up"), "yellow"),
)


def funnel(found: Sequence[Step], behind: Callable[..., str]) -> Any:
    """A bar for each step: how far it is from the whole width is who has not got there at all."""
    rows = [
        charts.Across(
            step.title,
            [step.done, step.left_out, step.open, step.late, step.given_up],
            formats.percent(step.share),
            note=_step_note(step),
            url=behind(step=step.key, at="here"),
        )
        for step in found
    ]
    parts = [(str(name), tone) for name, tone in STEP_PARTS]
    return charts.across("", rows, parts, most=max(step.of for step in found), first_column=_("Step"))


def _step_note(step: Step) -> str:
    words = []
    if step.here:
        words.append(ngettext("%(n)s stands here", "%(n)s stand here", step.here) % {"n": formats.number(step.here)})
    if step.median_hours is not None:
        words.append(_("takes %(time)s") % {"time": length(step.median_hours)})
    return " · ".join(words)


def worst(found: Sequence[Step]) -> Step | None:
    """Where most of them stand."""
    most = max(found, key=lambda step: (step.late, step.here), default=None)
    return most if most and most.here else None


def engagement(counts: Sequence[int], behind: Callable[..., str]) -> Any:
    width = 100 // len(counts)
    total = sum(counts) or 1
    rows = [
        charts.Across(
            f"{n * width}–{(n + 1) * width}",
            [count],
            f"{formats.number(count)} · {formats.percent(count, of=total)}",
            url=behind(engagement=str(n)) if count else "",
        )
        for n, count in reversed(list(enumerate(counts)))
    ]
    parts = [(_("Checklists"), "accent")]
    return charts.across("", rows, parts, first_column=_("Engagement score"))


def friction(found: Sequence[Friction], behind: Callable[[str], str]) -> Any:
    rows = [
        charts.Across(
            one.tag,
            [one.sessions],
            formats.number(one.sessions),
            note=ngettext("%(n)s account", "%(n)s accounts", one.accounts) % {"n": formats.number(one.accounts)},
            url=behind(one.tag),
        )
        for one in found
    ]
    return charts.across("", rows, [(_("Sessions"), "3")], first_column=_("Friction point"))


def seats(found: Attendance, behind: Callable[..., str]) -> list[Tile]:
    rate = _of_share(_("Came"), found.rate, found.attended, found.attended + found.no_show, behind(seat="attended"))
    missed = _of_share(
        _("Did not come"), found.missed, found.no_show, found.attended + found.no_show, behind(seat="no_show")
    )
    waiting = Tile(
        _("Not marked yet"),
        formats.number(found.unmarked),
        _("nobody has said whether they came"),
        behind(seat="unmarked"),
    )
    return [rate, missed, waiting]


def attendance(found: Attendance) -> Any:
    shares = [
        charts.Share(_("Came"), found.attended, "green"),
        charts.Share(_("Did not come"), found.no_show, "red"),
        charts.Share(_("Canceled"), found.canceled, "grey"),
        charts.Share(_("Not marked yet"), found.unmarked, "yellow"),
        charts.Share(_("To come"), found.ahead, "accent"),
    ]
    return charts.segments("", [share for share in shares if share.value])


# Comparisons ------------------------------------------------------------------------------------------------

GROUPS = {
    "finished": (gettext_lazy("Finished"), gettext_lazy("Have not finished")),
    "attended": (gettext_lazy("Came to a session"), gettext_lazy("Came to none")),
}
TITLES = {
    "finished": gettext_lazy("Finished against not finished"),
    "attended": gettext_lazy("Came to a session against came to none"),
}


@dataclass(frozen=True)
class Compared:
    key: str
    title: Any
    groups: list[tuple[Any, int, str]]  # name, accounts, address
    lines: list[Line]

    @classmethod
    def of(cls, found: Comparison, behind: Callable[..., str]) -> "Compared":
        first, second = GROUPS[found.key]
        if found.key == "finished":
            urls = behind(state="finished"), behind(state="unfinished")
        else:
            urls = behind(attended="yes"), behind(attended="no")
        groups = [(first, found.first, urls[0]), (second, found.second, urls[1])]
        return cls(found.key, TITLES[found.key], groups, lines(found.rows))
