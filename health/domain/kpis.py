"""Key figures of health for the boards of numbers (accounts.registry.Kpi): NPS by month, each of three months: who has
answered is not asked again for ninety days."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts import formats
from accounts.domain.anniversaries import anniversary
from accounts.domain.metrics.months import following
from accounts.domain.numbers.asking import Asked, Figure, Point
from health.domain.surveys.figures.arithmetic import Figure as Answers, enough, of_distribution

# By month and score; an account counts as often as its people answered (N11: by respondent).
ANSWERS = """
select {by}, score, count(*) from health_answer
where kind = 'nps' and answered_at >= %(first)s and answered_at < %(until)s
    and (%(everybody)s or account_id = any(%(ids)s))
group by 1, 2
"""
MONTHS = 3
MONTH = "date_trunc('month', answered_at at time zone 'UTC')::date"


def _scores(by: str, first: date, asked: Asked) -> dict[Any, dict[int, int]]:
    accounts = asked.accounts()
    ids = None if accounts is None else list(accounts.values_list("pk", flat=True))
    params: dict[str, Any] = {"first": first, "until": following(asked.last)}
    params |= {"everybody": ids is None, "ids": ids or []}
    found: dict[Any, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS.format(by=by), params)
        for key, score, count in cursor.fetchall():
            found.setdefault(key, {})[score] = count
    return found


def who_answered(asked: Asked) -> Mapping[int, tuple[Any, ...]]:
    """Promoters, passives and detractors of each account."""
    found = {pk: of_distribution(scores) for pk, scores in _scores("account_id", asked.first, asked).items()}
    return {pk: (one.promoters, one.passives, one.detractors) for pk, one in found.items()}


def nps(asked: Asked) -> Figure:
    found = _scores(MONTH, anniversary(asked.first, 1 - MONTHS), asked)
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
