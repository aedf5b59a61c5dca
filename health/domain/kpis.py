"""Key figures of health for the boards of numbers (accounts.registry.Kpi): NPS by month, each of three months: who has
answered is not asked again for ninety days."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.metrics.months import following
from accounts.domain.numbers.asking import Asked, Figure, Point
from accounts.domain.numbers.paging import Page, page_of
from health.domain.surveys.figures.arithmetic import (
    LOWEST_PASSIVE,
    LOWEST_PROMOTER,
    Figure as Answers,
    enough,
    of_distribution,
)

# An account counts as often as its people answered (N11: by respondent).
ANSWERS = """
    from health_answer
    where kind = 'nps' and answered_at >= %(first)s and answered_at < %(until)s
        and (%(everybody)s or account_id = any(%(ids)s))
"""
BY_MONTH = f"""
    select date_trunc('month', answered_at at time zone 'UTC')::date, score, count(*) {ANSWERS} group by 1, 2
"""
BY_ACCOUNT = f"""
    select account_id, count(*) filter (where score >= %(promoter)s),
        count(*) filter (where score >= %(passive)s and score < %(promoter)s),
        count(*) filter (where score < %(passive)s)
    {ANSWERS} group by 1
"""
MONTHS = 3


def _by_month(first: date, asked: Asked) -> dict[date, dict[int, int]]:
    found: dict[date, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BY_MONTH, _params(first, asked))
        for month, score, count in cursor.fetchall():
            found.setdefault(month, {})[score] = count
    return found


def _params(first: date, asked: Asked) -> dict[str, Any]:
    accounts = asked.accounts()
    ids = None if accounts is None else list(accounts.values_list("pk", flat=True))
    return {"first": first, "until": following(asked.last), "everybody": ids is None, "ids": ids or []}


def who_answered(asked: Asked, size: int, offset: int) -> Page:
    """Promoters, passives and detractors of each account."""
    params = {**_params(asked.first, asked), "promoter": LOWEST_PROMOTER, "passive": LOWEST_PASSIVE}
    return page_of(BY_ACCOUNT, ("promoters", "passives", "detractors"), params, size, offset)


def nps(asked: Asked) -> Figure:
    found = _by_month(anniversary(asked.first, 1 - MONTHS), asked)
    return Figure([_point(_to(month, found), month) for month in asked.months], behind="answers", span=MONTHS)


def _to(month: date, found: dict[date, dict[int, int]]) -> dict[int, int]:
    """The answers of the months to this one, together."""
    added: Counter[int] = Counter()
    for back in range(MONTHS):
        added.update(found.get(anniversary(month, -back), {}))
    return dict(added)


def _point(scores: dict[int, int], month: date) -> Point:
    figure = of_distribution(scores)
    if figure.nps is None:
        told = {"month": formats.day(month, form="month")}
        return Point(missing=_("No answers in the three months to %(month)s.") % told)
    return Point(Decimal(str(figure.nps)), _told(figure))


def _told(figure: Answers) -> str:
    facts = {
        "promoters": formats.number(figure.promoters), "detractors": formats.number(figure.detractors),
        "n": formats.number(figure.n), "enough": formats.number(enough()),
    }  # fmt: skip
    formula = _("100 × (%(promoters)s promoters − %(detractors)s detractors) / %(n)s answers") % facts
    if not figure.too_few:
        return formula
    return _("%(formula)s; under %(enough)s too few to tell") % {"formula": formula, **facts}
