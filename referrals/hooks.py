"""How referrals show up on the ground floor: what can happen."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.registry import ActivityKind, Field, activity_kinds
from referrals import number_hooks, page_hooks, personal_hooks, reaction_hooks  # noqa: F401 - figures, pages, people, news
from referrals.domain.telling import flags_in_words
from referrals.enums import FlagReason

_partner = (
    Field("partner", label=_("Partner")),
    Field("program", label=_("Program")),
    Field("partner_id", int, public=False),
)
_referral = (*_partner, Field("customer", label=_("Customer")), Field("referral", int, public=False))
_reward = (*_referral, Field("reward", label=_("Reward")))
_reason = Field("reason", label=_("Why"))
_money = (Field("amount", Decimal, label=_("Amount")), Field("currency", label=_("Currency")))
_payout = (*_partner, *_money, Field("payout", int, public=False))

activity_kinds.add(
    ActivityKind("partner.invited", _("Invited to refer"), _("%(partner)s is invited to %(program)s"), "mail", _partner),
    ActivityKind("partner.approved", _("Became a partner"), _("%(partner)s takes part in %(program)s"), "check", _partner, tone="good"),
    ActivityKind("partner.refused", _("Partner refused"), _("%(partner)s does not take part in %(program)s: %(reason)s"), "x", (*_partner, _reason)),
    ActivityKind("partner.paused", _("Partner paused"), _("%(partner)s is paused in %(program)s: %(reason)s"), "pause", (*_partner, _reason), tone="warn"),
    ActivityKind("partner.resumed", _("Partner is back"), _("%(partner)s is back in %(program)s"), "refresh", _partner, tone="good"),
    # On the account that refers, and on the one that is referred.
    ActivityKind("referral.signed_up", _("Referral signed up"), _("%(customer)s signed up, referred by %(partner)s (%(program)s)"), "user", _referral, tone="good"),
    ActivityKind("referral.bound", _("Came by referral"), _("Referred by %(partner)s (%(program)s)"), "user", _referral),
    ActivityKind("referral.converted", _("Referral became a customer"), _("%(customer)s, referred by %(partner)s, has paid for the first time"), "zap", _referral, tone="good"),
    ActivityKind("referral.held", _("Referral held"), _("The referral of %(customer)s by %(partner)s waits for a decision: %(flags)s"), "alert",
                 (*_referral, Field("flags", str, _("Flags"), worded=flags_in_words), Field("flag_keys", list, _("Flags"), tuple(FlagReason.choices), public=False)), tone="warn"),
    ActivityKind("referral.approved", _("Referral approved"), _("The referral of %(customer)s by %(partner)s is approved. %(reason)s"), "check", (*_referral, _reason), tone="good"),
    ActivityKind("referral.denied", _("Referral refused"), _("The referral of %(customer)s by %(partner)s is refused. %(reason)s"), "x", (*_referral, _reason), tone="bad"),
    ActivityKind("referral.released", _("Referral released"), _("%(customer)s has finished onboarding and paid: what %(partner)s earned is no longer held"), "check", _referral, tone="good"),
    ActivityKind("referral.clawed_back", _("Referral clawed back"), _("%(customer)s left after %(days)s days: what %(partner)s earned for it is taken back"), "trend-down",
                 (*_referral, Field("days", int, _("Days"))), tone="bad"),
    ActivityKind("referral.rewarded", _("Reward for a referral"), _("%(reward)s for the referral of %(customer)s (%(program)s)"), "star",
                 _reward, tone="good"),
    ActivityKind("referral.reward_used", _("Reward honoured"), _("%(reward)s for the referral of %(customer)s (%(program)s) is honoured"), "check", _reward, tone="good"),
    ActivityKind("referral.reward_not_used", _("Reward not honoured after all"), _("%(reward)s for the referral of %(customer)s (%(program)s) was not honoured after all"), "refresh", _reward),
    ActivityKind("referral.promoter_ready", _("Promoter can be invited to refer"), _("%(contact)s gave %(score)s of 10 and health is good: invite to %(program)s"), "star",
                 (Field("contact", label=_("Contact")), Field("score", int, _("Score")), Field("program", label=_("Program")), Field("program_id", int, public=False)), tone="good"),
    ActivityKind("payout.made", _("Payout on its way"), _("%(partner)s gets %(amount)s %(currency)s"), "card", _payout),
    ActivityKind("payout.paid", _("Payout paid"), _("%(partner)s was paid %(amount)s %(currency)s"), "check", _payout, tone="good"),
    ActivityKind("payout.failed", _("Payout failed"), _("%(partner)s could not be paid %(amount)s %(currency)s: %(reason)s"), "alert", (*_payout, _reason), tone="bad"),
)  # fmt: skip
