"""What works: groups of customers side by side, and what the best ones have in common. It tells what goes together with
how sure one can be of it; that one brings the other, nobody can tell from this."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.domain.metrics.groups import Measured, Member, Row, kept, life, measures_of, side_by_side
from accounts.domain.metrics.months import following
from accounts.domain.numbers.asking import Asked
from accounts.enums import Stage, TouchModel
from accounts.models import Account, Movement, Subscription
from accounts.registry import Effect, effects, traits

OWN: dict[str, Any] = {
    "channel": _("Channel"),
    "segment": _("Segment"),
    "plan": _("Plan"),
    "touch": _("Touch model"),
    "industry": _("Industry"),
    "country": _("Country"),
}
# A trait of fewer customers tells nothing, however good they are; one that nearly all have does not tell them apart.
FEWEST = 5
# Whose trial came to nothing has never been a customer, and cannot have been lost.
TRIED_ONLY = (
    Q(stage=Stage.CHURNED)
    & Exists(Subscription.objects.filter(account=OuterRef("pk"), trial_ends_on__isnull=False))
    & ~Exists(Movement.objects.filter(account=OuterRef("pk")))
)


@dataclass(frozen=True)
class Customer:
    member: Member
    own: dict[str, str]


def customers(asked: Asked) -> list[Customer]:
    """Who became a customer in the period: who came later has had less time to leave."""
    began = Account.objects.filter(started_on__gte=asked.first, started_on__lt=following(asked.last))
    chosen = asked.accounts()
    if chosen is not None:
        began = began.filter(pk__in=chosen)
    columns = ("pk", "started_on", "mrr", "churned_on", "stage", "channel", "segment__name", "plan__name",
               "touch_model", "industry", "country")  # fmt: skip
    rows = began.exclude(stage=Stage.TRIAL).exclude(TRIED_ONLY).order_by().values_list(*columns)
    today, zone = timezone.localdate(), timezone.get_current_timezone()
    touch = {value: str(label) for value, label in TouchModel.choices}
    found = []
    for pk, started, mrr, left, stage, channel, segment, plan, model, industry, country in rows:
        left_on = (left or today) if stage == Stage.CHURNED else None
        member = Member(pk, datetime.combine(started, time(), zone), mrr, left_on)
        own = {"channel": channel, "segment": segment or "", "plan": plan or "", "touch": touch.get(model, ""),
               "industry": industry, "country": country}  # fmt: skip
        found.append(Customer(member, own))
    return found


# Side by side -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    effect: Effect
    first: int  # accounts
    second: int
    rows: Sequence[Row]


def compared(found: Sequence[Customer]) -> list[Compared]:
    by_id = {one.member.id: one.member for one in found}
    known = measures_of([*by_id.values()])
    return [_compared(effect, by_id, known) for effect in effects.sorted()]


def _compared(effect: Effect, by_id: dict[int, Member], known: Measured) -> Compared:
    first, second = ([by_id[pk] for pk in ids if pk in by_id] for ids in effect.split(list(by_id)))
    return Compared(effect, len(first), len(second), side_by_side(first, second, known))


# What the best have in common -----------------------------------------------------------------------


@dataclass(frozen=True)
class Trait:
    """Those who have it, beside all others."""

    kind: Any
    name: str
    count: int
    of: int
    kept: Row
    life: Row

    @property
    def ratio(self) -> float | None:
        """How many times the others' lifetime value."""
        first, second = self.life.first.value, self.life.second.value
        return first / second if first and second else None

    @property
    def tells(self) -> bool:
        return self.life.differs or self.kept.differs

    @property
    def too_few(self) -> bool:
        return self.life.too_few and self.kept.too_few


def profile(found: Sequence[Customer]) -> list[Trait]:
    """What goes with a high lifetime value or with staying comes first; then what may be chance."""
    members = [one.member for one in found]
    rows = [
        _trait(kind, name, ids, members)
        for kind, name, ids in _all_traits(found)
        if FEWEST <= len(ids) <= len(members) - FEWEST
    ]
    return sorted(rows, key=_rank)


def _rank(trait: Trait) -> tuple[Any, ...]:
    apart = trait.kept.apart.value or 0.0
    return (not trait.tells, trait.too_few, -(trait.ratio or 1.0), -apart, trait.name)


def _all_traits(found: Sequence[Customer]) -> list[tuple[Any, str, set[int]]]:
    rows = []
    for kind, title in OWN.items():
        groups: dict[str, set[int]] = {}
        for one in found:
            if one.own[kind]:
                groups.setdefault(one.own[kind], set()).add(one.member.id)
        rows += [(title, name, ids) for name, ids in groups.items()]
    ids = [one.member.id for one in found]
    for kinds in traits.sorted():
        rows += [(kinds.title, name, set(having) & set(ids)) for name, having in kinds.load(ids).items()]
    return rows


def _trait(kind: Any, name: str, ids: Collection[int], members: Sequence[Member]) -> Trait:
    having = [one for one in members if one.id in ids]
    others = [one for one in members if one.id not in ids]
    return Trait(kind, name, len(having), len(members), kept(having, others), life(having, others))
