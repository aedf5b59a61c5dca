from django import forms
from django.utils.translation import gettext_lazy as _


class OptOutForm(forms.Form):
    """Somebody has told us that they want no more questions."""

    mark_optional = False

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
