"""Forms of the queue: what they check here is what a field can know; the verbs in domain/ check the rest."""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Min
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy

from accounts import formats
from accounts.domain import followups
from accounts.domain.followups import BulkResult
from accounts.enums import Outcome, Priority
from accounts.exceptions import DomainError
from accounts.models import Account, Contact, FollowUp, User

MORNING = time(9)
FIRST = {"autofocus": True}  # where a dialog's reader begins
WHEN_FORMAT = "%Y-%m-%dT%H:%M"


def morning(days: int) -> datetime:
    """Nine o'clock in the reader's zone, so many days from now."""
    day = timezone.localtime().date() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, MORNING))


def to_monday() -> int:
    return 7 - timezone.localtime().weekday()


def _zone_named() -> str:
    return _("Times in %(reader_zone)s") % {"reader_zone": timezone.get_current_timezone_name()}


class WhenField(forms.DateTimeField):
    """A time in the reader's zone, as the browser's own control sends it; the zone stands beside it."""

    default_error_messages = {"invalid": _("This is not a time. Write it as 2026-11-30 14:00.")}
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN_FORMAT)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", lazy(_zone_named, str)())
        super().__init__(input_formats=[WHEN_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except (OverflowError, ValueError) as e:  # year 1 and year 9999 have no neighbours in another zone
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from e


class TellingForm(forms.Form):
    """What a verb refuses stands at its field."""

    def refused(self, refusal: DomainError) -> None:
        named = {name: lines for name, lines in refusal.errors.items() if name in self.fields}
        for name, lines in named.items():
            self.add_error(name, lines)
        if not named:
            self.add_error(None, str(refusal))


class Abstract(DeclarativeFieldsMetaclass, ABCMeta):
    """For forms of which each kind says for itself what it does."""


class VerbForm(TellingForm, metaclass=Abstract):
    """What becomes of one or many follow-ups."""

    @abstractmethod
    def one(self, follow_up: FollowUp, by: User) -> FollowUp:
        """Do it to this one; DomainError if that cannot be."""

    @abstractmethod
    def many(self, ids: Iterable[int], by: User) -> BulkResult:
        """Do it to all of these that it can be done to."""

    def choose(self, ids: Iterable[int]) -> None:
        """It is asked of many: what they are may change what is asked."""

    def ask_of(self, follow_up: FollowUp) -> None:
        """The same of one."""


class DoneForm(VerbForm):
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=Outcome.choices,
        widget=forms.RadioSelect(attrs=FIRST),
        error_messages={
            "required": _("Say what came of it: one of the outcomes."),
            "invalid_choice": _("Choose one of the outcomes."),
        },
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))

    def one(self, follow_up: FollowUp, by: User) -> FollowUp:
        return followups.complete(follow_up, by=by, **self.cleaned_data)

    def many(self, ids: Iterable[int], by: User) -> BulkResult:
        return followups.complete_many(ids, by=by, **self.cleaned_data)


class SnoozeForm(VerbForm):
    until = WhenField(label=_("Until"), error_messages={"required": _("Say until when.")})
    reason = forms.CharField(
        label=_("Why can it wait?"), max_length=400, error_messages={"required": _("Say why it can wait.")}
    )
    past_promise = forms.BooleanField(
        label=_("Yes, snooze it although this breaks the promise"), required=False, initial=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.presets = presets()
        self.initial.setdefault("until", morning(1))
        self.asks_promise = self.is_bound and bool(self.data.get("past_promise"))
        self.promised = ""

    def refused(self, refusal: DomainError) -> None:
        self.asks_promise = self.asks_promise or refusal.code == "past_promise"
        if refusal.code == "past_promise":
            self.add_error(None, str(refusal))
        super().refused(refusal)

    def choose(self, ids: Iterable[int]) -> None:
        """Of many it is asked at once: those that are refused come back without a dialog."""
        promises = FollowUp.objects.open().filter(pk__in=ids, promise=True)
        found = promises.aggregate(many=Count("pk"), first=Min("due_at"))
        self.asks_promise = bool(found["many"])
        self.promised = told_promises(found["many"], found["first"]) if found["many"] else ""
        self.fields["past_promise"].label = _("Yes, snooze promises too, even where this breaks them")

    def ask_of(self, follow_up: FollowUp) -> None:
        """At once where any snooze breaks the promise: else it is asked for when one does."""
        self.asks_promise = self.asks_promise or (follow_up.promise and follow_up.due_at < morning(1))

    def one(self, follow_up: FollowUp, by: User) -> FollowUp:
        return followups.snooze(follow_up, by=by, **self.cleaned_data)

    def many(self, ids: Iterable[int], by: User) -> BulkResult:
        return followups.snooze_many(ids, by=by, **self.cleaned_data)


def told_promises(many: int, first: datetime) -> str:
    return ngettext(
        "%(n)s of them is a promise to the customer, due %(due)s. A snooze does not move it.",
        "%(n)s of them are promises to customers, the first due %(due)s. A snooze does not move them.",
        many,
    ) % {"n": formats.number(many), "due": formats.moment(first)}


def presets() -> list[tuple[Any, str]]:
    """Label and value of the times one snoozes to most."""
    monday = to_monday()
    days = [
        (_("Tomorrow"), 1),
        (pgettext_lazy("snooze", "Monday"), monday),
        (_("In a week"), 7),
        (_("In two weeks"), 14),
    ]
    if monday == 1:
        days.pop(1)
    return [(label, timezone.localtime(morning(n)).strftime(WHEN_FORMAT)) for label, n in days]


class PersonField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs["error_messages"] = {
            "required": _("Choose somebody."),
            "invalid_choice": _("Choose somebody who works with customers."),
            **kwargs.get("error_messages", {}),
        }
        super().__init__(User.objects.workers(), **kwargs)


class HandOverForm(VerbForm):
    to = PersonField(
        label=_("To"),
        empty_label=_("Choose somebody"),
        widget=forms.Select(attrs=FIRST),
        error_messages={"required": _("Choose who takes it over.")},
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=400,
        help_text=_("What they should know. It stands on the timeline."),
    )

    def one(self, follow_up: FollowUp, by: User) -> FollowUp:
        return followups.reassign(follow_up, by=by, **self.cleaned_data)

    def many(self, ids: Iterable[int], by: User) -> BulkResult:
        return followups.reassign_many(ids, by=by, **self.cleaned_data)


class CancelForm(VerbForm):
    why = forms.CharField(
        label=_("Why is it no longer needed?"),
        max_length=400,
        widget=forms.TextInput(attrs=FIRST),
        error_messages={"required": _("Say why it is no longer needed.")},
    )

    def one(self, follow_up: FollowUp, by: User) -> FollowUp:
        return followups.cancel(follow_up, by=by, **self.cleaned_data)

    def many(self, ids: Iterable[int], by: User) -> BulkResult:
        return followups.cancel_many(ids, by=by, **self.cleaned_data)


class CallForm(TellingForm):
    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Who"), required=False, empty_label=_("Somebody at the customer")
    )
    summary = forms.CharField(
        label=_("What was said"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, **FIRST}),
        error_messages={"required": _("Write a line about it.")},
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440, initial=15)
    two_way = forms.BooleanField(label=_("They spoke with me"), required=False, initial=True)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = account.contacts.filter(left_on__isnull=True).order_by("-champion", "-decides", "name")
        self.fields["contact"].queryset = present  # type: ignore[attr-defined]

    def clean_minutes(self) -> int:
        return self.cleaned_data["minutes"] or 0


class NewForm(TellingForm):
    mark_optional = False  # all but the note come filled in
    account = forms.ModelChoiceField(
        Account.objects.live(),
        label=_("Account"),
        error_messages={
            "required": _("Choose the account."),
            "invalid_choice": _("There is no such account, or it has churned."),
        },
    )
    title = forms.CharField(
        label=_("What is to be done"), max_length=240, error_messages={"required": _("Say what is to be done.")}
    )
    due_at = WhenField(label=_("Due"), error_messages={"required": _("Say by when.")})
    assignee = PersonField(label=_("For"), required=False, empty_label=None)
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))


class SaveViewForm(TellingForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs=FIRST),
        error_messages={"required": _("Give the view a name.")},
    )
    shared = forms.BooleanField(label=_("Share it with the team"), required=False)
