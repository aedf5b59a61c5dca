"""What a field says that was left empty, where several forms ask for the same."""

from django.utils.translation import gettext_lazy as _

NAME = {"required": _("Give it a name.")}
WHOLE_NUMBER = {"required": _("Give a whole number.")}
