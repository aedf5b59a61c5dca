"""Where sessions are found: in the settings, in calendars, in the customers' portal. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import (
    PortalPart,
    Rule,
    RuleGroup,
    SettingsLink,
    calendar_sources,
    portal_parts,
    rule_groups,
    rules,
    settings_links,
)
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
rule_groups.add(
    RuleGroup(
        "booking", _("Booking"), _("How much one person, or one place, can book: what is free is for everybody."), 57
    )
)
rules.add(
    Rule("booking.ahead", _("Sessions ahead"), 3, least=1, most=50, position=10,
         help=_("Of one kind, for one e-mail address.")),
    Rule("booking.held", _("Times kept at once"), 5, least=1, most=100, position=20,
         help=_("While forms are open; for one contact, or one address on the internet.")),
    Rule("booking.hourly", _("Bookings an hour"), 30, least=1, most=1000, position=30,
         help=_("On the pages that are open to anybody, from one address on the internet.")),
)  # fmt: skip
calendar_sources.add(SOURCE)
portal_parts.add(
    PortalPart("sessions", _("Sessions with us"), "onboarding/portal/sessions.html", at_home.portal_part, 20)
)
