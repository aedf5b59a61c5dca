"""The arithmetic of answers, each figure by its rule (N1 to N3, N9, N11). Knows no rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, erfc, sqrt
from typing import Any

from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.exceptions import DomainError
from health.enums import NpsGroup

Z95 = 1.959964
SIGNIFICANT = 0.05
HIGHEST = 10
LOWEST_PASSIVE, LOWEST_PROMOTER = 7, 9


def enough() -> int:
    """Answers; with fewer there is no telling."""
    return rules.number("surveys.enough")


# One score ------------------------------------------------------------------------------------------------


def group_of(score: int) -> NpsGroup:
    if score >= LOWEST_PROMOTER:
        return NpsGroup.PROMOTER
    return NpsGroup.PASSIVE if score >= LOWEST_PASSIVE else NpsGroup.DETRACTOR


def parse_score(value: Any, lowest: int = 0, highest: int = HIGHEST) -> int:
    """A whole number, or its digits as a form sends them. Anything else is refused, never rounded into a group."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        sentence = _("A whole number from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}
        raise DomainError(sentence, code="score_wrong", errors={"score": [sentence]})
    return value


# Many scores ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """NPS of a set of answers. `nps` is not rounded; without answers there is none, which is not 0."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def exact(self) -> Fraction | None:
        return Fraction(100 * (self.promoters - self.detractors), self.n) if self.n else None

    @property
    def nps(self) -> float | None:
        return None if self.exact is None else float(self.exact)

    @property
    def display(self) -> int | None:
        return None if self.exact is None else half_away(self.exact)

    @property
    def se(self) -> float | None:
        if not self.n:
            return None
        balance = Fraction(self.promoters - self.detractors, self.n)
        return 100 * sqrt((Fraction(self.promoters + self.detractors, self.n) - balance**2) / self.n)

    @property
    def moe95(self) -> float | None:
        return None if self.se is None else Z95 * self.se

    @property
    def too_few(self) -> bool:
        return self.n < enough()

    def share(self, group: str) -> float:
        return self.counts[group] / self.n if self.n else 0.0

    @property
    def counts(self) -> dict[str, int]:
        return {
            NpsGroup.DETRACTOR: self.detractors,
            NpsGroup.PASSIVE: self.passives,
            NpsGroup.PROMOTER: self.promoters,
        }

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.promoters + other.promoters, self.passives + other.passives, self.detractors + other.detractors
        )


def nps(promoters: int, passives: int, detractors: int) -> Figure:
    return Figure(promoters, passives, detractors)


def of_scores(scores: Iterable[int]) -> Figure:
    """Every score is checked: one that is none is refused, not left in the divisor."""
    return of_distribution(_tally(parse_score(score) for score in scores))


def of_distribution(counts: Mapping[int, int]) -> Figure:
    """From how often each score was given."""
    groups = dict.fromkeys(NpsGroup.values, 0)
    for score, count in counts.items():
        groups[group_of(score)] += count
    return Figure(groups[NpsGroup.PROMOTER], groups[NpsGroup.PASSIVE], groups[NpsGroup.DETRACTOR])


def _tally(scores: Iterable[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for score in scores:
        counts[score] = counts.get(score, 0) + 1
    return counts


def half_away(value: Fraction) -> int:
    """12.5 is 13 and -12.5 is -13: not as round() has it."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


# Two periods ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """From one set of answers to another, and whether that may be chance. All None where a set is empty; `z` is
    None too where neither set has any spread."""

    delta: float | None = None
    se_delta: float | None = None
    z: float | None = None
    p_two_sided: float | None = None
    too_few: bool = True

    @property
    def significant(self) -> bool:
        return self.p_two_sided is not None and self.p_two_sided < SIGNIFICANT


def change(before: Figure, after: Figure) -> Change:
    if before.exact is None or after.exact is None:
        return Change()
    delta = float(after.exact - before.exact)
    spread = sqrt((before.se or 0.0) ** 2 + (after.se or 0.0) ** 2)
    too_few = before.too_few or after.too_few
    if not spread:
        return Change(delta, 0.0, None if delta else 0.0, 0.0 if delta else 1.0, too_few)
    z = delta / spread
    return Change(delta, spread, z, erfc(abs(z) / sqrt(2)), too_few)


def answers_needed(promoters: float, detractors: float, margin: float) -> int:
    """How many answers bring the margin of error down to `margin` points, at these shares of both ends."""
    shares = Fraction(str(promoters)), Fraction(str(detractors))
    if min(shares) < 0 or sum(shares) > 1:
        raise _wrong("shares", _("Shares are between 0 and 1, and together no more than 1."))
    if not margin > 0:
        raise _wrong("moe", _("A margin is more than 0 points."))
    variance = sum(shares) - (shares[0] - shares[1]) ** 2
    return ceil((Fraction(str(Z95)) * 100 / Fraction(str(margin))) ** 2 * variance)


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError(sentence, code=f"{field}_wrong", errors={field: [sentence]})


# Rates ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rates:
    """Of invites, not of mails: a reminder is no second invite, and a changed answer no second answer (N9)."""

    sent: int = 0
    bounced: int = 0
    answered: int = 0
    with_comment: int = 0

    @property
    def delivered(self) -> int:
        return self.sent - self.bounced

    @property
    def response_rate(self) -> float | None:
        return self.answered / self.delivered if self.delivered > 0 else None

    @property
    def comment_rate(self) -> float | None:
        return self.with_comment / self.answered if self.answered else None


# Whose voice ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Views:
    """One set of answers told in three ways, each by its name (N11): every answer counts alike; every account; every
    unit of money. `accounts` answered; `money` is theirs."""

    respondent: float | None = None
    account: float | None = None
    revenue: float | None = None
    accounts: int = 0
    money: Decimal = Decimal(0)


def views(accounts: Sequence[tuple[Decimal, Collection[int]]]) -> Views:
    """`accounts`: what each pays, and the scores its people gave. Who gave none has no part in it."""
    heard = [(Fraction(money), of_scores(scores)) for money, scores in accounts if scores]
    if not heard:
        return Views()
    own = [(money, figure.exact or Fraction(0)) for money, figure in heard]
    money = sum((money for money, _figure in heard), Fraction(0))
    return Views(
        sum((figure for _money, figure in heard), Figure()).nps,
        float(sum(value for _money, value in own) / len(own)),
        float(sum(money * value for money, value in own) / money) if money else None,
        len(heard),
        Decimal(money.numerator) / money.denominator,
    )
