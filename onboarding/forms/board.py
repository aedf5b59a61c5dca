"""What the address of an onboarding page says: read leniently, every bad value answered with a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.enums import TouchModel
from accounts.forms.account_filters import Choices as AccountChoices, options
from accounts.forms.asking import WITHOUT, AskedOfCustomers, Reading, selects_of_customers
from accounts.forms.queue_filters import shown
from accounts.models import User
from onboarding.domain.board import Filters
from onboarding.models import ChecklistTemplate

TOUCH: dict[str, Any] = {"": _("Any touch model"), **dict(TouchModel.choices), WITHOUT: _("Without touch model")}
BAD = {
    "who": _("There is nobody “%(value)s” here, so you see the usual customers."),
    "segment": _("There is no segment “%(value)s”, so all are shown."),
    "touch": _("There is no touch model “%(value)s”, so all are shown."),
    "template": _("There is no checklist template “%(value)s”, so all are shown."),
}
FIRST_YEAR, LAST_YEAR = 2000, 2200
BAD_DAY = pgettext_lazy("filter", "“%(value)s” is not a date, so it was left out. Write it as 2026-11-30.")


class Choices(AccountChoices):
    """What the filters offer, read once."""

    @cached_property
    def templates(self) -> dict[int, str]:
        return dict(ChecklistTemplate.objects.order_by("name", "pk").values_list("pk", "name"))


@dataclass(frozen=True)
class Asked(AskedOfCustomers):
    """The onboarding of those customers that a page is asked for."""

    touch: str = ""
    template: str = ""

    def narrowing(self) -> Iterator[tuple[str, str]]:
        return self.given("segment", "touch", "template", "q")

    @property
    def narrowed(self) -> bool:
        """By more than whose they are."""
        return any(self.narrowing())

    def filters(self, user: User) -> Filters:
        return Filters(
            **self.of_customers(user),
            touch=self.touch if self.touch != WITHOUT else "",
            without_touch=self.touch == WITHOUT,
            template=int(self.template) if self.template else None,
        )


def read(data: QueryDict, choices: Choices, *, usual: str = "") -> tuple[Asked, list[str]]:
    """The filters, and a sentence for each value that means nothing here."""
    reading = Reading(data, BAD)
    asked = Asked(
        **reading.of_customers(choices, usual),
        touch=reading.one("touch", known=TOUCH),
        template=reading.one("template", offered=lambda: map(str, choices.templates)),
    )
    return asked, reading.problems


def selects(asked: Asked, choices: Choices) -> list[tuple[str, Any, SafeString]]:
    """Name, label and options of each select."""
    templates = {"": _("Any checklist"), **{str(pk): name for pk, name in choices.templates.items()}}
    return [
        *selects_of_customers(asked, choices),
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
