"""The referrals that a figure is made of: the rows that it counts, with their part of the money."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, Sum

from accounts.domain import keyset
from referrals.domain.figures import Money, Window, counted, summed
from referrals.models import Program, Referral

STEPS = ("sign_ups", "customers", "churned", "money")
SIZE = 50
NEWEST = keyset.Order("signed_up_at", descending=True)


@dataclass(frozen=True)
class Asked:
    step: str
    window: Window
    program: Program | None = None
    partner: int | None = None
    channel: str = ""

    def rows(self) -> QuerySet[Referral]:
        rows = _with_money(self.window) if self.step == "money" else _counted(self.step, self.window)
        given = {"program": self.program, "partner": self.partner, "channel": self.channel}
        return rows.filter(**{name: value for name, value in given.items() if value})


def _counted(step: str, window: Window) -> QuerySet[Referral]:
    return next(rows for name, rows, _of in counted(window) if name == step)


def _with_money(window: Window) -> QuerySet[Referral]:
    """Of whom a payment, a refund, a commission or a credit falls into these days."""
    found = [Q(pk__in=rows.order_by().values(of)) for _name, rows, of, *_rest in summed(window)]
    return Referral.objects.filter(reduce(or_, found))


@dataclass(frozen=True)
class Part:
    """A referral, and its part of the period's money, in its program's currency."""

    referral: Referral
    money: Money


def page(asked: Asked, *, after: str = "", before: str = "") -> keyset.Page:
    column = Referral._meta.get_field("signed_up_at")
    found = keyset.page(
        asked.rows().select_related("program", "partner", "account"),
        NEWEST,
        after=keyset.read_position(after, column) if after else None,
        before=keyset.read_position(before, column) if before else None,
        size=SIZE,
        at=lambda row: (row.signed_up_at.isoformat(), row.pk),
    )
    money = _money_of(found.rows, asked.window)
    return keyset.Page([Part(row, money[row.pk]) for row in found.rows], found.previous, found.next)


def _money_of(referrals: Sequence[Referral], window: Window) -> dict[int, Money]:
    """Four statements for a page."""
    found: dict[int, Money] = defaultdict(Money)
    ids = [row.pk for row in referrals]
    for name, rows, of, _currency, amount in summed(window):
        sums = rows.filter(**{f"{of}__in": ids}).order_by().values_list(of).annotate(total=Sum(amount))
        for pk, total in sums:
            setattr(found[pk], name, int(total))
    return found
