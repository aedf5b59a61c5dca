"""What plans and the customer's portal show of themselves on the ground floor."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.domain.dropping import in_use_in_words
from accounts.domain.plans.wording import change_in_words, dropped_in_words
from accounts.registry import (
    ActivityKind,
    Field,
    LinkPurpose,
    MailKind,
    PlaybookDefault,
    SettingsLink,
    activity_kinds,
    link_purposes,
    mail_kinds,
    playbook_defaults,
    settings_links,
)

_in_use = (
    Field("in_use", label=_("Whether it was in use"), required=False, unsaid=_("not known"), worded=in_use_in_words),
    Field("use", dict, required=False, public=False),
)
_changes = Field("changes", dict, required=False, public=False)
_change = (
    Field("subscription", label=_("Subscription")),
    Field("what", label=_("What changed"), worded=change_in_words),
    _changes,
)

activity_kinds.add(
    ActivityKind("subscription.kept", _("Cancellation taken back"), _("%(subscription)s goes on: it was to end on %(ends_on)s"), "check",
                 (Field("subscription", label=_("Subscription")), Field("ends_on", label=_("Would have ended on"))), tone="good"),
    ActivityKind("plan.changed", _("Plan changed"), _("%(subscription)s: %(what)s; for the rest of the period %(money)s"), "card",
                 (*_change, Field("money", Decimal, _("Prorated amount, to invoice once")), Field("currency", label=_("Currency")),
                  Field("days_left", int, _("Days left")), Field("days_period", int, _("Days of the period")))),
    ActivityKind("plan.change_scheduled", _("Change of plan scheduled"), _("%(subscription)s from %(effective_on)s: %(what)s"), "calendar",
                 (*_change, Field("effective_on", label=pgettext_lazy("day", "From")), Field("before", Decimal, _("A month before")),
                  Field("after", Decimal, _("A month after")), Field("amount", Decimal, _("Change a month")),
                  Field("currency", label=_("Currency")),
                  Field("dropped", label=_("What will be dropped"), required=False, worded=dropped_in_words), *_in_use)),
    ActivityKind("plan.change_undone", _("Change of plan taken back"), _("%(subscription)s stays as it is, without: %(what)s"), "check", _change),
)  # fmt: skip

link_purposes.add(LinkPurpose("portal", _("Customer portal"), "portal"))

mail_kinds.add(
    MailKind("portal_link", _("Link to the portal")),
    MailKind("plan_change", _("Change of plan")),
    MailKind("cancellation", _("Cancellation")),
)

playbook_defaults.add(
    PlaybookDefault(
        "contraction_ahead", _("Contraction ahead"), "plan.change_scheduled",
        conditions=({"field": "amount", "op": "lt", "value": "0"},),
        title=_("{account} will pay less from {effective_on}: talk before then"),
        instructions=_(
            "They asked for {what}. Whether it is in use: {in_use}. Until {effective_on} they can take it back with one "
            "click in their portal: what is used and dropped is about money or need."
        ),
        steps=(
            _("Look at the usage of what will be dropped"),
            _("Call {contact}: what has changed?"),
            _("Offer what fits their need now, or help with what they never used"),
            _("Write down the reason on the timeline"),
        ),
        priority=1, due_hours=24, promise=True, subject_field="subscription",
    ),
)  # fmt: skip

settings_links.add(
    SettingsLink("plans", _("Plans and prices"), "settings:plans", "rules", 50, "plan.manage", _("What customers can have, what it costs, and who is on an older version."), "card"),
    SettingsLink("rates", _("Exchange rates"), "settings:rates", "rules", 60, "rate.manage", _("What other currencies are worth in the reporting currency."), "scale"),
)  # fmt: skip
