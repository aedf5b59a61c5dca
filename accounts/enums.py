"""Words of the field that several models share. Values are stored and sent: they never change."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _, pgettext_lazy


class Role(TextChoices):
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    CSM = "csm", _("CSM")
    VIEWER = "viewer", _("Viewer")


class Band(TextChoices):
    RED = "red", pgettext_lazy("band", "Red")
    YELLOW = "yellow", pgettext_lazy("band", "Yellow")
    GREEN = "green", pgettext_lazy("band", "Green")
    THRIVING = "thriving", pgettext_lazy("band", "Thriving")
    UNKNOWN = "unknown", pgettext_lazy("band", "Unknown")


class Stage(TextChoices):
    """Where a customer is on its way with us."""

    TRIAL = "trial", pgettext_lazy("stage", "Trial")
    ONBOARDING = "onboarding", pgettext_lazy("stage", "Onboarding")
    ACTIVE = "active", pgettext_lazy("stage", "Active")
    CHURNED = "churned", pgettext_lazy("stage", "Churned")


class TouchModel(TextChoices):
    LOW = "low", pgettext_lazy("touch model", "Low touch")
    MID = "mid", pgettext_lazy("touch model", "Mid touch")
    HIGH = "high", pgettext_lazy("touch model", "High touch")


class Complexity(TextChoices):
    """How much there is to learn and to set up in a plan."""

    LOW = "low", pgettext_lazy("complexity", "Low")
    MID = "mid", pgettext_lazy("complexity", "Medium")
    HIGH = "high", pgettext_lazy("complexity", "High")


class SubscriptionStatus(TextChoices):
    TRIALING = "trialing", pgettext_lazy("subscription", "Trialing")
    ACTIVE = "active", pgettext_lazy("subscription", "Active")
    PAST_DUE = "past_due", pgettext_lazy("subscription", "Past due")
    CANCELED = "canceled", pgettext_lazy("subscription", "Canceled")


class Interval(TextChoices):
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")

    @classmethod
    def by_price(cls) -> "list[Interval]":
        """What a plan has prices for."""
        return [cls.MONTH, cls.YEAR]


class ValueMetric(TextChoices):
    """What a plan's price follows."""

    SEAT = "seat", pgettext_lazy("price", "Per seat")
    TIERED = "tiered", pgettext_lazy("price", "Tiered: the more seats, the less each costs")
    FLAT = "flat", pgettext_lazy("price", "Flat: one price for all seats")
    METERED = "metered", pgettext_lazy("price", "Metered: a base fee, and what is used")


class DecreaseRule(TextChoices):
    """From when fewer seats or a smaller plan hold."""

    NOW = "now", pgettext_lazy("decrease", "At once, with a credit for the days left")
    PERIOD_END = "period_end", pgettext_lazy("decrease", "At the end of the paid period")


class MovementKind(TextChoices):
    NEW = "new", pgettext_lazy("movement", "New")
    REACTIVATION = "reactivation", pgettext_lazy("movement", "Reactivation")
    EXPANSION = "expansion", pgettext_lazy("movement", "Expansion")
    CONTRACTION = "contraction", pgettext_lazy("movement", "Contraction")
    CHURN = "churn", pgettext_lazy("movement", "Churn")
    FX = "fx", pgettext_lazy("movement", "Exchange rate")


class ChurnReason(TextChoices):
    COMPETITOR = "competitor", _("Competitor")
    FREE_PLAN = "free_plan", _("Went back to a free plan")
    OUT_OF_BUSINESS = "out_of_business", _("Out of business")
    PRICE = "price", _("Price")
    MISSING_FEATURE = "missing_feature", _("Missing feature")
    SUPPORT_QUALITY = "support_quality", _("Support quality")
    NO_VALUE = "no_value", _("No value")
    OTHER = "other", _("Other")


class Priority(IntegerChoices):
    """Smaller comes first."""

    URGENT = 1, _("Urgent")
    HIGH = 2, _("High")
    NORMAL = 3, pgettext_lazy("priority", "Normal")
    LOW = 4, pgettext_lazy("priority", "Low")


class FollowUpStatus(TextChoices):
    OPEN = "open", pgettext_lazy("follow-up", "Open")
    SNOOZED = "snoozed", pgettext_lazy("follow-up", "Snoozed")
    DONE = "done", pgettext_lazy("follow-up", "Done")
    CANCELED = "canceled", pgettext_lazy("follow-up", "Canceled")


class Outcome(TextChoices):
    """What came of a follow-up: feeds its playbook's precision."""

    HELPED = "helped", pgettext_lazy("outcome", "Helped")
    NO_ANSWER = "no_answer", pgettext_lazy("outcome", "No answer")
    FALSE_ALARM = "false_alarm", pgettext_lazy("outcome", "False alarm")
    TOO_EARLY = "too_early", pgettext_lazy("outcome", "Too early")
    ALREADY_KNOWN = "already_known", pgettext_lazy("outcome", "Already known")


class PlaybookState(TextChoices):
    DRAFT = "draft", pgettext_lazy("playbook", "Draft")
    ON = "on", pgettext_lazy("playbook", "On")
    OFF = "off", pgettext_lazy("playbook", "Off")


class DueClock(TextChoices):
    ELAPSED = "elapsed", _("Elapsed hours")
    BUSINESS = "business", _("Business hours")


class AssigneeRule(TextChoices):
    CSM = "csm", _("The account's CSM")
    MANAGER = "manager", _("The manager")
    POOL = "pool", _("A pool: whoever has least to do")


class DeliveryStatus(TextChoices):
    PENDING = "pending", pgettext_lazy("delivery", "Pending")
    DONE = "done", pgettext_lazy("delivery", "Done")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Skipped")
    FAILED = "failed", pgettext_lazy("delivery", "Failed, will be tried again")
    PARKED = "parked", pgettext_lazy("delivery", "Parked")


class RenewalStage(TextChoices):
    UPCOMING = "upcoming", pgettext_lazy("renewal", "Upcoming")
    ENGAGED = "engaged", pgettext_lazy("renewal", "Engaged")
    COMMITTED = "committed", pgettext_lazy("renewal", "Committed")
    RENEWED = "renewed", pgettext_lazy("renewal", "Renewed")
    EXPANDED = "expanded", pgettext_lazy("renewal", "Expanded")
    CONTRACTED = "contracted", pgettext_lazy("renewal", "Contracted")
    LOST = "lost", pgettext_lazy("renewal", "Lost")

    @classmethod
    def open(cls) -> "list[RenewalStage]":
        return [cls.UPCOMING, cls.ENGAGED, cls.COMMITTED]

    @classmethod
    def decided(cls) -> "list[RenewalStage]":
        return [cls.RENEWED, cls.EXPANDED, cls.CONTRACTED, cls.LOST]


class IntentFactor(TextChoices):
    """What a customer's decision depends on."""

    VALUE = "value", pgettext_lazy("renewal intent", "The value it brings us")
    PRICE = "price", pgettext_lazy("renewal intent", "The price")
    MISSING_FEATURES = "missing_features", pgettext_lazy("renewal intent", "Missing features")
    SUPPORT = "support", pgettext_lazy("renewal intent", "The support")
    COMPETITOR = "competitor", pgettext_lazy("renewal intent", "Another product")
    BUDGET = "budget", pgettext_lazy("renewal intent", "Our budget")
    PEOPLE_LEFT = "people_left", pgettext_lazy("renewal intent", "People who used it have left")
    OTHER = "other", pgettext_lazy("renewal intent", "Something else")


class AskKind(TextChoices):
    """What costs a person's goodwill: one cool-down holds over all of these."""

    SURVEY = "survey", pgettext_lazy("ask", "Survey")
    REFERRAL = "referral", pgettext_lazy("ask", "Referral")
    CASE_STUDY = "case_study", pgettext_lazy("ask", "Case study")
    REVIEW = "review", pgettext_lazy("ask", "Review")
    UPSELL = "upsell", pgettext_lazy("ask", "Upsell")


class MailStatus(TextChoices):
    QUEUED = "queued", pgettext_lazy("mail", "Waiting")
    SENDING = "sending", pgettext_lazy("mail", "Being sent")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    FAILED = "failed", pgettext_lazy("mail", "Failed, will be tried again")
    PARKED = "parked", pgettext_lazy("mail", "Given up")
    BOUNCED = "bounced", pgettext_lazy("mail", "Bounced")
    CANCELED = "canceled", pgettext_lazy("mail", "Canceled")


class WebhookStatus(TextChoices):
    WAITING = "waiting", pgettext_lazy("webhook", "Waiting")
    SENDING = "sending", pgettext_lazy("webhook", "Being sent")
    DELIVERED = "delivered", pgettext_lazy("webhook", "Delivered")
    FAILED = "failed", pgettext_lazy("webhook", "Given up")
    CANCELED = "canceled", pgettext_lazy("webhook", "Canceled")


class CostKind(TextChoices):
    """What money was spent on."""

    WINNING = "winning", pgettext_lazy("cost", "Winning customers: marketing and sales")
    KEEPING = "keeping", pgettext_lazy("cost", "Keeping customers: programs and tools")
