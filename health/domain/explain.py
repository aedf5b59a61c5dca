"""Why a score is what it is, and what moved it between two days: as printed, the parts add up exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from accounts import formats
from accounts.exceptions import DomainError
from accounts.models import Account
from health.models import Score
from health.registry import indicator

VERSION, MISSING = "version", "missing"


@dataclass(frozen=True)
class Effect:
    """One reason for a move: an indicator's key, MISSING or VERSION; points in tenths are its printed form."""

    key: str
    label: str
    points: Decimal
    detail: str = ""


@dataclass(frozen=True)
class Moves:
    day_from: date
    day_to: date
    before: Decimal
    after: Decimal
    change: Decimal
    effects: tuple[Effect, ...]
    sentence: str


def moves(account: Account, day_from: date, day_to: date) -> Moves:
    """What moved the score from one day to the other. DomainError where one of them has no score."""
    found = Score.objects.filter(account=account, day__in=[day_from, day_to]).select_related("version__model__segment")
    kept = {score.day: score for score in found}
    for day in (day_from, day_to):
        if day not in kept or kept[day].score is None:
            sentence = _("There is no score of %(day)s.") % {"day": formats.day(day)}
            raise DomainError(sentence, code="no_score", status=404)
    return explain(kept[day_from], kept[day_to])


def moved_to(new: Score, day_from: date) -> Moves:
    """What moved the score to this one, since a day that has one."""
    old = Score.objects.get(account=new.account_id, day=day_from)
    if old.version_id == new.version_id:
        old.version = new.version
    return explain(old, new)


def explain(old: Score, new: Score) -> Moves:
    exact = decompose(_known(old), old.version.weight_of, _known(new), new.version.weight_of)
    exact = {key: effect for key, effect in exact.items() if effect}
    before, after = tenths(old.score or 0), tenths(new.score or 0)
    printed = share_out(exact, after - before)
    effects = tuple(
        Effect(key, _label(key), Decimal(printed[key]).scaleb(-1), _detail(key, old, new))
        for key in sorted(exact, key=lambda key: (-abs(exact[key]), key))
    )
    return Moves(
        day_from=old.day,
        day_to=new.day,
        before=Decimal(before).scaleb(-1),
        after=Decimal(after).scaleb(-1),
        change=Decimal(after - before).scaleb(-1),
        effects=effects,
        sentence=_sentence(old.day, Decimal(after - before).scaleb(-1), effects),
    )


def decompose(
    old: Mapping[str, int], old_weights: Mapping[str, int], new: Mapping[str, int], new_weights: Mapping[str, int]
) -> dict[str, Fraction]:
    """Effects in thousandths, exactly adding to the difference of the two scores.

    First the other model, on what was known then; then what has come or gone, on both days' values; what is left
    is the indicators' own.
    """
    both = [key for key in new_weights if key in old and key in new]
    # Whoever has a score has something known: only the old values under the new model can be nothing.
    then, now = _mean(old, old_weights) or Fraction(0), _mean(new, new_weights) or Fraction(0)
    restated = _mean(old, new_weights)
    effects: dict[str, Fraction] = {}
    if dict(old_weights) != dict(new_weights):
        # Nothing that the new model weighs was known: all the rest is what was missing then.
        effects[VERSION] = (restated if restated is not None else then) - then
        then = restated if restated is not None else then
    if not both:
        return {**effects, MISSING: now - then}
    common = sum(new_weights[key] for key in both)
    for key in both:
        effects[key] = Fraction(new_weights[key] * (new[key] - old[key]), common)
    effects[MISSING] = now - then - sum(effects[key] for key in both)
    return effects


def _mean(values: Mapping[str, int], weights: Mapping[str, int]) -> Fraction | None:
    known = sum(weights[key] for key in weights if key in values)
    return Fraction(sum(weights[key] * values[key] for key in weights if key in values), known) if known else None


def share_out(exact: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """`total` tenths of a point by the exact thousandths: each rounded down, what is left to the largest remainders."""
    parts = {key: value / 100 for key, value in exact.items()}
    whole = {key: part.__floor__() for key, part in parts.items()}
    order = sorted(parts, key=lambda key: (whole[key] - parts[key], key))  # largest remainder first
    left = total - sum(whole.values())
    for n in range(abs(left)):
        key = order[n % len(order)] if left > 0 else order[-1 - n % len(order)]
        whole[key] += 1 if left > 0 else -1
    return whole


def tenths(thousandths: Fraction | int) -> int:
    return (Fraction(thousandths) / 100 + Fraction(1, 2)).__floor__()


def _known(score: Score) -> dict[str, int]:
    return {k: v for k, v in zip(score.version.indicators, score.values, strict=True) if v is not None}


def _label(key: str) -> str:
    if key == VERSION:
        return _("Another model")
    return _("Missing or stale") if key == MISSING else str(indicator(key).label)


def _detail(key: str, old: Score, new: Score) -> str:
    then, now = _known(old), _known(new)
    if key == VERSION:
        return f"{old.version} → {new.version}"
    if key == MISSING:
        return _come_and_gone(then, now, new)
    return f"{formats.number(_points(then[key]))} → {formats.number(_points(now[key]))}"


def _points(thousandths: int) -> Decimal:
    return Decimal(tenths(thousandths)).scaleb(-1)


def _come_and_gone(then: Mapping[str, int], now: Mapping[str, int], new: Score) -> str:
    gone = [str(indicator(key).label) for key in then if key not in now and key in new.version.indicators]
    come = [str(indicator(key).label) for key in now if key not in then]
    texts = [_("no longer known: %(names)s") % {"names": ", ".join(gone)}] if gone else []
    texts += [_("new: %(names)s") % {"names": ", ".join(come)}] if come else []
    return "; ".join(texts)


def _sentence(since: date, change: Decimal, effects: Sequence[Effect]) -> str:
    day = formats.day(since)
    named = ", ".join(f"{e.label} {formats.number(e.points, signed=True, decimals=1)}" for e in effects if e.points)
    if not named:
        return _("Nothing has moved it since %(day)s.") % {"day": day}
    words = {"change": formats.number(abs(change), decimals=1), "day": day, "effects": named}
    if change > 0:
        return _("Up %(change)s since %(day)s: %(effects)s.") % words
    if change < 0:
        return _("Down %(change)s since %(day)s: %(effects)s.") % words
    return _("The same as on %(day)s: %(effects)s.") % words
