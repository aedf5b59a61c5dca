"""What the team fills in about partners, referrals and payouts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from referrals.enums import Channel, CodeKind
from referrals.models import Program

MOST_BYTES = 2 * 1024 * 1024


WHY = {"required": _("Say why.")}
BUTTON = dict.fromkeys(("required", "invalid_choice"), _("Choose one of the buttons."))


class ReasonForm(forms.Form):
    mark_optional = False

    reason = forms.CharField(label=_("Why"), max_length=400, error_messages=WHY)


class AdjustForm(forms.Form):
    mark_optional = False

    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=4,
        help_text=_("Below zero takes from the balance."),
        error_messages={"required": _("Say how much.")},
    )
    note = forms.CharField(label=_("Why"), max_length=400, error_messages=WHY)


class CodeForm(forms.Form):
    mark_optional = False

    code = forms.CharField(
        label=_("Code"), max_length=80, required=False, help_text=_("Made from the name if you leave it empty.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=CodeKind.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    landing_url = forms.ChoiceField(label=_("Leads to"), required=False)

    def __init__(self, data: Any = None, *, program: Program) -> None:
        super().__init__(data)
        first = _("the program's first address")
        addresses = [("", first), *((address, address) for address in program.landing_urls)]
        self.fields["landing_url"].choices = addresses  # type: ignore[attr-defined]  # a ChoiceField


class DecideForm(forms.Form):
    """About the referrals that were chosen."""

    mark_optional = False

    verb = forms.ChoiceField(
        choices=[("approve", pgettext_lazy("referral", "Approve")), ("deny", pgettext_lazy("referral", "Refuse"))],
        error_messages=BUTTON,
    )
    note = forms.CharField(label=_("Why"), max_length=400, required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("verb") == "deny" and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("Say why: it stands in the timeline and in the ledger."))


class MarkForm(forms.Form):
    """What became of one payout, or of those that were chosen."""

    mark_optional = False

    verb = forms.ChoiceField(choices=[("paid", _("Paid")), ("failed", _("Failed"))], error_messages=BUTTON)
    text = forms.CharField(label=_("Reference, or why it failed"), max_length=140, required=False)


class SettleForm(forms.Form):
    """A file of the bank's or the payment provider's."""

    mark_optional = False

    file = forms.FileField(
        label=_("File of what became of them"),
        help_text=_("CSV with the columns payout and status (paid, failed), and if you like reference and reason."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> bytes:
        sent = self.cleaned_data["file"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 2 MB."))
        return sent.read()
