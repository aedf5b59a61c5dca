from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.remembering import Remembering
from accounts.registry import activity_kinds


def events() -> list[tuple[str, Any]]:
    """By what they are about, as their names have it."""
    return [(kind.name, kind.label) for kind in sorted(activity_kinds, key=lambda kind: kind.name)]


class WebhookForm(Remembering, forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        error_messages={"required": _("Give the address.")},
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=_("Where events are sent, as JSON in a POST."),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=events,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )
