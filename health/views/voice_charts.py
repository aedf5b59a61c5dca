"""The figures of the voice page as one looks at them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from accounts import charts, formats
from health.domain.surveys.figures import Figure, Part, Satisfaction, Voice
from health.domain.surveys.wording import STEPS
from health.enums import NpsGroup, SurveyKind

KINDS = {
    SurveyKind.NPS: pgettext_lazy("voice", "Recommendation"),
    SurveyKind.CSAT: pgettext_lazy("voice", "Satisfaction"),
    SurveyKind.CHURN: pgettext_lazy("voice", "Why they left"),
}
GROUPS = {
    NpsGroup.DETRACTOR: gettext_lazy("Detractors"),
    NpsGroup.PASSIVE: gettext_lazy("Passives"),
    NpsGroup.PROMOTER: gettext_lazy("Promoters"),
}
TONES = {NpsGroup.DETRACTOR: "red", NpsGroup.PASSIVE: "yellow", NpsGroup.PROMOTER: "green"}
CSAT_TONES = ("red", "red", "yellow", "green", "green")
LOWEST_PASSIVE, LOWEST_PROMOTER = 7, 9


def signed(value: Any) -> str:
    return formats.number(value, 0, signed=True)


def trend(told: Voice) -> Any:
    """A month with few answers has a wide margin, and shows it."""
    labels = formats.month_labels([part.key for part in told.trend])
    series = [charts.Series(_("NPS"), [part.figure.display for part in told.trend], "accent")]
    margin = [None if part.figure.moe95 is None else round(part.figure.moe95) for part in told.trend]
    return charts.line(
        _("NPS by month, with its margin of error"), labels, series, margin=margin, low=-100, high=100,
        first_column=_("Month"),
    )  # fmt: skip


def distribution(told: Voice) -> Any:
    columns = [charts.Column(str(score), n, _tone(score)) for score, n in enumerate(told.distribution)]
    groups = [charts.Share(str(GROUPS[group]), n, TONES[group]) for group, n in _counts(told.figure)]
    return charts.columns(_("How often each score was given"), columns, groups, first_column=_("Score"))


def _tone(score: int) -> str:
    return "green" if score >= LOWEST_PROMOTER else "yellow" if score >= LOWEST_PASSIVE else "red"


def _counts(figure: Figure) -> list[tuple[NpsGroup, int]]:
    return [(group, figure.counts[group]) for group in NpsGroup]


def interval(figure: Figure) -> Any:
    """Where the figure stands between -100 and 100, and between what and what it may lie."""
    if figure.nps is None or figure.moe95 is None:
        return ""
    low, high = figure.nps - figure.moe95, figure.nps + figure.moe95
    label = _("%(nps)s, between %(low)s and %(high)s") % {
        "nps": signed(figure.display),
        "low": signed(max(low, -100)),
        "high": signed(min(high, 100)),
    }
    tone = "grey" if figure.too_few else "accent"
    return charts.interval(figure.nps, low, high, least=-100, most=100, label=label, tone=tone)


@dataclass(frozen=True)
class Row:
    part: Part
    interval: Any
    address: str  # to see that part alone


@dataclass(frozen=True)
class Table:
    title: Any
    nobody: Any  # what those without one are called
    rows: Sequence[Row]


def parts(told: Voice, address: Callable[[str, str], str]) -> list[Table]:
    given = (
        (_("By segment"), "segment", _("Without segment"), told.segments),
        (_("By CSM"), "csm", _("Nobody's"), told.csms),
        (_("By plan"), "plan", _("Without plan"), told.plans),
    )
    return [Table(title, nobody, [_row(part, name, address) for part in found]) for title, name, nobody, found in given]


def _row(part: Part, name: str, address: Callable[[str, str], str]) -> Row:
    return Row(part, interval(part.figure), "" if part.key is None else address(name, str(part.key)))


def satisfied(told: Satisfaction) -> Any:
    shares = zip(STEPS.items(), told.counts, CSAT_TONES, strict=True)
    columns = [charts.Column(f"{step} {word}", count, tone) for (step, word), count, tone in shares]
    return charts.columns(_("How often each step was chosen"), columns, first_column=_("Step"))


def reasons(found: Sequence[tuple[Any, int]]) -> Any:
    tones = ("1", "2", "3", "4", "5", "grey", "grey", "grey")
    shares = [charts.Share(str(name), count, tone) for (name, count), tone in zip(found, tones, strict=False)]
    return charts.segments(_("Reasons they gave"), shares)
