"""What the address of an onboarding page says: read leniently, every bad value answered with a sentence."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.enums import TouchModel
from accounts.forms.account_filters import Choices as AccountChoices, options
from accounts.forms.queue_filters import MINE, NOBODY, TEAM, default_who, searchable, shown
from accounts.models import User
from onboarding.domain.board import Filters
from onboarding.models import ChecklistTemplate

WITHOUT = "none"
TOUCH: dict[str, Any] = {"": _("Any touch model"), **dict(TouchModel.choices), WITHOUT: _("Without touch model")}
BAD = {
    "who": _("There is nobody “%(value)s” here, so you see the usual customers."),
    "segment": _("There is no segment “%(value)s”, so all are shown."),
    "touch": _("There is no touch model “%(value)s”, so all are shown."),
    "template": _("There is no checklist template “%(value)s”, so all are shown."),
}
NAMES = ("who", "segment", "touch", "template", "q")
FIRST_YEAR, LAST_YEAR = 2000, 2200
BAD_DAY = pgettext_lazy("filter", "“%(value)s” is not a date, so it was left out. Write it as 2026-11-30.")


class Choices(AccountChoices):
    """What the filters offer, read once."""

    @cached_property
    def templates(self) -> dict[int, str]:
        return dict(ChecklistTemplate.objects.order_by("name", "pk").values_list("pk", "name"))


@dataclass(frozen=True)
class Asked:
    """The filters as the address names them. Equal ones have one address: `query`."""

    who: str
    default: str = TEAM
    segment: str = ""
    touch: str = ""
    template: str = ""
    q: str = ""

    def pairs(self, *, whole: bool = False) -> Iterator[tuple[str, str]]:
        if whole or self.who != self.default:
            yield "who", self.who
        yield from ((name, value) for name in NAMES[1:] if (value := getattr(self, name)))

    @property
    def query(self) -> str:
        return urlencode(list(self.pairs()))

    @property
    def whole_query(self) -> str:
        """With `who`, whose default differs by reader: what a saved view keeps."""
        return urlencode(list(self.pairs(whole=True)))

    @property
    def narrowed(self) -> bool:
        """By more than whose they are."""
        return any(getattr(self, name) for name in NAMES[1:])

    def but(self, **changes: Any) -> "Asked":
        return replace(self, **changes)

    def filters(self, user: User) -> Filters:
        return Filters(
            csm=user.pk if self.who == MINE else int(self.who) if self.who.isdigit() else None,
            unassigned=self.who == NOBODY,
            segment=int(self.segment) if self.segment.isdigit() else None,
            without_segment=self.segment == WITHOUT,
            touch=self.touch if self.touch != WITHOUT else "",
            without_touch=self.touch == WITHOUT,
            template=int(self.template) if self.template else None,
            text=self.q,
        )


def read(data: QueryDict, choices: Choices, *, usual: str = "") -> tuple[Asked, list[str]]:
    """The filters, and a sentence for each value that means nothing here."""
    problems: list[str] = []

    def one(name: str, default: str, known: Iterable[str], offered: Callable[[], Iterable[str]] = tuple) -> str:
        value = data.get(name, "") or default
        if value == default or value in known or value in offered():
            return value
        problems.append(str(BAD[name]) % {"value": shown(value)})
        return default

    usual = usual or default_who(choices.reader)
    asked = Asked(
        who=one("who", usual, (MINE, TEAM, NOBODY), lambda: map(str, choices.people)),
        default=usual,
        segment=one("segment", "", (WITHOUT,), lambda: map(str, choices.segments)),
        touch=one("touch", "", TOUCH),
        template=one("template", "", (), lambda: map(str, choices.templates)),
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
    templates = {"": _("Any checklist"), **{str(pk): name for pk, name in choices.templates.items()}}
    return [
        ("who", _("Whose"), options(people.items(), asked.who)),
        ("segment", _("Segment"), options(segments.items(), asked.segment)),
        ("touch", _("Touch model"), options(TOUCH.items(), asked.touch)),
        ("template", _("Checklist template"), options(templates.items(), asked.template)),
    ]


# Days in addresses ------------------------------------------------------------------------------------------


def day_in(data: QueryDict, name: str, problems: list[str]) -> date | None:
    """A day of the calendar, with a sentence for what is none."""
    text = data.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-30") else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        problems.append(str(BAD_DAY) % {"value": shown(text)})
        return None
    return day


def midnight(day: date) -> datetime:
    """When that day begins for the reader."""
    return timezone.make_aware(datetime.combine(day, time.min))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
