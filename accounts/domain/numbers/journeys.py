"""Figures that are read from subscriptions and terms themselves: trials that became customers, terms that were kept."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Least, TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts import formats
from accounts.domain import rules
from accounts.domain.metrics.months import following
from accounts.domain.metrics.trials import Conversion, Trial, conversion
from accounts.domain.mrr import ZERO
from accounts.domain.numbers.asking import Asked, Figure, Point
from accounts.domain.numbers.kpis import divided, money
from accounts.domain.numbers.paging import Page, page_of, page_of_rows
from accounts.domain.numbers.spending import MEMBERS
from accounts.enums import RenewalStage
from accounts.models import Renewal

# A trial has become a customer on the first day on which it is worth something.
TRIALS = """
    select s.started_on, min(c.effective_on) filter (where c.mrr > 0) as converted_on, {member} as member
    from accounts_subscription s
    join accounts_account a on a.id = s.account_id
    left join accounts_subscriptionchange c on c.subscription_id = s.id
    where s.trial_ends_on is not null and s.started_on >= %(first)s and s.started_on < %(until)s
        and (%(everybody)s or s.account_id = any(%(ids)s))
    group by s.id, a.id
"""
# By account, of those that have had their time, as conversion() counts them: how many, and how many became a customer.
TRIED = f"""
    select member, count(*), count(*) filter (where converted_on <= started_on + %(days)s)
    from ({TRIALS.format(member=MEMBERS["account"])}) t where started_on + %(days)s <= %(today)s group by 1
"""  # noqa: S608 - constants


def trials(asked: Asked, by: str = "") -> dict[tuple[date, Any], list[Trial]]:
    """By the month in which they began, and by member of a dimension."""
    found: dict[tuple[date, Any], list[Trial]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(TRIALS.format(member=MEMBERS[by]), _begun_in(asked))
        for started, converted, member in cursor.fetchall():
            found[started.replace(day=1), member].append(Trial(started, converted))
    return found


def _begun_in(asked: Asked) -> dict[str, Any]:
    accounts = asked.accounts()
    ids = None if accounts is None else list(accounts.values_list("pk", flat=True))
    return {"first": asked.first, "until": following(asked.last), "everybody": ids is None, "ids": ids or []}


def conversion_of(begun: Sequence[Trial], today: date | None = None) -> Conversion:
    return conversion(begun, rules.number("numbers.trial_days"), today or timezone.localdate())


def trial_conversion(asked: Asked) -> Figure:
    begun = trials(asked)
    points = [_converted(begun.get((month, ""), []), month) for month in asked.months]
    return Figure(points, behind="trials")


def who_tried(asked: Asked, size: int, offset: int) -> Page:
    """Of trials that have had their time: how many, how many of them became a customer in it."""
    params = {**_begun_in(asked), "days": rules.number("numbers.trial_days"), "today": timezone.localdate()}
    return page_of(TRIED, ("trials", "won"), params, size, offset)


def _converted(begun: Sequence[Trial], month: date) -> Point:
    found = conversion_of(begun)
    facts: dict[str, Any] = {
        "month": formats.day(month, form="month"), "days": rules.number("numbers.trial_days"),
        "won": formats.number(found.converted_in_window), "n": formats.number(found.mature),
    }  # fmt: skip
    if not begun:
        return Point(missing=_("No trial began in %(month)s.") % facts)
    formula = (
        ngettext(
            "Customers within %(days)s days: %(won)s / %(n)s trial begun in %(month)s",
            "Customers within %(days)s days: %(won)s / %(n)s trials begun in %(month)s",
            found.mature,
        )
        % facts
    )
    missing = _("The trials of %(month)s have not had their %(days)s days yet.") % facts
    return divided(found.converted_in_window, found.mature, formula, missing)


def _decided(asked: Asked) -> QuerySet[Renewal]:
    """What was worth nothing was not due."""
    terms = Renewal.objects.filter(
        ends_on__gte=asked.first, ends_on__lt=following(asked.last), stage__in=RenewalStage.decided(), mrr__gt=0
    )
    accounts = asked.accounts()
    return terms if accounts is None else terms.filter(account__in=accounts)


DUE = Sum("mrr")
KEPT = Sum(Least(Coalesce(F("outcome_mrr"), Value(ZERO)), F("mrr")))


def renewal_rate(asked: Asked) -> Figure:
    """min(renewed, due) / due of the terms that ended in each month and are decided."""
    rows = _decided(asked).annotate(month=TruncMonth("ends_on")).values("month").annotate(due=DUE, kept=KEPT)
    by_month: dict[date, Any] = {row["month"]: row for row in rows}
    return Figure([_renewed(by_month.get(month), month) for month in asked.months], behind="terms")


def who_decided(asked: Asked, size: int, offset: int) -> Page:
    """Terms, what was due of them, what was kept."""
    rows = _decided(asked).order_by().values("account_id").annotate(terms=Count("pk"), due=DUE, kept=KEPT)
    return page_of_rows(rows, ("terms", "due", "kept"), size, offset)


def _renewed(row: dict[str, Any] | None, month: date) -> Point:
    facts = {"month": formats.day(month, form="month")}
    if row is None or not row["due"]:
        return Point(missing=_("No term that ended in %(month)s is decided.") % facts)
    kept, due = row["kept"] or ZERO, row["due"]
    formula = _("renewed %(kept)s / due %(due)s") % {"kept": money(kept), "due": money(due)}
    return divided(kept, due, formula, "")
