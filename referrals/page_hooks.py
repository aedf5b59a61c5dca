"""Where referrals have pages: the navigation, the settings, the account page, the customer's portal. Part of hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import (
    MailKind,
    NavItem,
    Panel,
    PortalPart,
    SettingsLink,
    mail_kinds,
    navigation,
    panels,
    portal_parts,
    settings_links,
)
from referrals.domain.desk import portal_part

navigation.add(NavItem("referrals", _("Referrals"), "referrals:overview", "gift", 60, "referral.view"))
settings_links.add(
    SettingsLink("programs", _("Referral programs"), "referrals:programs", "rules", 70, "program.manage", _("Who earns what for bringing customers, and by which rules."), "gift"),
)  # fmt: skip
panels.add(Panel("referrals", _("Referrals"), "referrals:panel", 40, tab="referrals"))
portal_parts.add(PortalPart("referrals", _("Recommend us"), "referrals/portal/part.html", portal_part, 60))
mail_kinds.add(
    MailKind("referral.invite", _("Invitation to refer"), asks=True),
    MailKind("referral.friend", _("Recommendation to a friend")),
    MailKind("partner.applied", _("Application received")),
    MailKind("partner.approved", _("Partner approved")),
    MailKind("partner.refused", _("Partner refused")),
    MailKind("partner.page", _("A partner's page")),
)
