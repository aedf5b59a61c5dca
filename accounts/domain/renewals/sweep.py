"""Time passes over terms: they are announced, asked about, roll over or lapse; what was agreed on takes effect.

One indexed look at what is due, then in sets: each thing once, under any number of sweeps at a time.
"""

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.activity import SYSTEM, Fact, record_facts
from accounts.domain.mrr import displayed
from accounts.domain.renewals import rules
from accounts.domain.renewals.changes import apply_changes
from accounts.domain.renewals.deciding import Decision, decided
from accounts.domain.renewals.disputes import about
from accounts.domain.renewals.extending import extend
from accounts.domain.renewals.intent import ask_due
from accounts.domain.standing import today_of
from accounts.domain.subscription_rows import lock_accounts
from accounts.models import Renewal, Subscription

logger = logging.getLogger(__name__)
BATCH = 2000

# Plain: nothing is due most of the time, and an ORM query would take longer to write down than to run.
DUE = "select id, account_id from accounts_renewal where attention_on <= %s and id > %s order by id limit %s"


# Thousands at once: what is not looked at is not read.
NEEDED = (
    "account_id", "ends_on", "notice_days", "auto_renew", "decision_date", "monthly", "stage", "decided_at",
    "next_unit_amount", "next_quantity", "told_days", "told_for", "intent_asked_at", "lapsed_at", "attention_on",
    "subscription__external_id", "subscription__mrr", "subscription__plan__name",
)  # fmt: skip


def sweep_renewals() -> int:
    """How many terms something was done about. Safe at any time, twice, and by several at once."""
    swept = after = 0
    while found := _due(after):
        with transaction.atomic():
            swept += _sweep(found)
        after = found[-1][0]
    return swept


def _due(after: int) -> list[tuple[int, int]]:
    """Those that may be due somewhere on earth; the exact day is each account's own."""
    latest = timezone.now().astimezone(timezone.get_fixed_timezone(14 * 60)).date()
    with connection.cursor() as cursor:
        cursor.execute(DUE, [latest, after, BATCH])
        return cursor.fetchall()


def _sweep(found: Sequence[tuple[int, int]]) -> int:
    """Who holds the accounts' rows sees what others have done: the second sweep finds nothing left."""
    days = today_of(lock_accounts({account_id for _pk, account_id in found}))
    rows = Renewal.objects.filter(pk__in=[pk for pk, _account_id in found], attention_on__isnull=False)
    rows = rows.select_related("subscription__plan").only(*NEEDED).order_by("pk")
    due = [row for row in rows if row.account_id in days and row.attention_on <= days[row.account_id]]  # type: ignore[operator]
    _apply([row for row in due if row.decided_at])
    undecided = [row for row in due if not row.decided_at]
    over = [row for row in undecided if rules.ends(row, days[row.account_id])]
    _roll_over([row for row in over if row.auto_renew])
    _lapse([row for row in over if not row.auto_renew])
    _announce([row for row in undecided if row not in over or not row.auto_renew], days)
    return len(due)


def _apply(rows: Sequence[Renewal]) -> None:
    if rows:
        for pk, why in apply_changes(rows, by=SYSTEM).items():  # a rate that is missing: this one waits
            logger.warning("the change agreed on for after renewal %s waits: %s", pk, why)


def _roll_over(rows: Sequence[Renewal]) -> None:
    if not rows:
        return
    decisions = [Decision(row.pk, on=row.ends_on) for row in rows]
    done = decided(decisions, by=SYSTEM, by_itself=True)
    extend(list(Subscription.objects.filter(renewals__in=done).order_by("pk")), by=SYSTEM)


def _lapse(rows: Sequence[Renewal]) -> None:
    now = timezone.now()
    for row in rows:
        row.lapsed_at = now
    record_facts([Fact(row.account_id, "renewal.lapsed", about(row) | _worth(row)) for row in rows], by=SYSTEM)


def _worth(row: Renewal) -> dict[str, Any]:
    return {"mrr": displayed(row.subscription.mrr), "currency": settings.REPORTING_CURRENCY}


# Announcements ------------------------------------------------------------------------------------------

NOTE = """
update accounts_renewal r set
    told_days = g.told_days, told_for = g.told_for, intent_asked_at = g.asked_at, lapsed_at = g.lapsed_at,
    attention_on = g.attention_on
from unnest(%(ids)s::bigint[], %(told)s::int[], %(told_for)s::date[], %(asked)s::timestamptz[],
    %(lapsed)s::timestamptz[], %(attention)s::date[]) as g (id, told_days, told_for, asked_at, lapsed_at, attention_on)
where r.id = g.id and r.decided_at is null
"""


def _announce(rows: Sequence[Renewal], days: dict[int, date]) -> None:
    """Of several windows that have passed the nearest alone; with that, or without, on to the next day that matters."""
    facts = []
    later = ask_due([row for row in rows if rules.to_ask(row, days[row.account_id])], days)
    for row in rows:
        today = days[row.account_id]
        if (window := rules.to_announce(row, today)) is not None:
            facts.append(Fact(row.account_id, "renewal.term_ending", _ending(row, window, today)))
            row.told_days, row.told_for = window, row.decision_date
        row.attention_on = rules.attention_on(row, today, later.get(row.pk))
    _note(rows)
    record_facts(facts, by=SYSTEM)


def _ending(row: Renewal, window: int, today: date) -> dict[str, Any]:
    plan = row.subscription.plan
    return {
        **about(row),
        **_worth(row),
        "plan": plan.name if plan else "",
        "days": window,
        "left": (row.decision_date - today).days,
        "notice_days": row.notice_days,
        "auto_renew": row.auto_renew,
        "monthly": row.monthly,
        "stage": row.stage,
    }


def _note(rows: Sequence[Renewal]) -> None:
    if not rows:
        return
    params: dict[str, Any] = {
        "ids": [row.pk for row in rows],
        "told": [row.told_days for row in rows],
        "told_for": [row.told_for for row in rows],
        "asked": [row.intent_asked_at for row in rows],
        "lapsed": [row.lapsed_at for row in rows],
        "attention": [row.attention_on for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, params)
