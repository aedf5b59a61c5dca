"""Every subscription with a term has one renewal to be decided, and that follows it: made, moved, lost, taken back.

Called wherever subscriptions are written, with the accounts' rows locked: a few statements, however many there are.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import SYSTEM, Fact, Who, record_facts
from accounts.domain.bulk import copy_in
from accounts.domain.renewals import lengths, rules
from accounts.domain.renewals.deciding import Decision, decided, term_facts
from accounts.domain.standing import today_of
from accounts.enums import ChurnReason, RenewalStage as Stage, SubscriptionStatus as Status
from accounts.exceptions import DomainError
from accounts.models import Account, Renewal, Subscription

Ends = dict[int, tuple[set[date], date]]


# Before a subscription is written ---------------------------------------------------------------------


def ends_decided(subscription_ids: Sequence[int], told: Sequence[date]) -> Ends:
    """The ends of terms that were won, and the day before which no term can end any more, by subscription; as far
    as they matter to the ends that were told."""
    found: Ends = {}
    if not subscription_ids or not told:
        return found
    rows = Renewal.objects.decided().filter(subscription_id__in=subscription_ids, ends_on__gte=min(told))
    for sub, start, end, stage in rows.values_list("subscription_id", "starts_on", "ends_on", "stage"):
        won, floor = found.get(sub, (set(), date.min))
        kept = start if stage == Stage.LOST else end
        found[sub] = (won if stage == Stage.LOST else won | {end}, max(floor, kept))
    return found


def old_news(values: Mapping[str, Any], stored: Subscription | None, ends: Ends) -> bool:
    """Whether the term end that was told is one that has been decided: another program has yet to hear of that."""
    known = ends.get(stored.pk) if stored else None
    return bool(known and stored and stored.term_end and values.get("term_end") in known[0])


def check_term(sub: Subscription, values: Mapping[str, Any], ends: Ends) -> None:
    """DomainError where a term would end before it starts, or overlap one that has been decided."""
    if sub.term_end is None or not values.keys() & {"term_end", "started_on"}:
        return
    if sub.term_end <= sub.started_on:
        raise _wrong(_("This term would end before it starts."))
    _won, floor = ends.get(sub.pk, (set(), date.min)) if sub.pk else (set(), date.min)
    if "term_end" in values and sub.term_end <= floor:
        raise _wrong(
            _("The term up to %(day)s has been decided: one that ends on %(end)s would overlap it.")
            % {"day": floor.isoformat(), "end": sub.term_end.isoformat()}
        )


def _wrong(sentence: str) -> DomainError:
    return DomainError(sentence, code="invalid", errors={"term_end": [sentence]})


# After it -----------------------------------------------------------------------------------------------


@dataclass
class Kept:
    """A subscription as it is now, and what it was worth before it was written."""

    sub: Subscription
    today: date
    mrr: Decimal
    running_on: date  # a day on which its term was running, as far as was told
    new: bool = False
    staying: bool = False  # whatever its end says: the term begins, and is lost in its own time

    @property
    def leaves(self) -> bool:
        """Before another term could begin."""
        end = None if self.staying else self.sub.ended_on
        return end is not None and (self.sub.term_end is None or end <= self.sub.term_end)

    @property
    def has_term(self) -> bool:
        """A trial is bought, not renewed."""
        return self.sub.term_end is not None and self.sub.status != Status.TRIALING and not self.leaves


def keep_terms(account_ids: Iterable[int], *, by: Who = SYSTEM) -> None:
    """For all subscriptions of these accounts; twice changes nothing. The caller holds the accounts' rows."""
    zones = dict(Account.objects.filter(pk__in=account_ids).values_list("pk", "time_zone"))
    days = today_of(zones)
    subs = Subscription.objects.filter(account_id__in=zones).order_by("pk")
    keep([Kept(sub, days[sub.account_id], sub.mrr, days[sub.account_id]) for sub in subs], by=by)


def keep(kept: Sequence[Kept], *, by: Who) -> None:
    work = _Work(by)
    known = _renewals([one.sub.pk for one in kept if not one.new])
    for one in kept:
        undecided, last = known.get(one.sub.pk, (None, None))
        if undecided:
            work.follow(one, undecided)
        elif one.has_term:
            work.begin(one, last)
    work.write()


def _renewals(subscription_ids: Sequence[int]) -> dict[int, tuple[Renewal | None, Renewal | None]]:
    """The one to be decided and the last that was, by subscription."""
    if not subscription_ids:
        return {}
    found: dict[int, tuple[Renewal | None, Renewal | None]] = {}
    rows = Renewal.objects.filter(subscription_id__in=subscription_ids).annotate(open=Q(decided_at__isnull=True))
    rows = rows.order_by("subscription_id", "open", "-ends_on").distinct("subscription_id", "open")
    for row in rows.defer("comment", "call_reason", "settled_note"):
        undecided, last = found.get(row.subscription_id, (None, None))
        found[row.subscription_id] = (undecided, row) if row.decided_at else (row, last)
    return found


class _Work:
    """What is to be written, gathered over many subscriptions."""

    def __init__(self, by: Who) -> None:
        self.by = by
        self.decisions: list[Decision] = []
        self.new: list[Renewal] = []
        self.changed: list[Renewal] = []
        self.reopened: list[Renewal] = []
        self.dropped: list[int] = []
        self.facts: list[Fact] = []

    def follow(self, one: Kept, row: Renewal) -> None:
        sub = one.sub
        if one.leaves:
            self.decisions.append(_lost(one, row))
        elif sub.term_end is None:
            self.dropped.append(row.pk)
            self.facts.append(_moved(sub, row, row.decision_date, row.ends_on, None))
        elif row.ends_on <= one.today and sub.term_end > row.ends_on:
            # Renewed elsewhere, in the customer's contract or a billing program.
            self.decisions.append(Decision(row.pk, mrr=one.mrr, on=row.ends_on))
            self._add(one, lengths.beginning(sub, one.running_on, row.ends_on))
        else:
            self._move(one, row)

    def begin(self, one: Kept, last: Renewal | None) -> None:
        sub = one.sub
        assert sub.term_end
        if last is None:
            self._add(one, lengths.beginning(sub, one.running_on))
        elif sub.term_end > last.ends_on:
            self._add(one, lengths.beginning(sub, one.running_on, last.ends_on))
        elif last.stage == Stage.LOST and sub.term_end > last.starts_on:
            self._reopen(one, last)

    def _add(self, one: Kept, starts_on: date) -> None:
        row = Renewal(account_id=one.sub.account_id, subscription_id=one.sub.pk, starts_on=starts_on)
        _follow(row, one)
        self.new.append(row)

    def _move(self, one: Kept, row: Renewal) -> None:
        sub, before = one.sub, (row.decision_date, row.ends_on)
        days = (row.ends_on, row.notice_days, row.auto_renew)
        if days == (sub.term_end, sub.notice_days, sub.auto_renew):
            return
        assert sub.term_end
        if sub.term_end <= row.starts_on:
            row.starts_on = lengths.beginning(sub, one.running_on)
        _follow(row, one)
        if (row.decision_date, row.ends_on) != before:
            self.facts.append(_moved(sub, row, *before, row.ends_on))
        self.changed.append(row)

    def _reopen(self, one: Kept, row: Renewal) -> None:
        """The cancellation was taken back: the term is to be decided again."""
        _follow(row, one)
        self.reopened.append(row)
        facts = term_facts(row.pk, one.sub.external_id, row.decision_date, row.ends_on)
        self.facts.append(Fact(row.account_id, "renewal.reopened", facts))

    def write(self) -> None:
        decided(self.decisions, by=self.by)
        if self.dropped:
            Renewal.objects.undecided().filter(pk__in=self.dropped).delete()
        _update(self.changed)
        _update(self.reopened, reopened=True)
        insert(self.new)
        record_facts(self.facts, by=self.by)


def _follow(row: Renewal, one: Kept) -> None:
    """The renewal's days, as its subscription has them now; what was done for another decision date is undone."""
    sub, asked_for = one.sub, row.decision_date
    assert sub.term_end
    row.ends_on, row.notice_days, row.auto_renew = sub.term_end, sub.notice_days, sub.auto_renew
    row.decision_date = rules.decision_date(row.ends_on, row.notice_days, auto_renew=row.auto_renew)
    row.monthly = (row.ends_on - row.starts_on).days <= rules.MONTHLY_DAYS
    if row.ends_on > one.today:
        row.lapsed_at = None
    if asked_for and (row.decision_date - one.today).days > rules.intent_days()[0]:
        row.intent_asked_at = None
    row.attention_on = rules.attention_on(row, one.today)


def _lost(one: Kept, row: Renewal) -> Decision:
    sub = one.sub
    return Decision(
        row.pk, Stage.LOST, one.mrr, Decimal(0), sub.churn_reason or ChurnReason.OTHER, sub.churn_comment,
        on=sub.ended_on,
    )  # fmt: skip


def _moved(sub: Subscription, row: Renewal, decided_by: date, before: date, after: date | None) -> Fact:
    """`term` is the one that was: follow-ups about it are no longer true."""
    facts = term_facts(row.pk, sub.external_id, decided_by, before)
    told = {"before": before, "after": after, "decides_on": row.decision_date if after else None}
    return Fact(sub.account_id, "renewal.moved", facts | told)


# Rows ---------------------------------------------------------------------------------------------------

COLUMNS = (
    "account_id", "subscription_id", "starts_on", "ends_on", "notice_days", "auto_renew", "decision_date", "monthly",
    "stage", "attention_on", "reason", "comment", "call_reason", "settled_note", "sequence", "created_at", "updated_at",
)  # fmt: skip


def insert(rows: Sequence[Renewal]) -> None:
    now = timezone.now()
    for row in rows:
        row.created_at = row.updated_at = now
    values = [[uuid.uuid4(), *(getattr(row, name) for name in COLUMNS)] for row in rows]
    copy_in(Renewal._meta.db_table, ("uid", *COLUMNS), values)


CHANGE = """
update accounts_renewal r set
    starts_on = g.starts_on, ends_on = g.ends_on, notice_days = g.notice_days, auto_renew = g.auto_renew,
    decision_date = g.decision_date, monthly = g.monthly, lapsed_at = g.lapsed_at, intent_asked_at = g.intent_asked_at,
    attention_on = g.attention_on, sequence = r.sequence + 1, updated_at = %(now)s {more}
from unnest(
    %(ids)s::bigint[], %(starts)s::date[], %(ends)s::date[], %(notices)s::int[], %(autos)s::bool[], %(dates)s::date[],
    %(monthlies)s::bool[], %(lapses)s::timestamptz[], %(asked)s::timestamptz[], %(attention)s::date[]
) as g (id, starts_on, ends_on, notice_days, auto_renew, decision_date, monthly, lapsed_at, intent_asked_at,
        attention_on)
where r.id = g.id and r.decided_at is {decided} null
"""
REOPEN = """, stage = 'engaged', decided_at = null, decided_by_id = null, mrr = null, outcome_mrr = null, reason = '',
    comment = '', model_probability = null, next_unit_amount = null, next_quantity = null"""


def _update(rows: Sequence[Renewal], *, reopened: bool = False) -> None:
    if not rows:
        return
    names = {
        "ids": "pk", "starts": "starts_on", "ends": "ends_on", "notices": "notice_days", "autos": "auto_renew",
        "dates": "decision_date", "monthlies": "monthly", "lapses": "lapsed_at", "asked": "intent_asked_at",
        "attention": "attention_on",
    }  # fmt: skip
    params: dict[str, Any] = {key: [getattr(row, name) for row in rows] for key, name in names.items()}
    more, decided_ = (REOPEN, "not") if reopened else ("", "")
    with connection.cursor() as cursor:
        cursor.execute(CHANGE.format(more=more, decided=decided_), params | {"now": timezone.now()})
