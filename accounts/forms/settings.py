"""Forms of the settings pages. They check what a field can know; the verbs in domain/ check the rest."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.tokens import SCOPES
from accounts.forms import needed
from accounts.forms.remembering import RememberingRow
from accounts.forms.zones import ZoneSelect
from accounts.models import Segment, User
from accounts.number_words import STAGES, STRATEGIES


class ProfileForm(RememberingRow):
    weekly_board = forms.ChoiceField(
        label=_("Weekly numbers by mail"),
        required=False,
        choices=[("", _("None")), *((key, board.title) for key, board in {**STRATEGIES, **STAGES}.items())],
        help_text=_("A board of key figures, each Monday morning."),
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "weekly_board"]
        error_messages = {"name": {"required": _("Say what you are called.")}}
        widgets = {"time_zone": ZoneSelect}


class UserForm(RememberingRow):
    class Meta:
        model = User
        fields = ["name", "email", "role", "manager", "language", "time_zone"]
        widgets = {"time_zone": ZoneSelect}
        error_messages = {
            "name": {"required": _("Give their name.")},
            "email": {"required": _("Give their e-mail address.")},
        }
        help_texts = {"manager": _("Gets what is overdue, and the open follow-ups when this person leaves.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers = User.objects.active().exclude(role="viewer").exclude(role="csm")
        self.fields["manager"].queryset = managers.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        self.fields["manager"].empty_label = _("Nobody")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody with this e-mail address is on the team already."))
        return email


class SegmentForm(RememberingRow):
    class Meta:
        model = Segment
        fields = ["name", "key", "touch_model", "position"]
        help_texts = {"key": _("How files and programs name it. Letters, digits, - and _.")}
        error_messages = {
            "name": needed.NAME,
            "key": {"required": _("Give it a key."), "unique": _("There is a segment with this key already.")},
            "position": needed.WHOLE_NUMBER,
        }

    def clean_name(self) -> str:
        """Lists and filters show the name alone."""
        name: str = self.cleaned_data["name"].strip()
        if Segment.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a segment of this name already."))
        return name


class MoveAccountsForm(forms.Form):
    """Hand a book of accounts to somebody else."""

    source = forms.ChoiceField(label=_("Accounts of"))
    segment = forms.ModelChoiceField(
        Segment.objects.all(), label=_("In segment"), required=False, empty_label=_("All segments")
    )
    targets = forms.ModelMultipleChoiceField(
        User.objects.workers(),
        label=_("To"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Several people share them so that each ends with about as many accounts."),
        error_messages={"required": _("Choose who takes them over.")},
    )
    follow_ups = forms.BooleanField(
        label=_("Their open follow-ups there move along"),
        required=False,
        initial=True,
        help_text=_("Without it they stay with whoever has them now."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(user.pk), str(user)) for user in User.objects.all()]
        self.fields["source"].choices = [("none", _("Nobody yet")), *people]  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("The program that will use it."),
        error_messages={"required": _("Say what the token is for.")},
    )
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("token", "May"),
        choices=list(
            zip(
                SCOPES,
                (
                    _("read everything"),
                    _("send usage, tickets, invoices and readings"),
                    _("write accounts, subscriptions and follow-ups"),
                    _("do all of it"),
                ),
                strict=True,
            )
        ),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what it may do.")},
    )
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
