"""What is written on the account page."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneFormField

from accounts.domain.languages import supported
from accounts.enums import Stage
from accounts.forms.custom_fields import CustomFields
from accounts.forms.inputs import DayInput
from accounts.forms.queue import WHEN_FORMAT, CallForm as LoggedCallForm, WhenField
from accounts.forms.remembering import Remembering
from accounts.forms.zones import ZoneSelect
from accounts.models import Account, Contact, Segment, User

LONG_AGO = 2000  # a year before that is a slip of the pen


class InPlace(forms.Form):
    """Its long fields stand above the others, over the whole width."""

    wide: tuple[str, ...] = ()

    @property
    def wide_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.wide]

    @property
    def narrow_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.wide]


class CallForm(InPlace, LoggedCallForm):
    """A call of any day, not only the one that has just ended."""

    occurred_at = WhenField(label=_("When"), error_messages={"required": _("Say when it was.")})
    wide = ("summary",)
    field_order = ("summary", "contact", "minutes", "occurred_at", "two_way")

    def __init__(self, data: Any = None, *, account: Account) -> None:
        now = timezone.localtime().strftime(WHEN_FORMAT)
        super().__init__(data, account=account, initial={"occurred_at": now})
        self.fields["summary"].widget.attrs |= {"autofocus": True}

    def clean_occurred_at(self) -> datetime:
        at = self.cleaned_data["occurred_at"]
        if at.year < LONG_AGO:
            raise forms.ValidationError(_("This is too long ago."))
        return at


class NoteForm(InPlace):
    mark_optional = False
    wide = ("text",)

    text = forms.CharField(
        label=_("Note"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        error_messages={"required": _("Write a line about it.")},
    )


class ContactForm(Remembering, InPlace):
    always = ("email",)
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, error_messages={"required": _("Give their e-mail address.")}
    )
    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    title = forms.CharField(label=_("Job title"), max_length=160, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the account")), *settings.LANGUAGES]
    )
    decides = forms.BooleanField(label=_("Decides on renewal"), required=False)
    champion = forms.BooleanField(label=_("Champion"), required=False)
    left_on = forms.DateField(label=_("Left on"), required=False, widget=DayInput(format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, contact: Contact | None = None) -> None:
        initial = {name: getattr(contact, name) for name in self.base_fields} if contact else {}
        if contact:
            initial["language"] = supported(contact.language)
        super().__init__(data, initial=initial)
        if contact:
            self.remember_what_was_seen()
            # The address is who they are: another address is another contact.
            self.fields["email"].disabled = True
        else:
            del self.fields["left_on"]
        self.order_fields(["name", "email"])


class AccountForm(Remembering, forms.Form):
    """What a person may change of an account; the rest comes from subscriptions and readings."""

    always = ("external_id", "custom")

    external_id = forms.CharField(
        label=_("Id"),
        max_length=200,
        help_text=_("How your other programs call this account. It stays."),
        error_messages={"required": _("Give the account an id.")},
    )
    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Give the account a name.")})
    domain = forms.CharField(label=_("Domain"), max_length=253, required=False)
    segment = forms.ModelChoiceField(
        Segment.objects.all(), label=_("Segment"), required=False, empty_label=_("Without segment")
    )
    csm = forms.ModelChoiceField(User.objects.workers(), label=_("CSM"), required=False, empty_label=_("Nobody"))
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices, initial=Stage.ACTIVE)
    started_on = forms.DateField(label=_("Customer since"), required=False, widget=DayInput(format="%Y-%m-%d"))
    country = forms.CharField(label=_("Country"), max_length=80, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=80, required=False)
    channel = forms.CharField(
        label=_("Channel"), max_length=40, required=False, help_text=_("Where they came from: ads, partners, events.")
    )
    time_zone = TimeZoneFormField(label=_("Time zone"), initial="UTC", widget=ZoneSelect)

    def __init__(self, data: Any = None, *, reader: User, account: Account | None = None) -> None:
        initial = {name: getattr(account, name) for name in self.base_fields} if account else {}
        super().__init__(data, initial=initial)
        if account:
            self.remember_what_was_seen()
            self.fields["external_id"].disabled = True
            self._keep_the_csm(account)
        if not reader.may("account.assign"):
            del self.fields["csm"]
        self.custom = CustomFields(data, account.custom if account else {})

    def _keep_the_csm(self, account: Account) -> None:
        """Also when that person has left: saving the form must not take the account away."""
        if account.csm_id:
            people = User.objects.workers() | User.objects.filter(pk=account.csm_id)
            self.fields["csm"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> None:
        self.cleaned_data["custom"], errors = self.custom.read()
        for sentence in errors:
            self.add_error(None, sentence)
