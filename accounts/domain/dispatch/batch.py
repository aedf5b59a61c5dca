"""One batch of activities, from claim to deliveries, in one transaction.

Playbooks only write to the database, so their effects commit together with the claim: done once or not at all.
Reactions run afterwards, each in a transaction of its own (reacting.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import structlog
from django.db import connection, transaction
from django.utils import timezone, translation

from accounts.domain import webhooks
from accounts.domain.conditions import Facts
from accounts.domain.dispatch.asking import Asking, key_of
from accounts.domain.dispatch.closing import (
    Clearing,
    Closing,
    cleared_since,
    close,
    closing_kinds,
    open_ones,
    what_clears,
)
from accounts.domain.dispatch.endings import UNDECIDED, Ending, failed, store
from accounts.domain.dispatch.facts import (
    NOBODY,
    AccountFacts,
    Team,
    Whom,
    account_facts,
    contacts_to_talk_to,
    named_contacts,
    named_in,
)
from accounts.domain.dispatch.matching import (
    CHURNED,
    CLEARED,
    Opening,
    Prepared,
    Skip,
    moment,
    prepare_opening,
    why_not,
)
from accounts.domain.dispatch.opening import Result, open_all
from accounts.domain.followups import refresh_expected_loss
from accounts.enums import DeliveryStatus, PlaybookState
from accounts.models import Activity, Delivery, Playbook
from accounts.registry import reactions_to

log = structlog.get_logger(__name__)

BATCH = 2000
# One dispatcher at a time: what happened to an account is answered in its order. Others need not wait: the one
# at work looks again after it let go (see __init__).
LOCK = 0x7E409E
CLOSING = "closing:"  # subscribers: a playbook by what opens and by what closes


def dispatch_batch(limit: int = BATCH) -> Sequence[Activity] | None:
    """The activities that were dispatched; None if another dispatcher is at work."""
    with transaction.atomic():
        if not _ours():
            return None
        activities = _claim(limit)
        if not activities:
            return []
        touched = fan_out(activities, claimed=True)
        _mark(activities)
    # MRR or band may have moved while the rows were being written, unseen by whoever moved it.
    refresh_expected_loss(touched)
    return activities


def park_next(error: Exception) -> Sequence[Activity] | None:
    """Set the next activity aside, where an admin sees it, so that those behind it go on."""
    with transaction.atomic():
        if not _ours():
            return None
        for activity in (claimed := _claim(1)):
            told = failed(activity, "dispatch", error, timezone.now())
            store([replace(told, status=DeliveryStatus.PARKED, again_at=None)])
        _mark(claimed)
    return claimed


def _mark(activities: Sequence[Activity]) -> None:
    """As dispatched: with that they are on their way to the webhooks, too."""
    webhooks.mark_dispatched([activity.id for activity in activities], timezone.now())


def waiting() -> bool:
    return Activity.objects.filter(dispatched_at__isnull=True).exists()


def _ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def _claim(limit: int) -> list[Activity]:
    rows = Activity.objects.filter(dispatched_at__isnull=True).order_by("recorded_at", "pk")
    return list(rows.select_for_update(skip_locked=True, of=("self",), no_key=True)[:limit])


def fan_out(activities: Sequence[Activity], *, claimed: bool = False) -> list[int]:
    """All that playbooks do about these activities, and a delivery for each who wanted to know. Returns the ids of
    accounts that got a follow-up. `claimed`: nobody else tells of them meanwhile."""
    run = Run(activities, load_playbooks())
    with translation.override("en"):
        endings = run.playbooks() + run.closings() + run.reactions()
    store(endings, again=bool(run.told) or not claimed)
    return run.touched


def load_playbooks() -> list[Prepared]:
    """Those that are on, and those that are not but still have something to close."""
    rows = Playbook.objects.exclude(state=PlaybookState.DRAFT).prefetch_related("pool").order_by("pk")
    return [Prepared(row, [user.pk for user in row.pool.all()]) for row in rows]


@dataclass
class Want:
    """A playbook that waits for this kind of activity."""

    activity: Activity
    prepared: Prepared


class Run:
    """What the parts of one batch share: the facts, read once."""

    def __init__(
        self, activities: Sequence[Activity], playbooks: Sequence[Prepared], since: datetime | None = None
    ) -> None:
        self.activities, self.known, self.since = activities, playbooks, since
        self.touched: list[int] = []
        self.now = timezone.now()
        by_kind: dict[str, list[Prepared]] = {}
        for prepared in playbooks:
            if prepared.playbook.state == PlaybookState.ON:
                by_kind.setdefault(prepared.playbook.trigger, []).append(prepared)
        self.told = self._told_before()
        self.wants = [
            Want(activity, prepared)
            for activity in activities
            for prepared in by_kind.get(activity.kind, ())
            if self.told.get((activity.id, prepared.subscriber)) in {None, *UNDECIDED}
        ]
        self.signals: dict[str, list[Activity]] = {kind: [] for kind in closing_kinds(playbooks)}
        for activity in activities:
            if (found := self.signals.get(activity.kind)) is not None:
                found.append(activity)
        asked = {a.account_id for a in activities if a.kind in by_kind or a.kind in self.signals}
        self.accounts: dict[int, AccountFacts] = account_facts(asked) if asked else {}
        # What both say, an activity and its account.
        self.facts: dict[int, Facts] = {
            a.id: {**a.data, **self.accounts[a.account_id]} for a in activities if a.account_id in self.accounts
        }

    def _told_before(self) -> dict[tuple[int, str], str]:
        """Should an activity come twice, who was told once is not told again."""
        ids = [activity.id for activity in self.activities]
        rows = Delivery.objects.filter(activity__among=ids).values_list("activity_id", "subscriber", "status")
        return {(activity_id, subscriber): status for activity_id, subscriber, status in rows}

    # Playbooks ----------------------------------------------------------------------------------------

    def playbooks(self) -> list[Ending]:
        if not self.wants:
            return []
        openings, endings = self._openings()
        cleared = cleared_since(openings, self.accounts)
        for number, by in cleared.items():
            want = Want(openings[number].activity, openings[number].prepared)
            endings.append(_skipped(want, Skip(CLEARED, {"at": moment(by.occurred_at)}), self.now))
        left = [opening for number, opening in enumerate(openings) if number not in cleared]
        asking = Asking(left)
        held = {key_of(each.opening): each for each in asking.held}
        results = open_all(opening for opening in left if not held or key_of(opening) not in held)
        asking.note({key_of(r.opening) for r in results if r.follow_up_id and not r.note} if asking.openings else ())
        asking.tell()
        endings += [_skipped(Want(h.opening.activity, h.opening.prepared), h.skip, self.now) for h in asking.held]
        self.touched += [r.opening.activity.account_id for r in results if r.follow_up_id]
        return endings + [_ended(result, self.now) for result in results]

    def _openings(self) -> tuple[list[Opening], list[Ending]]:
        openings: list[Opening] = []
        endings: list[Ending] = []
        team, whom = Team(), self._whom()
        for _id, group in groupby(self.wants, key=lambda want: want.activity.id):
            wants = list(group)
            activity = wants[0].activity
            account = self.accounts[activity.account_id]
            facts = self.facts[activity.id]
            for want in wants:
                try:
                    if skip := why_not(want.prepared, activity, account, facts):
                        endings.append(_skipped(want, skip, self.now))
                    else:
                        openings.append(self._opening(want, account, team, whom(activity)))
                except Exception as error:  # one bad playbook must not keep the others from running
                    log.exception("playbook failed", playbook=want.prepared.playbook.key, activity=activity.id)
                    endings.append(failed(activity, want.prepared.subscriber, error, self.now))
        return openings, endings

    def _opening(self, want: Want, account: AccountFacts, team: Team, contact: Whom) -> Opening:
        return prepare_opening(want.prepared, want.activity, account, team, contact, since=self.since)

    def _whom(self) -> Callable[[Activity], Whom]:
        """Whom each is about: the person an activity names, else whom to talk to. Looked up only where it is said."""
        about = [w.activity for w in self.wants if w.prepared.is_about_contact]
        usual = contacts_to_talk_to({a.account_id for a in about}) if about else {}
        names = {(a.account_id, name) for a in about if (name := named_in(a))}
        named = named_contacts(names) if names else {}
        return lambda a: named.get((a.account_id, named_in(a))) or usual.get(a.account_id, NOBODY)

    # Those that clear -----------------------------------------------------------------------------------

    def closings(self) -> list[Ending]:
        clearing: dict[Prepared, Clearing] = {}
        endings: list[Ending] = []
        for prepared in self.known:
            try:
                if found := what_clears(prepared, self._signals(prepared), self.facts):
                    clearing[prepared] = found
            except Exception as error:  # one bad closing condition must not keep the others open
                endings += self._not_closed(prepared, error)
        for prepared, closing in open_ones(clearing).items():
            endings += self._closed(prepared, closing)
        return endings

    def _signals(self, prepared: Prepared) -> list[Activity]:
        closes_on = prepared.playbook.closes_on
        return [a for kind in {closes_on, CHURNED} for a in self.signals[kind]] if closes_on else []

    def _closed(self, prepared: Prepared, closing: Closing) -> list[Ending]:
        try:
            with transaction.atomic():
                closed = close(prepared, closing)
        except Exception as error:
            return self._not_closed(prepared, error)
        subscriber = f"{CLOSING}{prepared.playbook.pk}"
        return [Ending(a, subscriber, DeliveryStatus.DONE, self.now, follow_up_id=pk) for a, pk in closed.items()]

    def _not_closed(self, prepared: Prepared, error: Exception) -> list[Ending]:
        log.error("closing what has cleared failed", playbook=prepared.playbook.key, exc_info=error)
        subscriber = f"{CLOSING}{prepared.playbook.pk}"
        return [failed(activity, subscriber, error, self.now) for activity in self._signals(prepared)]

    # Reactions ------------------------------------------------------------------------------------------

    def reactions(self) -> list[Ending]:
        heard = {kind: reactions_to(kind) for kind in {activity.kind for activity in self.activities}}
        return [
            Ending(
                activity, f"reaction:{reaction.name}", DeliveryStatus.PENDING, self.now, attempts=0, again_at=self.now
            )
            for activity in self.activities
            for reaction in heard[activity.kind]
            if (activity.id, f"reaction:{reaction.name}") not in self.told
        ]


def _ended(result: Result, now: datetime) -> Ending:
    opening = result.opening
    if result.status == DeliveryStatus.FAILED:
        return failed(opening.activity, opening.prepared.subscriber, result.note, now)
    return Ending(
        opening.activity,
        opening.prepared.subscriber,
        result.status,
        now,
        result.note,
        result.facts,
        result.follow_up_id,
        again_at=result.again_at,
    )


def _skipped(want: Want, skip: Skip, now: datetime) -> Ending:
    return Ending(want.activity, want.prepared.subscriber, DeliveryStatus.SKIPPED, now, skip.note, skip.facts)
