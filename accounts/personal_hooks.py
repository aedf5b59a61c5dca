"""What the ground floor keeps about people: handed out and erased with them."""

from django.utils.translation import gettext_lazy as _

from accounts.domain import personal_parts as parts
from accounts.registry import PersonalData, personal_data

# Erased from the end: who it was is needed until the last of the others.
personal_data.add(
    PersonalData("person", _("Name and address"), parts.person, parts.erase_person, 10),
    PersonalData("mails", _("Mails"), parts.mails, parts.erase_mails, 20),
    PersonalData("links", _("Personal links"), parts.links, parts.erase_links, 30),
    PersonalData("asks", _("What they were asked"), parts.asks, parts.erase_asks, 40),
    PersonalData("renewal_intents", _("What they said about renewing"), parts.intents, parts.erase_intents, 50),
    PersonalData("timeline", _("What happened"), parts.activities, parts.erase_activities, 60),
    PersonalData("follow_ups", _("Follow-ups"), parts.follow_ups, parts.erase_follow_ups, 70),
)
