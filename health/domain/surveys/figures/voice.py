"""The voice of the customers in a period: every figure of the page, in as many queries for ten answers as for a
hundred thousand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import DomainError
from health.domain.surveys.figures.arithmetic import (
    Change,
    Figure,
    Rates,
    Views,
    change,
    of_distribution,
)

TREND_MONTHS = 12
EARLIEST, LATEST, LONGEST = 1990, 2200, timedelta(days=3660)
SCORES = range(11)


def _wrong(field_: str, sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={field_: [sentence]})


@dataclass(frozen=True)
class Period:
    """[first, until), in days of the installation."""

    first: date
    until: date

    @classmethod
    def of(cls, first: date, until: date) -> "Period":
        """Days as somebody asked for them; what makes no period is refused."""
        if first >= until:
            raise _wrong("from", _("The first day comes before the last."))
        if first.year < EARLIEST or until.year > LATEST or until - first > LONGEST:
            limits = {"first": EARLIEST, "last": LATEST}
            raise _wrong("from", _("At most ten years, between %(first)s and %(last)s.") % limits)
        return cls(first, until)

    @classmethod
    def last_days(cls, days: int, today: date | None = None) -> "Period":
        until = (today or timezone.localdate(timezone=timezone.get_default_timezone())) + timedelta(days=1)
        return cls(until - timedelta(days=days), until)

    @property
    def before(self) -> "Period":
        """As long, right before it."""
        return Period(self.first - (self.until - self.first), self.first)

    @property
    def starts(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        return _midnight(self.until)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


@dataclass(frozen=True)
class Filters:
    """Whose voice: keys of segment and plan, ids of CSM and survey; empty is everybody's."""

    segment: str = ""
    plan: str = ""
    csm: int | None = None
    survey: int | None = None

    def where(self, survey: str = "") -> str:
        """Of accounts `a`, and of what has `survey` as its survey's column."""
        parts = ["true"]
        if self.segment:
            parts.append("a.segment_id = (select id from accounts_segment where key = %(segment)s)")
        if self.plan:
            parts.append("a.plan_id = (select id from accounts_plan where key = %(plan)s)")
        if self.csm is not None:
            parts.append("a.csm_id = %(csm)s")
        if self.survey is not None and survey:
            parts.append(f"{survey} = %(survey)s")
        return " and ".join(parts)

    @property
    def params(self) -> dict[str, Any]:
        return {"segment": self.segment, "plan": self.plan, "csm": self.csm, "survey": self.survey}


@dataclass(frozen=True)
class Part:
    """One segment, CSM, plan or month, and what its people say. `key` is None for those without one."""

    key: Any
    name: str
    figure: Figure


@dataclass(frozen=True)
class Loop:
    """Detractors of the period: who was called within the promise, later, or not in time; and, told apart, those whose
    promise still runs."""

    detractors: int = 0
    in_time: int = 0
    late: int = 0
    missed: int = 0
    waiting: int = 0
    median_hours: float | None = None  # from the answer to the first contact

    @property
    def rate(self) -> float | None:
        """Detractors contacted within the promise / detractors (RULES 2)."""
        return self.in_time / self.detractors if self.detractors else None


@dataclass(frozen=True)
class Voice:
    period: Period
    filters: Filters
    figure: Figure
    previous: Figure
    distribution: list[int]  # by score
    trend: list[Part]  # by month, oldest first; `key` is its first day
    segments: list[Part]
    csms: list[Part]
    plans: list[Part]
    views: Views
    rates: Rates
    loop: Loop
    change: Change = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "change", change(self.previous, self.figure))


def voice(period: Period, filters: Filters | None = None) -> Voice:
    filters = filters or Filters()
    scores = _scores(period, filters)
    parts = _parts(period, filters)
    return Voice(
        period,
        filters,
        of_distribution(scores[True]),
        of_distribution(scores[False]),
        [scores[True].get(score, 0) for score in SCORES],
        _trend(period, filters),
        *parts,
        _views(period, filters),
        _rates(period, filters),
        _loop(period, filters),
    )


GROUPS = """
    count(*) filter (where x.score >= 9) as promoters, count(*) filter (where x.score in (7, 8)) as passives,
    count(*) filter (where x.score <= 6) as detractors
"""


def _ask(sql: str, period: Period, filters: Filters, **params: Any) -> list[tuple]:
    zone = str(timezone.get_default_timezone())
    given = {"first": period.starts, "until": period.ends, "zone": zone, **filters.params, **params}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def _answers(filters: Filters, since: str = "%(first)s") -> str:
    return f"""
        from health_answer x join accounts_account a on a.id = x.account_id
        where x.kind = 'nps' and x.answered_at >= {since} and x.answered_at < %(until)s
            and {filters.where("x.survey_id")}
    """


def _scores(period: Period, filters: Filters) -> dict[bool, Mapping[int, int]]:
    """How often each score was given: within the period (True), and in the one before."""
    found: dict[bool, dict[int, int]] = {True: {}, False: {}}
    sql = f"select x.answered_at >= %(first)s, x.score, count(*) {_answers(filters, '%(before)s')} group by 1, 2"
    for within, score, count in _ask(sql, period, filters, before=period.before.starts):
        found[within][score] = count
    return dict(found)


def _trend(period: Period, filters: Filters) -> list[Part]:
    months = _months(period.until - timedelta(days=1))
    month = "date_trunc('month', x.answered_at at time zone %(zone)s)::date"
    sql = f"select {month}, {GROUPS} {_answers(filters, '%(begin)s')} group by 1"
    rows = _ask(sql, period, filters, begin=_midnight(months[0]))
    found = {day: Figure(*counts) for day, *counts in rows}
    return [Part(day, "", found.get(day, Figure())) for day in months]


def _months(last: date) -> list[date]:
    """First days of the twelve months up to that of `last`."""
    months = [last.replace(day=1)]
    while len(months) < TREND_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def _parts(period: Period, filters: Filters) -> tuple[list[Part], list[Part], list[Part]]:
    """By segment, by CSM, by plan: the largest first."""
    sql = f"""
        with told as (select a.segment_id, a.csm_id, a.plan_id, {GROUPS} {_answers(filters)} group by 1, 2, 3),
        sums as (
            select grouping(segment_id) as no_segment, grouping(csm_id) as no_csm, segment_id, csm_id, plan_id,
                sum(promoters)::int as promoters, sum(passives)::int as passives, sum(detractors)::int as detractors
            from told group by grouping sets ((segment_id), (csm_id), (plan_id))
        )
        select case when no_segment = 0 then 0 when no_csm = 0 then 1 else 2 end,
            coalesce(s.key, u.id::text, p.key), coalesce(s.name, nullif(u.name, ''), u.email, p.name, ''),
            promoters, passives, detractors
        from sums
        left join accounts_segment s on s.id = segment_id
        left join accounts_user u on u.id = csm_id
        left join accounts_plan p on p.id = plan_id
        order by promoters + passives + detractors desc, 3
    """  # noqa: S608
    parts: tuple[list[Part], list[Part], list[Part]] = ([], [], [])
    for which, key, name, *counts in _ask(sql, period, filters):
        parts[which].append(Part(key, name, Figure(*counts)))
    return parts


def _views(period: Period, filters: Filters) -> Views:
    sql = f"""
        with own as (
            select a.id, a.mrr, count(*) as n, count(*) filter (where x.score >= 9) as promoters,
                count(*) filter (where x.score <= 6) as detractors
            {_answers(filters)} group by a.id
        ),
        rated as (select *, 100.0 * (promoters - detractors) / n as nps from own)
        select 100.0 * sum(promoters - detractors) / sum(n), avg(nps), sum(mrr * nps) / nullif(sum(mrr), 0),
            count(*), coalesce(sum(mrr), 0)
        from rated
    """  # noqa: S608
    (respondent, account, revenue, accounts, money) = _ask(sql, period, filters)[0]
    return Views(_float(respondent), _float(account), _float(revenue), accounts, Decimal(money))


def _rates(period: Period, filters: Filters) -> Rates:
    """Of the invites that were sent in the period."""
    sql = f"""
        select count(*), count(*) filter (where i.bounced_at is not null), count(x.id),
            count(x.id) filter (where x.comment <> '')
        from health_invite i
        join health_survey s on s.id = i.survey_id and s.kind = 'nps'
        join accounts_account a on a.id = i.account_id
        left join health_answer x on x.invite_id = i.id
        where i.sent_at >= %(first)s and i.sent_at < %(until)s and {filters.where("i.survey_id")}
    """  # noqa: S608
    return Rates(*_ask(sql, period, filters)[0])


def _loop(period: Period, filters: Filters) -> Loop:
    """By the time of the answers. Several detractors of one account share a follow-up, each with a promise of their
    own: who was promised later is called in time by the same call."""
    survey = "(t.data ->> 'survey_id')::bigint"
    sql = f"""
        with about as (
            select id as follow_up_id, activity_id from accounts_followup
            union all select follow_up_id, activity_id from accounts_occurrence
        ),
        f as (
            select f.contacted_at, f.closed_at, t.occurred_at, case when t.id = f.activity_id then f.due_at
                else t.occurred_at + make_interval(hours => p.due_hours) end as due_at
            from accounts_playbook p
            join accounts_followup f on f.playbook_id = p.id
            join about on about.follow_up_id = f.id
            join accounts_activity t on t.id = about.activity_id
            join accounts_account a on a.id = f.account_id
            where p.key = 'detractor' and t.occurred_at >= %(first)s and t.occurred_at < %(until)s
                and {filters.where(survey)}
        )
        select count(*),
            count(*) filter (where contacted_at <= due_at),
            count(*) filter (where contacted_at > due_at),
            count(*) filter (where contacted_at is null and (due_at <= %(now)s or closed_at is not null)),
            count(*) filter (where contacted_at is null and due_at > %(now)s and closed_at is null),
            percentile_cont(0.5) within group (order by extract(epoch from contacted_at - occurred_at) / 3600)
                filter (where contacted_at is not null)
        from f
    """  # noqa: S608
    total, in_time, late, missed, waiting, median = _ask(sql, period, filters, now=timezone.now())[0]
    return Loop(total, in_time, late, missed, waiting, _float(median))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


# The other kinds of surveys -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Satisfaction:
    """Answers from 1 to 5: how many of each."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        return sum(step * count for step, count in enumerate(self.counts, 1)) / self.n if self.n else None

    @property
    def satisfied(self) -> float | None:
        """The share of 4 and 5."""
        return sum(self.counts[3:]) / self.n if self.n else None


def satisfaction(period: Period, filters: Filters | None = None) -> Satisfaction:
    found = dict(_others(period, filters or Filters(), "csat", "x.score"))
    return Satisfaction(tuple(found.get(step, 0) for step in range(1, 6)))


def leaving(period: Period, filters: Filters | None = None) -> list[tuple[str, int]]:
    """Reasons for leaving as those who left gave them, with how often; the most frequent first."""
    found = _others(period, filters or Filters(), "churn", "x.reason")
    return sorted(found, key=lambda row: (-row[1], row[0]))


def _others(period: Period, filters: Filters, kind: str, column: str) -> Iterable[tuple[Any, int]]:
    answers = _answers(filters).replace("'nps'", "%(kind)s")
    sql = f"select {column}, count(*) {answers} group by 1"
    return [(value, count) for value, count in _ask(sql, period, filters, kind=kind)]
