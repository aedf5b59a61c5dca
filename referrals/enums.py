"""Words of referrals. Values are stored and sent: they never change."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class ProgramKind(TextChoices):
    CUSTOMER = "customer", pgettext_lazy("program", "Customers refer their peers")
    AFFILIATE = "affiliate", pgettext_lazy("program", "Affiliates promote us")


class ProgramStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("program", "Draft")
    RUNNING = "running", pgettext_lazy("program", "Running")
    # New customers are bound to nobody; those who are bound go on earning.
    PAUSED = "paused", pgettext_lazy("program", "Paused")
    ENDED = "ended", pgettext_lazy("program", "Ended")


class Attribution(TextChoices):
    LAST = "last", pgettext_lazy("attribution", "The last click")
    FIRST = "first", pgettext_lazy("attribution", "The first click")


class CommissionKind(TextChoices):
    NONE = "none", pgettext_lazy("commission", "None")
    PERCENT = "percent", pgettext_lazy("commission", "Per cent of each payment")
    FLAT = "flat", pgettext_lazy("commission", "A fixed sum for each payment")
    BOUNTY = "bounty", pgettext_lazy("commission", "A fixed sum for each customer, once")


class TierMode(TextChoices):
    """What a higher tier's rate is paid on."""

    MARGINAL = "marginal", pgettext_lazy("tiers", "On the customers of that tier")
    RETROACTIVE = "retroactive", pgettext_lazy("tiers", "On all customers")


class IncentiveKind(TextChoices):
    NONE = "none", pgettext_lazy("incentive", "Nothing")
    CREDIT = "credit", pgettext_lazy("incentive", "Credit on their next invoice")
    PERCENT = "percent", pgettext_lazy("incentive", "Per cent off for some months")
    CASH = "cash", pgettext_lazy("incentive", "Money")


class Side(TextChoices):
    """The two sides of a referral."""

    REFERRER = "referrer", pgettext_lazy("referral", "Who refers")
    FRIEND = "friend", pgettext_lazy("referral", "Who is referred")


class IncentiveStatus(TextChoices):
    GRANTED = "granted", pgettext_lazy("incentive", "To honour")
    USED = "used", pgettext_lazy("incentive", "Honoured")
    REVOKED = "revoked", pgettext_lazy("incentive", "Taken back")


class PartnerStatus(TextChoices):
    INVITED = "invited", pgettext_lazy("partner", "Invited")
    APPLIED = "applied", pgettext_lazy("partner", "Applied")
    APPROVED = "approved", pgettext_lazy("partner", "Approved")
    REFUSED = "refused", pgettext_lazy("partner", "Refused")
    PAUSED = "paused", pgettext_lazy("partner", "Paused")


class PayoutMethod(TextChoices):
    BANK = "bank", pgettext_lazy("payout", "Bank transfer")
    PAYPAL = "paypal", pgettext_lazy("payout", "PayPal")
    OTHER = "other", pgettext_lazy("payout", "Another way")


class CodeKind(TextChoices):
    LINK = "link", pgettext_lazy("code", "Link")
    COUPON = "coupon", pgettext_lazy("code", "Coupon")


class MaterialKind(TextChoices):
    TEXT = "text", pgettext_lazy("material", "Text")
    LINK = "link", pgettext_lazy("material", "Link")
    IMAGE = "image", pgettext_lazy("material", "Image")


class Channel(TextChoices):
    """How a referral is passed on."""

    LINK = "link", pgettext_lazy("channel", "Link")
    MAIL = "mail", pgettext_lazy("channel", "Mail")
    SOCIAL = "social", pgettext_lazy("channel", "Social networks")
    MESSENGER = "messenger", pgettext_lazy("channel", "Messenger")
    WEBSITE = "website", pgettext_lazy("channel", "Website")
    EVENT = "event", pgettext_lazy("channel", "Event")
    QR = "qr", pgettext_lazy("channel", "QR code")
    COUPON = "coupon", pgettext_lazy("channel", "Coupon")
    OTHER = "other", pgettext_lazy("channel", "Other")


class ReferralStatus(TextChoices):
    """How far the referred one has come."""

    LEAD = "lead", pgettext_lazy("referral", "Lead")
    CUSTOMER = "customer", pgettext_lazy("referral", "Customer")
    CHURNED = "churned", pgettext_lazy("referral", "Churned")


class Review(TextChoices):
    """What the rules against fraud found, and what was decided about it."""

    CLEAR = "clear", pgettext_lazy("review", "Nothing found")
    REVIEW = "review", pgettext_lazy("review", "To be looked at")
    HELD = "held", pgettext_lazy("review", "Held")
    APPROVED = "approved", pgettext_lazy("review", "Approved")
    DENIED = "denied", pgettext_lazy("review", "Refused")

    @classmethod
    def open(cls) -> "list[Review]":
        """Those that wait for a decision."""
        return [cls.REVIEW, cls.HELD]


class FlagReason(TextChoices):
    SELF = "self", pgettext_lazy("flag", "The partner's own address")
    SAME_DOMAIN = "same_domain", pgettext_lazy("flag", "Same company as the partner")
    SAME_DEVICE = "same_device", pgettext_lazy("flag", "Same device as the partner")
    COUPON_LEAK = "coupon_leak", pgettext_lazy("flag", "The coupon looks leaked: many sales without a click")
    DISPOSABLE = "disposable", pgettext_lazy("flag", "Disposable address")
    SAME_IP = "same_ip", pgettext_lazy("flag", "Same network address as the partner")
    BY_HAND = "by_hand", pgettext_lazy("flag", "Held by hand")


class WhyNothing(TextChoices):
    """Why a conversion earned nothing, or less than it could."""

    NO_COMMISSION = "no_commission", pgettext_lazy("conversion", "The program pays no commission")
    PERIOD_OVER = "period_over", pgettext_lazy("conversion", "The months that earn are over")
    ONCE = "once", pgettext_lazy("conversion", "Paid once for each customer")
    CAP_CUSTOMER = "cap_customer", pgettext_lazy("conversion", "The most for one customer is reached")
    CAP_MONTH = "cap_month", pgettext_lazy("conversion", "The partner's most for the month is reached")
    PAUSED = "paused", pgettext_lazy("conversion", "The partner was paused")
    DENIED = "denied", pgettext_lazy("conversion", "The referral was refused")
    NOTHING_PAID = "nothing_paid", pgettext_lazy("conversion", "Nothing was paid")
    PROGRAM_OVER = "program_over", pgettext_lazy("conversion", "Outside the program's period")
    BEFORE = "before_sign_up", pgettext_lazy("conversion", "Paid before the sign-up")


class RefundStatus(TextChoices):
    WAITING = "waiting", pgettext_lazy("refund", "Waits for its payment")
    APPLIED = "applied", pgettext_lazy("refund", "Applied")
    REFUSED = "refused", pgettext_lazy("refund", "Refused")


class EntryKind(TextChoices):
    ACCRUAL = "accrual", pgettext_lazy("ledger", "Earned")
    REVERSAL = "reversal", pgettext_lazy("ledger", "Reversed")
    PAYOUT = "payout", pgettext_lazy("ledger", "Paid out")
    PAYOUT_FAILED = "payout_failed", pgettext_lazy("ledger", "Payout failed")
    ADJUSTMENT = "adjustment", pgettext_lazy("ledger", "Adjusted")


class EntryCause(TextChoices):
    """What an entry is for."""

    COMMISSION = "commission", pgettext_lazy("ledger", "Commission")
    TIER = "tier", pgettext_lazy("ledger", "Higher tier")
    BONUS = "bonus", pgettext_lazy("ledger", "Bonus")
    REFUND = "refund", pgettext_lazy("ledger", "Refund")
    CLAWBACK = "clawback", pgettext_lazy("ledger", "Left early")
    DENIED = "denied", pgettext_lazy("ledger", "Referral refused")
    RESTORED = "restored", pgettext_lazy("ledger", "Referral approved after all")
    PAYOUT = "payout", pgettext_lazy("ledger", "Payout")
    BY_HAND = "by_hand", pgettext_lazy("ledger", "By hand")


class Book(TextChoices):
    """The accounts of the double entry."""

    EXPENSE = "expense", pgettext_lazy("ledger", "Commission expense")
    PAYABLE = "payable", pgettext_lazy("ledger", "Partner payable")
    CASH = "cash", pgettext_lazy("ledger", "Cash")


class BatchStatus(TextChoices):
    OPEN = "open", pgettext_lazy("payout batch", "To be paid")
    EXPORTED = "exported", pgettext_lazy("payout batch", "Exported")
    CLOSED = "closed", pgettext_lazy("payout batch", "Closed")


class PayoutStatus(TextChoices):
    DUE = "due", pgettext_lazy("payout", "To be paid")
    PAID = "paid", pgettext_lazy("payout", "Paid")
    FAILED = "failed", pgettext_lazy("payout", "Failed")


class CarryReason(TextChoices):
    """Why a partner's available money stays for the next batch."""

    BELOW_MINIMUM = "below_minimum", pgettext_lazy("payout", "Below the minimum")
    NEGATIVE = "negative", pgettext_lazy("payout", "The partner owes us")
    NO_METHOD = "no_method", pgettext_lazy("payout", "No payout method")
    PAUSED = "paused", pgettext_lazy("payout", "The partner is paused")


class TraceKind(TextChoices):
    DEVICE = "device", pgettext_lazy("trace", "Device")
    IP = "ip", pgettext_lazy("trace", "Network address")
