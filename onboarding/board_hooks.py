"""What the team sees of onboarding: its place in the navigation, its part of the account page. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import NavItem, Panel, navigation, panels

navigation.add(NavItem("onboarding", _("Onboarding"), "onboarding:board", "flag", 40, "onboarding.view"))
panels.add(Panel("sessions", _("Sessions"), "onboarding:account_sessions", 60, tab="onboarding"))
