"""Mails, personal links and contact pressure: registered by hooks.py."""

from django.utils.translation import gettext_lazy as _

from accounts import mail_events  # noqa: F401 - listens to the sending services
from accounts.domain.links import purpose_in_words
from accounts.domain.pressure import REASONS
from accounts.domain.wording import what_in_words
from accounts.registry import (
    ActivityKind,
    Field,
    LinkPurpose,
    MailKind,
    Panel,
    SettingsLink,
    activity_kinds,
    link_purposes,
    mail_kinds,
    panels,
    settings_links,
)

_contact = (Field("contact", label=_("Contact")),)
_address = (*_contact, Field("email", label=_("E-mail address")))

activity_kinds.add(
    ActivityKind("link.revoked", _("Personal link ended"), _("Personal link of %(contact)s ended: %(purpose)s"), "link",
                 (*_contact, Field("purpose", label=_("What it was for"), worded=purpose_in_words)), trigger=False),
    ActivityKind("contact.opted_out", _("Wants no more questions"), _("%(contact)s wants no more surveys and requests"), "mail", _address, tone="warn"),
    ActivityKind("contact.opted_in", _("May be asked again"), _("%(contact)s may be asked again"), "mail", _address),
    ActivityKind("contact.held_back", _("Held back"), _("%(what)s: not asked of %(contact)s now, because %(why)s"), "pause",
                 (*_contact, Field("what", label=_("What was held back"), worded=what_in_words), Field("why", str, _("Why"), tuple(REASONS.items())),
                  Field("until", label=_("Until"), required=False)), trigger=False),
    ActivityKind("mail.bounced", _("Mail bounced"), _("A mail to %(email)s came back: %(reason)s"), "mail",
                 (Field("email", label=_("E-mail address")), Field("subject", label=_("Subject")), Field("reason", label=_("Why"))), tone="warn"),
)  # fmt: skip

panels.add(Panel("mails", _("Mails"), "accounts:mails", 80, tab="mails"))

link_purposes.add(LinkPurpose("unsubscribe", _("Unsubscribe"), "unsubscribe", for_leavers=True))

mail_kinds.add(
    # What Django and its apps send themselves: a new password. Its links open doors, so only admins read it.
    MailKind("system", _("Sign-in")),
    MailKind("escalation", _("Overdue follow-ups")),
    MailKind("webhook", _("Webhooks that fail")),
)

settings_links.add(
    SettingsLink("outbox", _("Outbox"), "outbox", "data", 40, "mail.view", _("Every mail: what was said, whether it went out, what came back."), "mail"),
)  # fmt: skip
