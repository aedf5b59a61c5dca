"""Subscriptions on their way in: planned one by one, written in sets."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain import steps
from accounts.domain.account_values import clean_external_id, day as clean_day, refuse
from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.bulk import Counts, copy_in
from accounts.domain.lifecycle import Before, Course, Step, attention_on, course, settle
from accounts.domain.movements import tell_movements
from accounts.domain.mrr import ZERO, monthly_amount
from accounts.domain.rates import Rates
from accounts.domain.renewals.lengths import anchor_of
from accounts.domain.renewals.terms import Kept, check_term, ends_decided, keep, old_news
from accounts.domain.standing import foreign, settle_accounts
from accounts.domain.subscription_values import FIELDS, apply, clean_subscription
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Plan, PlanVersion, Subscription

OWN = ("id", "account_id", "external_id", "mrr")
STORED = [f.attname for f in Subscription._meta.concrete_fields if f.attname not in OWN]
# What stands in the sentence "changed"; the rest is consequence.
TOLD = [name for name in FIELDS if name != "churn_comment"]


@dataclass
class Row:
    position: int
    account_id: int
    external_id: str
    fields: Mapping[str, Any]
    effective_on: date | None = None


@dataclass
class Entry:
    """One subscription, from what was stored to what will be."""

    position: int
    sub: Subscription
    stored: Subscription | None
    steps: Sequence[Step] = ()
    before: Before | None = None
    today: date = date.min
    said_on: date | None = None
    course: Course = field(default_factory=Course)
    result: str = "unchanged"
    worth: dict[Step, Any] = field(default_factory=dict)  # in the reporting currency


@dataclass
class Batch:
    """Rows that are taken together: a constant number of queries, whatever their number."""

    by: Who
    quiet: bool = False  # an import: what it creates is told by its movements alone
    counts: Counts = field(default_factory=Counts)
    entries: list[Entry] = field(default_factory=list)

    def run_named(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Rows as imports give them: accounts by external id, None for what is not said."""
        rows = list(rows)
        names = {str(row.get("account")) for _position, row in rows}
        ids = dict(Account.objects.filter(external_id__in=names).values_list("external_id", "pk"))
        known = []
        for position, row in rows:
            name = str(row.get("account"))
            fields = {
                key: value
                for key, value in row.items()
                if value is not None and key not in ("account", "external_id", "effective_on")
            }
            if name in ids:
                known.append(Row(position, ids[name], row.get("external_id", ""), fields, row.get("effective_on")))
            else:
                unknown = _("There is no account “%(id)s”.") % {"id": name[:80]}
                self.counts.refused.append((position, refuse("account", unknown)))
        self.run(known)

    def run(self, rows: Sequence[Row]) -> None:
        zones = lock_accounts({row.account_id for row in rows})
        rows, values = self._cleaned(rows)
        stored = _stored([row.external_id for row in rows])
        history = steps.of([sub.pk for sub in stored.values()])
        rates = Rates({v["currency"] for v in values if "currency" in v} | {s.currency for s in stored.values()})
        plans, versions = _plans(values), _versions(values)
        ends = ends_decided([sub.pk for sub in stored.values()], [v["term_end"] for v in values if v.get("term_end")])
        now = timezone.now()
        for row, given in zip(rows, values, strict=True):
            sub = stored.get(row.external_id)
            entry = Entry(row.position, _copy(sub, row), sub, history.get(sub.pk, ()) if sub else ())
            entry.today = now.astimezone(zones[row.account_id]).date()
            try:
                if old_news(given, sub, ends):
                    del given["term_end"]
                plan_entry(entry, row, _with_version(_with_plan(given, plans), sub, versions), rates)
                check_term(entry.sub, given, ends)
            except DomainError as error:
                self.counts.refused.append((row.position, error))
            else:
                self.entries.append(entry)
        write(self.entries, by=self.by, quiet=self.quiet)
        for entry in self.entries:
            self.counts.count(entry.result)

    def _cleaned(self, rows: Sequence[Row]) -> tuple[list[Row], list[dict[str, Any]]]:
        kept, values = [], []
        for row in rows:
            try:
                row.external_id = clean_external_id(row.external_id)
                row.effective_on = clean_day(row.effective_on)
                values.append(clean_subscription(row.fields))
                kept.append(row)
            except DomainError as error:
                self.counts.refused.append((row.position, error))
        return kept, values


def lock_accounts(ids: Iterable[int]) -> dict[int, ZoneInfo]:
    """One at a time changes an account's subscriptions. In order of id: two batches never wait in a circle."""
    rows = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return dict(rows.values_list("pk", "time_zone"))


def _stored(external_ids: Sequence[str]) -> dict[str, Subscription]:
    return {sub.external_id: sub for sub in Subscription.objects.filter(external_id__in=external_ids)}


def _plans(values: Sequence[Mapping[str, Any]]) -> dict[str, Plan]:
    """The plans by key; one that is named for the first time is added."""
    keys = {given["plan"] for given in values if isinstance(given.get("plan"), str)}
    if not keys:
        return {}
    known = {plan.key: plan for plan in Plan.objects.filter(key__in=keys)}
    if missing := keys - known.keys():
        Plan.objects.bulk_create([Plan(key=key, name=key) for key in sorted(missing)], ignore_conflicts=True)
        known |= {plan.key: plan for plan in Plan.objects.filter(key__in=missing)}
    return known


def _with_plan(values: dict[str, Any], plans: Mapping[str, Plan]) -> dict[str, Any]:
    if "plan" in values:
        plan = values.pop("plan")
        values["plan_id"] = plans[plan].pk if isinstance(plan, str) else plan.pk if plan else None
    return values


def _versions(values: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], PlanVersion]:
    """The versions that are named by number, by plan and number."""
    numbers = {given["plan_version"] for given in values if isinstance(given.get("plan_version"), int)}
    if not numbers:
        return {}
    return {(version.plan_id, version.number): version for version in PlanVersion.objects.filter(number__in=numbers)}


def _with_version(
    values: dict[str, Any], stored: Subscription | None, versions: Mapping[tuple[int, int], PlanVersion]
) -> dict[str, Any]:
    """Another plan without a word about its version is as imported."""
    plan = values.get("plan_id", stored.plan_id if stored else None)
    if "plan_version" not in values:
        return values if not stored or plan == stored.plan_id else {**values, "plan_version_id": None}
    given = values.pop("plan_version")
    version = versions.get((plan or 0, given)) if isinstance(given, int) else given
    if "plan_id" not in values and isinstance(version, PlanVersion):
        values["plan_id"] = plan = version.plan_id
    if given is not None and (version is None or version.plan_id != plan):
        sentence = _("The plan has no such version.")
        raise DomainError(sentence, code="invalid", errors={"plan_version": [sentence]})
    values["plan_version_id"] = version.pk if version else None
    return values


def _copy(stored: Subscription | None, row: Row) -> Subscription:
    if stored is None:
        return Subscription(account_id=row.account_id, external_id=row.external_id)
    sub = copy(stored)
    sub._state = copy(stored._state)
    sub._state.fields_cache = {}
    return sub


def plan_entry(entry: Entry, row: Row, values: dict[str, Any], rates: Rates) -> None:
    """What the row means for the subscription and its steps."""
    sub, stored = entry.sub, entry.stored
    if stored and stored.account_id != row.account_id:
        raise Conflict(_("This subscription belongs to another account."), code="other_account")
    said_on = entry.said_on = row.effective_on or entry.today
    if said_on > entry.today:
        sentence = _("This day is still to come: tell it when it is there.")
        raise DomainError(sentence, code="invalid", errors={"effective_on": [sentence]})
    if stored is None:
        _need(values, "currency", "started_on")
    else:
        entry.before = Before.of(stored)
    apply(sub, values, said_on=said_on)
    advance(entry, said_on, rates)


def _need(values: Mapping[str, Any], *names: str) -> None:
    missing = {name: [_("A new subscription needs this.")] for name in names if name not in values}
    if missing:
        raise DomainError(_("Some of this cannot be taken as it is."), code="invalid", errors=missing)


def advance(entry: Entry, said_on: date, rates: Rates) -> None:
    """The subscription as it stands on that day, with its steps and the day it next needs attention."""
    sub, today = entry.sub, entry.today
    settle(sub, said_on=said_on, today=today)
    sub.term_anchor = anchor_of(sub)
    sub.attention_on = attention_on(sub, today)
    entry.course = course(sub, entry.steps, entry.before, effective_on=said_on, today=today)
    for step in entry.course.new:
        entry.worth[step] = rates.convert(step.terms.amount, step.terms.currency, step.day)
    rates.convert(monthly_amount(sub), sub.currency, max(today, sub.started_on))  # before it is needed
    if entry.stored is None:
        entry.result = "created"
    elif changed_fields(entry):
        entry.result = "updated"


def changed_fields(entry: Entry) -> list[str]:
    return [name for name in STORED if name != "updated_at" and getattr(entry.sub, name) != getattr(entry.stored, name)]


def write(entries: Sequence[Entry], *, by: Who, quiet: bool = False) -> None:
    """Subscriptions, steps, movements, accounts and what is told of them, a statement each."""
    touched = [entry for entry in entries if entry.result != "unchanged" or entry.course]
    if not touched:
        return
    now = timezone.now()
    for entry in touched:
        entry.sub.updated_at = now
    _write_subscriptions([entry for entry in touched if entry.result != "unchanged"])
    _note_versions(touched, now)
    stepped = [entry for entry in touched if entry.course]
    written = steps.write(stepped)
    by_step = {entry.sub.account_id for entry in stepped}
    abroad = foreign([s.currency for e in stepped for s in (e.sub, e.stored) if s])
    settle_accounts(sorted(by_step), by=by, foreign=abroad)
    settle_accounts(sorted({entry.sub.account_id for entry in touched} - by_step), by=by, stepped=False)
    keep([_kept(entry) for entry in touched if entry.sub.term_end or (entry.stored and entry.stored.term_end)], by=by)
    plans = _plan_names(touched)
    record_many([fact for entry in touched for fact in _facts(entry, plans, quiet)], by=by)
    tell_movements(written, by=by)


def _write_subscriptions(entries: Sequence[Entry]) -> None:
    new = [entry.sub for entry in entries if entry.stored is None]
    changed = [entry.sub for entry in entries if entry.stored is not None]
    try:
        with transaction.atomic():
            _insert(new)
    except IntegrityError:
        raise Conflict(_("This subscription has just come in with another account."), code="other_account") from None
    Subscription.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["external_id"], update_fields=STORED, batch_size=2000
    )


def _note_versions(entries: Sequence[Entry], now: datetime) -> None:
    """What somebody has cannot be changed any more."""
    if taken := {e.sub.plan_version_id for e in entries if e.sub.plan_version_id and _newly(e)}:
        PlanVersion.objects.filter(pk__in=taken, used_at=None).update(used_at=now)


def _newly(entry: Entry) -> bool:
    return entry.stored is None or entry.stored.plan_version_id != entry.sub.plan_version_id


def _kept(entry: Entry) -> Kept:
    before = entry.stored.mrr if entry.stored else ZERO
    return Kept(entry.sub, entry.today, before, entry.said_on or entry.today, new=entry.stored is None)


def _insert(new: Sequence[Subscription]) -> None:
    columns = ("account_id", "external_id", "mrr", *STORED)
    ids = copy_in(Subscription._meta.db_table, columns, [[getattr(sub, name) for name in columns] for sub in new])
    for sub, pk in zip(new, ids, strict=True):
        sub.pk, sub._state.adding, sub._state.db = pk, False, "default"


def _facts(entry: Entry, plans: Mapping[int, str], quiet: bool) -> list[Fact]:
    sub, stored = entry.sub, entry.stored
    if stored is None:
        facts = [] if quiet else [_changed(sub, str(_("added")), {})]
    else:
        names = [name for name in TOLD if getattr(sub, _attname(name)) != getattr(stored, _attname(name))]
        changes = {name: [_told(stored, name, plans), _told(sub, name, plans)] for name in names}
        what = ", ".join(f"{FIELDS[name][0]} {was} → {now}" for name, (was, now) in changes.items())
        facts = [_changed(sub, what, changes)] if names else []
    scheduled = sub.ended_on and sub.ended_on > entry.today and (stored is None or stored.ended_on != sub.ended_on)
    if scheduled and not (quiet and stored is None):
        data = {"subscription": sub.external_id, "ends_on": sub.ended_on, "mrr": stored.mrr if stored else 0}
        facts.append(Fact(sub.account_id, "subscription.cancel_scheduled", data))
    return facts


def _changed(sub: Subscription, what: str, changes: dict[str, Any]) -> Fact:
    data = {"subscription": sub.external_id, "what": what, "changes": changes}
    return Fact(sub.account_id, "subscription.changed", data)


def _plan_names(entries: Sequence[Entry]) -> dict[int, str]:
    """Of the plans that somebody changed from or to."""
    moved = [(e.stored.plan_id, e.sub.plan_id) for e in entries if e.stored and e.stored.plan_id != e.sub.plan_id]
    ids = {pk for pair in moved for pk in pair if pk}
    return dict(Plan.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _attname(name: str) -> str:
    return f"{name}_id" if name in ("plan", "plan_version") else name


def _told(sub: Subscription, name: str, plans: Mapping[int, str]) -> str:
    value = plans.get(sub.plan_id or 0) if name == "plan" else getattr(sub, name)
    if isinstance(value, PlanVersion):
        value = value.number
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
