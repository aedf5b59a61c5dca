"""Where renewals are found: in the navigation, on the account and in calendars. Registered by hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.domain.calendars import renewals
from accounts.registry import NavItem, Panel, SettingsLink, calendar_sources, navigation, panels, settings_links

navigation.add(NavItem("renewals", _("Renewals"), "renewals:list", "calendar", 30, "renewal.view"))
settings_links.add(
    SettingsLink(
        "calendars", _("Calendars"), "settings:calendars", "you", 40, "renewal.view",
        _("Decision dates in your own calendar program."), "calendar",
    )
)  # fmt: skip
calendar_sources.add(renewals.SOURCE)
panels.add(Panel("renewals", _("Renewals"), "renewals:account", 10, tab="subscription"))
