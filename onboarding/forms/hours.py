"""One's own hours, dates and busy calendars. What may be written is the verbs' business."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain.account_values import zones
from accounts.forms.inputs import DayInput
from accounts.forms.remembering import Remembering
from accounts.forms.zones import ZoneSelect
from onboarding.domain.schedules.writing import as_text
from onboarding.domain.wording import weekday
from onboarding.models import Schedule


class HoursForm(Remembering, forms.Form):
    mark_optional = False

    time_zone = forms.ChoiceField(label=_("Time zone"), widget=ZoneSelect)
    onboarding_hours = forms.DecimalField(
        label=_("Planned for onboarding, hours a week"),
        min_value=0,
        max_value=168,
        max_digits=5,
        decimal_places=2,
        help_text=_("What is recommended to new customers depends on it."),
    )

    def __init__(self, data: Any = None, *, schedule: Schedule) -> None:
        super().__init__(data, initial=_initial(schedule))
        self.schedule = schedule
        self.fields["time_zone"].choices = [(name, name) for name in sorted(zones())]  # type: ignore[attr-defined]
        for day in range(7):
            self.fields[f"day_{day}"] = forms.CharField(
                label=weekday(day), required=False, widget=forms.TextInput(attrs={"placeholder": _("off")})
            )
        if schedule.pk:
            self.remember_what_was_seen()

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{day}"] for day in range(7)]

    def values(self) -> dict[str, Any]:
        changed = self.changed
        given = {**self.initial, **changed}
        planned = changed.get("onboarding_hours")
        return {
            "weekly": {day: given[f"day_{day}"] for day in range(7)},
            "time_zone": given["time_zone"],
            "onboarding_minutes": self.schedule.onboarding_minutes if planned is None else int(planned * 60),
        }


def _initial(schedule: Schedule) -> dict[str, Any]:
    hours = Decimal(schedule.onboarding_minutes) / 60
    weekly = {f"day_{day}": as_text(schedule.weekly.get(str(day), ())) for day in range(7)}
    return {"time_zone": str(schedule.time_zone), "onboarding_hours": f"{hours.normalize():f}", **weekly}


class DatesForm(forms.Form):
    mark_optional = False

    first = forms.DateField(label=_("From"), widget=DayInput(format="%Y-%m-%d"))
    last = forms.DateField(
        label=_("Until"), required=False, widget=DayInput(format="%Y-%m-%d"), help_text=_("Empty: that one day.")
    )
    hours = forms.CharField(
        label=_("Hours"),
        required=False,
        help_text=_("Empty: off. Else the hours of these days, such as 9:00–12:00."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=120)


class CalendarForm(forms.Form):
    mark_optional = False

    url = forms.CharField(
        label=_("Address"),
        help_text=_(
            "The private address in iCal format that your calendar program gives you (https://… or webcal://…)."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=120)
