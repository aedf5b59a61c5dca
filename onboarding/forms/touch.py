from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import TouchModel
from accounts.forms.customers import InPlace


class ChooseForm(InPlace):
    """Another touch model than the one that is recommended."""

    mark_optional = False
    wide = ("model", "reason")

    model = forms.ChoiceField(
        label=_("Touch model"),
        choices=TouchModel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the values.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands on the timeline, beside what was recommended."),
        error_messages={"required": _("Say why.")},
    )
