"""What health keeps about people: handed out and erased with them."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import PersonalData, personal_data
from health.domain import personal_parts as parts

personal_data.add(
    PersonalData("survey_answers", _("Answers to surveys"), parts.answers, parts.erase_answers, 110),
    PersonalData("survey_invites", _("Surveys they were asked in"), parts.invites, parts.erase_invites, 120),
    PersonalData("usage", _("Usage under their address"), parts.usage, parts.erase_usage, 130),
)
