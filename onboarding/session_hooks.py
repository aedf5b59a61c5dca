"""Where sessions are found: in the settings, in calendars, in the customers' portal. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import PortalPart, SettingsLink, calendar_sources, portal_parts, settings_links
from onboarding.domain import at_home
from onboarding.domain.agenda_entries import SOURCE

settings_links.add(
    SettingsLink(
        "hours", _("My hours"), "onboarding:my_hours", "you", 35, "hours.own",
        _("When customers can book you, days off, and the calendars that say when you are busy."), "clock",
    ),
    SettingsLink(
        "session_types", _("Session types"), "onboarding:session_types", "rules", 65, "session_type.manage",
        _("What customers can book: how long, with whom, and how far ahead."), "calendar",
    ),
)  # fmt: skip
calendar_sources.add(SOURCE)
portal_parts.add(
    PortalPart("sessions", _("Sessions with us"), "onboarding/portal/sessions.html", at_home.portal_part, 20)
)
