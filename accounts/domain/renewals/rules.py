"""What a renewal's days mean (RULES 3), and when the clock alone will do something about it."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.domain.anniversaries import notice_deadline
from accounts.domain.rules import days, numbers, several, share
from accounts.enums import Band
from accounts.models import Renewal

MONTHLY_DAYS = 31
BANDS = tuple(band.value for band in Band)
CHANCES = tuple(f"renewals.chance_{band}" for band in BANDS)  # rules
# Who must be left in peace, nobody knows for how long, is looked at again so much later.
ASK_AGAIN = timedelta(days=7)
# Up to this answer (of 10) the intent is low: a call within a day.
LOW_INTENT = 6

DAY = timedelta(days=1)


def odds_of_renewal(band: str) -> Decimal:
    """How likely a customer of this band is to renew."""
    return share(f"renewals.chance_{band if band in BANDS else Band.UNKNOWN.value}")


def all_odds() -> dict[str, Decimal]:
    return dict(zip(BANDS, (Decimal(chance) / 100 for chance in several(*CHANCES)), strict=True))


def far_apart() -> Decimal:
    """Model, CSM and customer further apart than this disagree."""
    return share("renewals.apart")


def settle_within() -> timedelta:
    return days("renewals.settle_days")


def intent_days() -> tuple[int, int]:
    """So many days before the decision date the customer is asked; a term that comes in later is asked about until so
    many are left."""
    return several("renewals.intent_days", "renewals.intent_latest")


def decision_date(ends_on: date, notice_days: int, *, auto_renew: bool) -> date:
    """Who does nothing is bound again when notice can no longer be given; else when the term is over."""
    return notice_deadline(ends_on, notice_days) if auto_renew else ends_on


def windows(term: Renewal) -> tuple[int, ...]:
    """Days before the decision date at which a term is announced; monthly terms have hardly begun by then."""
    return numbers("renewals.monthly_windows" if term.monthly else "renewals.windows")


def _told(term: Renewal) -> int:
    """The nearest window announced for this decision date; more than any where none was."""
    return term.told_days if term.told_days is not None and term.told_for == term.decision_date else 10_000


def to_announce(term: Renewal, today: date) -> int | None:
    """The window to announce now: where several have passed unseen, the nearest alone."""
    left = (term.decision_date - today).days
    passed = [days for days in windows(term) if left <= days]
    return min(passed) if left >= 0 and passed and min(passed) < _told(term) else None


def to_ask(term: Renewal, today: date) -> bool:
    """Whether the customer is asked now how likely they are to renew. Not every month."""
    left, (first, latest) = (term.decision_date - today).days, intent_days()
    return not term.monthly and term.intent_asked_at is None and latest < left <= first


def ends(term: Renewal, today: date) -> bool:
    """Whether it is over: it rolls over on its day, or lapses the day after."""
    last = over_on(term)
    return last is not None and last <= today


def over_on(term: Renewal) -> date | None:
    if term.auto_renew:
        return term.ends_on
    return term.ends_on + DAY if term.lapsed_at is None else None


def attention_on(term: Renewal, today: date, ask_on: date | None = None) -> date | None:
    """The next day on which the clock does something with an undecided term; today where it is due. `ask_on`: when to
    ask the customer, where that cannot be now."""
    if to_announce(term, today) is not None or (ask_on is None and to_ask(term, today)):
        return today
    ahead = [ask_on] if ask_on else []
    ahead += [term.decision_date - window * DAY for window in windows(term) if window < _told(term)]
    if not term.monthly and term.intent_asked_at is None:
        ahead.append(term.decision_date - intent_days()[0] * DAY)
    ahead = [day for day in ahead if day > today]
    if (over := over_on(term)) is not None:
        ahead.append(max(over, today))
    return min(ahead, default=None)
