"""What the reader of the voice page asked for: whose voice, of which days, and which comments."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Min
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.account_filters import DayField
from accounts.models import Plan, Segment, User
from health.domain.surveys.comments import SHOWN, WORDS
from health.domain.surveys.figures import Filters, Period
from health.enums import NpsGroup, SurveyKind
from health.models import Answer, Survey

ME = "me"
QUARTER, YEAR, ALL, OWN = "quarter", "year", "all", "own"
PERIODS = (
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("12 months")),
    (QUARTER, _("This quarter")),
    (YEAR, _("This year")),
    (ALL, _("All time")),
)
USUAL = "90"
EARLIEST = date(2000, 1, 1)
DAYS = ("kind", "period", "day_from", "day_to")
PEOPLE = ("segment", "csm", "plan", "survey")
UNKNOWN = _("There is no such choice any more, so it was left out.")


class VoiceForm(forms.Form):
    """A bad value gets its sentence; the others still count."""

    mark_optional = False

    kind = forms.ChoiceField(required=False, choices=SurveyKind.choices)
    period = forms.ChoiceField(label=_("Period"), required=False, choices=PERIODS)
    day_from = DayField(label=_("From"))
    day_to = DayField(label=_("To"))
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    csm = forms.ChoiceField(label=_("CSM"), required=False)
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    survey = forms.ChoiceField(label=_("Survey"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=[("", _("Any group")), *NpsGroup.choices])
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Any language")), *settings.LANGUAGES]
    )
    shown = forms.ChoiceField(label=_("Show"), required=False, choices=SHOWN)
    q = forms.CharField(label=_("Search"), required=False, max_length=200)

    def __init__(self, data: QueryDict, reader: User) -> None:
        super().__init__(data, auto_id="voice-%s")
        self.reader = reader
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = UNKNOWN
                field.widget.attrs["class"] = "input auto"
        kind = data.get("kind") or SurveyKind.NPS
        self._offer("segment", _("Any segment"), Segment.objects.values_list("key", "name"))
        people = User.objects.filter(accounts__isnull=False).distinct().order_by("name", "pk")
        self._offer("csm", _("Any CSM"), [(ME, _("Me")), *((str(one.pk), str(one)) for one in people)])
        self._offer("plan", _("Any plan"), Plan.objects.order_by("name").values_list("key", "name"))
        own = Survey.objects.filter(kind=kind).values_list("pk", "name") if kind in SurveyKind.values else ()
        self._offer("survey", _("Any survey"), ((str(pk), name) for pk, name in own))
        self.is_valid()

    def _offer(self, name: str, nothing: Any, choices: Any) -> None:
        self.fields[name].choices = [("", nothing), *choices]  # type: ignore[attr-defined]

    def clean(self) -> None:
        first, last = self.value("day_from"), self.value("day_to")
        for name in ("day_from", "day_to"):
            if (day := self.value(name)) and not EARLIEST <= day <= _today() + timedelta(days=366):
                self.add_error(name, _("This day is too far away, so it was left out."))
        if first and last and last < first:
            self.add_error("day_to", _("This is before the first day, so it was left out."))

    def value(self, name: str) -> Any:
        return getattr(self, "cleaned_data", {}).get(name)

    # What was understood ----------------------------------------------------------------------------

    @property
    def about(self) -> str:
        return self.value("kind") or SurveyKind.NPS

    @property
    def filters(self) -> Filters:
        csm, survey = self.value("csm"), self.value("survey")
        return Filters(
            segment=self.value("segment") or "",
            plan=self.value("plan") or "",
            csm=self.reader.pk if csm == ME else int(csm) if csm else None,
            survey=int(survey) if survey else None,
        )

    @property
    def which(self) -> str:
        """A preset, or days of one's own."""
        if self.value("day_from") or self.value("day_to"):
            return OWN
        return self.value("period") or USUAL

    @property
    def days(self) -> Period:
        today = _today()
        if self.which == OWN:
            last = self.value("day_to") or max(today, self.value("day_from"))
            return Period(self.value("day_from") or last - timedelta(days=int(USUAL) - 1), last + timedelta(days=1))
        if self.which == QUARTER:
            return Period(today.replace(month=today.month - (today.month - 1) % 3, day=1), today + timedelta(days=1))
        if self.which == YEAR:
            return Period(today.replace(month=1, day=1), today + timedelta(days=1))
        if self.which == ALL:
            return Period(_first_answer(self.about) or today, today + timedelta(days=1))
        return Period.last_days(int(self.which), today)

    @property
    def comments(self) -> dict[str, Any]:
        """What domain/surveys/comments.py is asked for."""
        return {
            "kind": self.about,
            "group": (self.value("group") or "") if self.about == SurveyKind.NPS else "",
            "language": self.value("language") or "",
            "q": self.value("q") or "",
        }

    @property
    def listed(self) -> str:
        return self.value("shown") or WORDS

    @property
    def sentences(self) -> list[tuple[Any, str]]:
        """What is wrong with the address, by field."""
        found = (
            (self.fields[name].label or name, errors) for name, errors in self.errors.items() if name in self.fields
        )
        return [(label, str(errors[0])) for label, errors in found]

    @property
    def of_comments(self) -> tuple[str, ...]:
        """The filters of the comments alone."""
        return ("group", "language", "shown") if self.about == SurveyKind.NPS else ("language", "shown")

    @property
    def filtered(self) -> bool:
        return self.filters != Filters() or self.which != USUAL

    def bound(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def kept(self, *names: str) -> list[tuple[str, str]]:
        """What another form of the page takes along."""
        return [(name, text) for name in names if (text := self.data.get(name, "")) and name not in self.errors]


def _today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _first_answer(kind: str) -> date | None:
    first = Answer.objects.filter(kind=kind).aggregate(first=Min("answered_at"))["first"]
    return max(EARLIEST, timezone.localdate(first, timezone.get_default_timezone())) if first else None
