"""Changes of plans: confirmed once, carried out today or on their day, taken back until then."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Fact, Who, record, record_many
from accounts.domain.dropping import Dropped, in_use_of
from accounts.domain.mrr import displayed
from accounts.domain.plans.letters import confirm_change, confirm_end, confirm_kept
from accounts.domain.plans.periods import period_of
from accounts.domain.plans.quotes import Quote, Wish, quote, today_of
from accounts.domain.standing import today_of as days_of
from accounts.domain.subscription_rows import Batch, Row, lock_accounts
from accounts.domain.subscriptions import schedule_cancel, upsert_subscription
from accounts.enums import SubscriptionStatus as Status
from accounts.exceptions import Conflict
from accounts.models import Contact, Plan, PlanChange, PlanVersion, Subscription

logger = logging.getLogger(__name__)
BATCH = 2000


class StaleQuote(Conflict):
    """What was quoted is no longer so; `fresh` is what it would be now."""

    code = "quote_stale"

    def __init__(self, fresh: Quote) -> None:
        super().__init__(_("Something has changed since this was worked out. Please look at it once more."))
        self.fresh = fresh


def customer(contact: Contact) -> Actor:
    """Who acts on a page without a sign-in. On the timeline in the installation's language, whoever reads the page."""
    with translation.override(settings.LANGUAGE_CODE):
        return Actor(label=_("Customer: %(name)s") % {"name": contact})


@transaction.atomic
def confirm(
    subscription: Subscription, wish: Wish, key: str, *, by: Who, contact: Contact | None = None
) -> tuple[PlanChange, bool]:
    """The change, and whether this call made it. Confirmed again, it is the same one; confirmed on another state than
    it was quoted for, StaleQuote says what it would be now."""
    lock_accounts([subscription.account_id])
    known = {change.key: change for change in subscription.plan_changes.all()}
    if key in known:
        return known[key], False
    fresh = quote(_stored(subscription.pk), wish)
    if fresh.key != key:
        raise StaleQuote(fresh)
    return carry_out(fresh, by=by, contact=contact), True


def carry_out(asked: Quote, *, by: Who, contact: Contact | None = None) -> PlanChange:
    """The quote becomes a change. The account is locked by the caller."""
    if asked.replaces:
        undo(asked.replaces, by=by)
    change = _receipt(asked, Actor.of(by), contact)
    if asked.at_once:
        sub = asked.subscription
        change.applied_at = timezone.now()
        change.save()  # first: what the movement tells of looks at it
        upsert_subscription(sub.account, sub.external_id, by=by, **asked.fields)
        _tell_changed(change, asked, by)
    else:
        change.save()
        record_many([scheduled_fact(change, asked, _in_use([asked]).get(asked.subscription.pk, {}))], by=by)
    if contact:
        confirm_change(change, contact)
    return change


def _receipt(asked: Quote, actor: Actor, contact: Contact | None) -> PlanChange:
    return PlanChange(
        key=asked.key,
        account_id=asked.subscription.account_id,
        subscription=asked.subscription,
        contact=contact,
        actor=actor.label,
        fields=stored_fields(asked.fields),
        told=told_of(asked),
        what=in_our_language(lambda: asked.what),
        money=asked.money,
        currency=asked.subscription.currency,
        before=asked.before_monthly,
        after=asked.after_monthly,
        effective_on=asked.effective_on,
    )


def told_of(asked: Quote) -> dict[str, Any]:
    """What the receipt says in anybody's language."""
    before, after = asked.subscription, asked.after
    return {
        "plan": [str(before.plan or ""), str(after.plan or "")],
        "seats": [before.quantity, after.quantity],
        "interval": [before.interval, after.interval],
        "changes": asked.changes,
        "lines": [[line.what, line.days_left, line.days_period, str(line.money)] for line in asked.lines],
    }


def in_our_language(write: Callable[[], str]) -> str:
    """For what is kept: the next reader may speak another language than this one."""
    with translation.override(settings.LANGUAGE_CODE):
        return write()


# Told -------------------------------------------------------------------------------------------------


def _tell_changed(change: PlanChange, asked: Quote, by: Who) -> None:
    line = asked.lines[-1] if asked.lines else None
    record(
        change.account_id,
        "plan.changed",
        by=by,
        subscription=asked.subscription.external_id,
        what=change.what,
        changes=asked.changes,
        money=displayed(change.money),
        currency=change.currency,
        days_left=line.days_left if line else 0,
        days_period=line.days_period if line else 0,
    )


def scheduled_fact(change: PlanChange, asked: Quote, in_use: Mapping[str, Any]) -> Fact:
    data = {
        "subscription": asked.subscription.external_id,
        "what": change.what,
        "changes": asked.changes,
        "effective_on": change.effective_on,
        "before": displayed(asked.before_monthly),
        "after": displayed(asked.after_monthly),
        "amount": displayed(asked.difference),
        "currency": change.currency,
        "dropped": change.what if asked.is_less else "",
        "in_use": "",
        **in_use,
    }
    return Fact(change.account_id, "plan.change_scheduled", data)


def _in_use(quotes: Sequence[Quote]) -> dict[int, dict[str, Any]]:
    """By subscription: whether what will be dropped is in use."""
    return in_use_of(
        [
            Dropped(
                key=one.subscription.pk,
                account_id=one.subscription.account_id,
                seats=(one.subscription.quantity, one.after.quantity),
                plans=(one.subscription.plan_id, one.after.plan_id),
            )
            for one in quotes
            if one.is_less
        ]
    )


# Taken back -------------------------------------------------------------------------------------------


def ahead_of(subscription: Subscription) -> PlanChange | None:
    """The change that waits for its day."""
    return subscription.plan_changes.filter(applied_at=None, undone_at=None).first()


@transaction.atomic
def undo(change: PlanChange, *, by: Who) -> bool:
    """Until its day has come. False where it was taken back already."""
    waiting = PlanChange.objects.filter(pk=change.pk, applied_at=None, undone_at=None)
    if waiting.update(undone_at=timezone.now()):
        name = change.subscription.external_id
        changes = change.told.get("changes", {})
        record(change.account_id, "plan.change_undone", by=by, subscription=name, what=change.what, changes=changes)
        return True
    if PlanChange.objects.filter(pk=change.pk, applied_at__isnull=False).exists():
        raise Conflict(_("This change has been carried out already."))
    return False


# Leaving ----------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_at_period_end(
    subscription: Subscription, *, by: Who, reason: str, comment: str = "", contact: Contact | None = None
) -> Subscription:
    """What is paid for they keep: it ends when the running period does, a trial when the trial does."""
    lock_accounts([subscription.account_id])
    sub = _stored(subscription.pk)
    if sub.ended_on:
        raise Conflict(_("This subscription has been canceled already."), code="canceled_already")
    if waiting := ahead_of(sub):
        undo(waiting, by=by)
    ended = schedule_cancel(sub, by=by, ends_on=last_day_of(sub), reason=reason, comment=comment)
    if contact:
        confirm_end(_stored(ended.pk), contact)
    return ended


def last_day_of(sub: Subscription) -> date:
    """The first day without it, if it were canceled today."""
    if sub.status == Status.TRIALING and sub.trial_ends_on:
        return sub.trial_ends_on
    today = today_of(sub)
    end = period_of(sub, today)[1]
    # A term that was agreed on is longer than what is invoiced at a time: it runs to its end.
    return max(end, sub.term_end) if sub.term_end else end


@transaction.atomic
def keep_subscription(subscription: Subscription, *, by: Who, contact: Contact | None = None) -> Subscription:
    """They stay after all: until the day it would have ended."""
    lock_accounts([subscription.account_id])
    sub = _stored(subscription.pk)
    if sub.ended_on is None:
        return sub  # kept already
    if sub.status == Status.CANCELED or sub.ended_on <= today_of(sub):
        raise Conflict(_("This subscription is over already. Please ask us to begin it again."), code="over")
    ended_on = sub.ended_on
    row, _result = upsert_subscription(sub.account, sub.external_id, by=by, ended_on=None)
    record(sub.account_id, "subscription.kept", by=by, subscription=sub.external_id, ends_on=ended_on)
    if contact:
        confirm_kept(_stored(row.pk), contact)
    return row


# On their day -----------------------------------------------------------------------------------------

# Plain, as in subscription_sweep: nothing is due most of the time.
DUE = """
select id from accounts_planchange
where applied_at is null and undone_at is null and effective_on <= %s and id > %s order by id limit %s
"""


def apply_due_changes() -> int:
    """How many were carried out. Safe at any time, twice, and by several at once."""
    done = after = 0
    while ids := _due(after):
        with transaction.atomic():
            done += _apply(ids)
        after = ids[-1]
    return done


def _due(after: int) -> list[int]:
    """The day somewhere on earth; the exact one is each account's own."""
    latest = timezone.now().astimezone(timezone.get_fixed_timezone(14 * 60)).date()
    with connection.cursor() as cursor:
        cursor.execute(DUE, [latest, after, BATCH])
        return [pk for (pk,) in cursor.fetchall()]


def _apply(ids: Sequence[int]) -> int:
    accounts = PlanChange.objects.filter(pk__in=ids).values_list("account_id", flat=True)
    days = days_of(lock_accounts(set(accounts)))
    waiting = PlanChange.objects.filter(pk__in=ids, applied_at=None, undone_at=None).select_related("subscription")
    due = [change for change in waiting.order_by("pk") if change.effective_on <= days[change.account_id]]
    over = [change for change in due if change.subscription.ended_on]
    PlanChange.objects.filter(pk__in=[change.pk for change in over]).update(undone_at=timezone.now())
    return _apply_all([change for change in due if not change.subscription.ended_on])


def _apply_all(changes: Sequence[PlanChange]) -> int:
    """As whoever asked for them: a batch for each of those."""
    versions = PlanVersion.objects.in_bulk({c.fields.get("plan_version") for c in changes} - {None})
    plans = Plan.objects.in_bulk({c.fields.get("plan") for c in changes} - {None})
    by_actor: dict[str, list[PlanChange]] = defaultdict(list)
    for change in changes:
        by_actor[change.actor].append(change)
    done = 0
    for actor, mine in by_actor.items():
        batch = Batch(by=Actor(label=actor))
        batch.run([_row(n, change, plans, versions) for n, change in enumerate(mine)])
        refused = {position: str(error) for position, error in batch.counts.refused}
        for position, sentence in refused.items():
            logger.warning("plan change %s waits: %s", mine[position].pk, sentence)
            PlanChange.objects.filter(pk=mine[position].pk).update(error=sentence)
        good = [change.pk for position, change in enumerate(mine) if position not in refused]
        done += PlanChange.objects.filter(pk__in=good).update(applied_at=timezone.now(), error="")
    return done


def stored_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.pk if isinstance(value, (Plan, PlanVersion)) else value for name, value in fields.items()}


def _row(position: int, change: PlanChange, plans: Mapping[int, Plan], versions: Mapping[int, PlanVersion]) -> Row:
    known: dict[str, Mapping[int, Any]] = {"plan": plans, "plan_version": versions}
    fields = {name: known[name].get(value) if name in known else value for name, value in change.fields.items()}
    return Row(position, change.account_id, change.subscription.external_id, fields)


def _stored(pk: int) -> Subscription:
    return Subscription.objects.select_related("account", "plan", "plan_version__plan").get(pk=pk)
