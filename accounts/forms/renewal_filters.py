"""What the address of a renewals page says: read leniently, every bad value answered with a sentence."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.anniversaries import anniversary
from accounts.domain.renewals.listing import DECIDED, OPEN, Filters
from accounts.enums import Band, RenewalStage
from accounts.forms.account_filters import Choices, DayField, options
from accounts.forms.queue_filters import MINE, NOBODY, TEAM, default_who, searchable, shown
from accounts.models import User

WITHOUT = "none"
LONG, MONTHLY = "long", "monthly"
STAGES: dict[str, Any] = {
    "": _("Any stage"),
    OPEN: pgettext_lazy("renewals", "To be decided"),
    **{stage.value: stage.label for stage in RenewalStage.open()},
    DECIDED: pgettext_lazy("renewals", "Decided"),
    **{stage.value: stage.label for stage in RenewalStage.decided()},
}
TERMS: dict[str, Any] = {
    "": _("All terms"),
    LONG: _("Longer than a month"),
    MONTHLY: _("Monthly"),
}
BAD = {
    "who": _("There is nobody “%(value)s” here, so you see the usual renewals."),
    "segment": _("There is no segment “%(value)s”, so all are shown."),
    "band": _("“%(value)s” is not a band, so it was left out."),
    "stage": _("“%(value)s” is no stage of a renewal, so all are shown."),
    "terms": _("“%(value)s” is no kind of term, so all are shown."),
}
NAMES = ("who", "segment", "band", "stage", "terms", "q")


@dataclass(frozen=True)
class Asked:
    """The filters as the address names them. Equal ones have one address: `query`."""

    who: str
    default: str = TEAM
    segment: str = ""
    bands: tuple[str, ...] = ()
    stage: str = ""
    terms: str = ""
    q: str = ""

    def pairs(self, *, whole: bool = False) -> Iterator[tuple[str, str]]:
        if whole or self.who != self.default:
            yield "who", self.who
        yield from (("band", band) for band in self.bands)
        yield from ((n, value) for n in ("segment", "stage", "terms", "q") if (value := getattr(self, n)))

    @property
    def query(self) -> str:
        return urlencode(list(self.pairs()))

    @property
    def whole_query(self) -> str:
        """With `who`, whose default differs by reader: what a saved view keeps."""
        return urlencode(list(self.pairs(whole=True)))

    @property
    def narrowed(self) -> bool:
        return self != Asked(self.default, self.default)

    def but(self, **changes: Any) -> "Asked":
        return replace(self, **changes)

    def filters(self, user: User) -> Filters:
        return Filters(
            csm=user.pk if self.who == MINE else int(self.who) if self.who.isdigit() else None,
            unassigned=self.who == NOBODY,
            segment=int(self.segment) if self.segment.isdigit() else None,
            without_segment=self.segment == WITHOUT,
            bands=self.bands,
            stage=self.stage,
            monthly=None if not self.terms else self.terms == MONTHLY,
            text=self.q,
        )


def read(data: QueryDict, user: User, choices: Choices) -> tuple[Asked, list[str]]:
    """The filters, and a sentence for each value that means nothing here."""
    problems: list[str] = []

    def one(name: str, default: str, usual: Iterable[str], offered: Callable[[], Iterable[str]] = tuple) -> str:
        value = data.get(name, "") or default
        if value == default or value in usual or value in offered():
            return value
        problems.append(str(BAD[name]) % {"value": shown(value)})
        return default

    usual = default_who(user)
    bands = [value for value in dict.fromkeys(data.getlist("band")) if value]
    problems += [str(BAD["band"]) % {"value": shown(value)} for value in bands if value not in Band.values][:3]
    asked = Asked(
        who=one("who", usual, (MINE, TEAM, NOBODY), lambda: map(str, choices.people)),
        default=usual,
        segment=one("segment", "", (WITHOUT,), lambda: map(str, choices.segments)),
        bands=tuple(value for value in Band.values if value in bands),
        stage=one("stage", "", STAGES),
        terms=one("terms", "", TERMS),
        q=searchable(data.get("q", "")),
    )
    return asked, problems


def selects(asked: Asked, choices: Choices) -> list[tuple[str, Any, SafeString]]:
    """Name, label and options of each select."""
    people = {TEAM: _("The whole team"), MINE: _("Mine"), NOBODY: _("Without CSM"), **dict(choices.workers)}
    if asked.who not in people:  # somebody who has left
        people[asked.who] = choices.people.get(int(asked.who), "")
    segments = {"": _("Any segment"), **{str(pk): name for pk, name in choices.segments.items()}}
    segments[WITHOUT] = _("Without segment")
    return [
        ("who", _("Whose"), options(people.items(), asked.who)),
        ("segment", _("Segment"), options(segments.items(), asked.segment)),
        ("stage", _("Stage"), options(STAGES.items(), asked.stage)),
        ("terms", _("Terms"), options(TERMS.items(), asked.terms)),
    ]


class PeriodForm(forms.Form):
    """From the first day up to and without the last one. A bad day gets its sentence, and the usual period counts."""

    mark_optional = False

    def __init__(self, data: QueryDict, *, usual: tuple[date, date]) -> None:
        super().__init__(data, auto_id="period-%s")
        self.usual = usual
        # `from` is a word of Python's: the fields have the names they have in the address.
        self.fields["from"] = DayField(label=_("From"))
        self.fields["to"] = DayField(label=_("Up to and without"))

    def clean(self) -> None:
        first, until = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and until and until <= first:
            self.add_error("to", _("This is not after the day to start from, so you see the usual period."))

    @cached_property
    def _period(self) -> tuple[date, date]:
        if not self.is_valid():
            return self.usual
        first, until = self.cleaned_data["from"], self.cleaned_data["to"]
        if not first and not until:
            return self.usual
        try:
            return first or anniversary(until, -3), until or anniversary(first, 3)
        except ValueError:  # before the first year, or after the last
            return self.usual

    @property
    def first(self) -> date:
        return self._period[0]

    @property
    def until(self) -> date:
        return self._period[1]
