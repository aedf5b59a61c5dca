"""What onboarding keeps about people: handed out and erased with them."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import PersonalData, personal_data
from onboarding.domain import personal_parts as parts

personal_data.add(PersonalData("sessions", _("Sessions"), parts.seats, parts.erase_seats, 210))
personal_data.add(PersonalData("routings", _("Led elsewhere"), parts.routings, parts.erase_routings, 211))
