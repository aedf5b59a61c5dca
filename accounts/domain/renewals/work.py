"""What people do with a renewal: move its stage, say how likely it is, settle a disagreement, decide it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.activity import Actor, Who, record
from accounts.domain.renewals.changes import agreed, amount, apply_changes, refuse
from accounts.domain.renewals.deciding import Decision, decided
from accounts.domain.renewals.disputes import about, per_cent, review
from accounts.domain.renewals.extending import extend
from accounts.domain.subscription_rows import lock_accounts
from accounts.domain.subscription_values import whole
from accounts.domain.subscriptions import schedule_cancel
from accounts.domain.text import one_line, prose
from accounts.enums import ChurnReason, RenewalStage as Stage
from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity, Renewal

ONE = Decimal(1)


def the_renewal(renewal: Renewal | int) -> Renewal:
    """As it is now, with all that is said about it."""
    pk = renewal if isinstance(renewal, int) else renewal.pk
    rows = Renewal.objects.select_related("account", "subscription__account", "decided_by", "call_by")
    try:
        return rows.get(pk=pk)
    except Renewal.DoesNotExist:
        raise DomainError(_("This renewal does not exist."), code="not_found", status=404) from None


def open_renewal(renewal: Renewal | int) -> Renewal:
    """Ours until the transaction ends, and not decided yet."""
    row = the_renewal(renewal)
    lock_accounts([row.account_id])
    row = the_renewal(row.pk)
    if row.decided_at:
        raise already(row)
    return row


def already(row: Renewal) -> Conflict:
    """Who was faster, and what they decided."""
    told = Activity.objects.filter(account=row.account_id, kind="renewal.decided", data__renewal=row.pk)
    who = row.decided_by or told.order_by("pk").values_list("actor_label", flat=True).last() or "Tenure"
    return Conflict(
        _("%(who)s has decided this renewal already: %(outcome)s.") % {"who": who, "outcome": Stage(row.stage).label},
        code="decided",
    )


# Stage -------------------------------------------------------------------------------------------------


@transaction.atomic
def move_stage(renewal: Renewal | int, stage: str, *, by: Who) -> Renewal:
    """Upcoming, engaged, committed; an outcome is decided, not moved to."""
    if stage not in Stage.open():
        raise refuse("stage", _("Choose a stage; an outcome is decided."))
    row = open_renewal(renewal)
    if row.stage == stage:
        return row
    before, row.stage, row.updated_at = row.stage, Stage(stage).value, timezone.now()
    row.save(update_fields=["stage", "updated_at"])
    record(row.account_id, "renewal.stage_moved", by=by, before=before, after=row.stage, **about(row))
    return row


# How likely it is ---------------------------------------------------------------------------------------


def clean_chance(given: Any, *, field: str = "probability") -> Decimal:
    """From 0 to 1, in thousandths."""
    try:
        chance = Decimal(str(given).strip())
    except InvalidOperation:
        raise refuse(field, _("This is no number.")) from None
    if not chance.is_finite() or not 0 <= chance <= ONE:
        raise refuse(field, _("A probability lies between 0 and 100%."))
    return chance.quantize(Decimal("0.001"))


@transaction.atomic
def call(renewal: Renewal | int, probability: Any, reason: str, *, by: Who) -> Renewal:
    """The CSM's own word replaces what health says; None takes it back."""
    why = one_line(reason, 400, field="reason")
    if not why:
        raise refuse("reason", _("Say why."))
    chance = None if probability is None else clean_chance(probability)
    row = open_renewal(renewal)
    _set_call(row, chance, why, by)
    review([row.pk], by=by)
    return the_renewal(row.pk)


def _set_call(row: Renewal, chance: Decimal | None, why: str, by: Who) -> None:
    before, now = row.call_probability, timezone.now()
    row.call_probability = chance  # type: ignore[assignment]  # nullable, as its options say
    row.call_reason, row.call_by, row.call_at, row.updated_at = why, Actor.of(by).user, now, now
    row.save(update_fields=["call_probability", "call_reason", "call_by", "call_at", "updated_at"])
    told = {**about(row), "chance": per_cent(chance), "before": per_cent(before), "reason": why}
    record(row.account_id, "renewal.called", by=by, **told)


@transaction.atomic
def settle(renewal: Renewal | int, note: str, *, by: Who, probability: Any = None) -> Renewal:
    """What was found when health, CSM and customer disagreed; with `probability` it is the CSM's call from now on."""
    found = one_line(note, 400, field="note")
    if not found:
        raise refuse("note", _("Say what you found."))
    chance = None if probability is None or probability == "" else clean_chance(probability)
    row = open_renewal(renewal)
    if row.disagreement_since is None or row.settled_at is not None:
        raise Conflict(_("There is no disagreement to settle here."), code="nothing_to_settle")
    if chance is not None:
        _set_call(row, chance, found, by)
    row.settled_at, row.settled_note, row.updated_at = timezone.now(), found, timezone.now()
    row.save(update_fields=["settled_at", "settled_note", "updated_at"])
    record(row.account_id, "renewal.settled", by=by, note=found, chance=per_cent(chance), **about(row))
    return the_renewal(row.pk)


# The decision --------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    renewal: Renewal | int,
    outcome: str,
    *,
    by: Who,
    mrr: Any = None,
    reason: str = "",
    comment: str = "",
    unit_amount: Any = None,
    quantity: Any = None,
) -> Renewal:
    """Exactly once: whoever comes second gets a Conflict that says who decided what.

    Won, the next term begins where this one ends; expanded or contracted needs what it is worth then (`mrr` in the
    reporting currency, or `unit_amount` and `quantity`), which the subscription gets on that day. Lost needs a reason,
    and the subscription ends with the term.
    """
    if outcome not in Stage.decided():
        raise refuse("outcome", _("Choose an outcome: renewed, expanded, contracted or lost."))
    comment = prose(comment, 5000, field="comment")
    row = open_renewal(renewal)
    sub = row.subscription
    if outcome == Stage.LOST:
        _lose(row, reason, comment, by)
    else:
        seats = None if quantity is None or quantity == "" else _seats(quantity)
        after = agreed(sub, outcome, amount(mrr), amount(unit_amount, "unit_amount"), seats)
        _claim(row, Decision(row.pk, outcome, sub.mrr, after[0], "", comment, *after[1:]), by)
        extend([sub], by=by)
        _at_once(the_renewal(row.pk), by)
    return the_renewal(row.pk)


def _claim(row: Renewal, decision: Decision, by: Who) -> None:
    if not decided([decision], by=by):
        raise already(the_renewal(row.pk))


def _lose(row: Renewal, reason: str, comment: str, by: Who) -> None:
    if reason not in ChurnReason.values:
        raise DomainError(
            _("Say why they leave: one of the reasons."),
            code="reason_missing",
            errors={"reason": [_("Choose a reason.")]},
        )
    sub = row.subscription
    _claim(row, Decision(row.pk, Stage.LOST, sub.mrr, Decimal(0), reason, comment), by)
    if sub.ended_on is None or sub.ended_on > row.ends_on:
        schedule_cancel(sub, by=by, ends_on=row.ends_on, reason=reason, comment=comment)


def _at_once(row: Renewal, by: Who) -> None:
    """Where the term is over already, its change does not wait for the clock."""
    today = timezone.now().astimezone(row.account.time_zone).date()
    if row.attention_on and row.ends_on <= today and (refused := apply_changes([row], by=by)):
        raise DomainError(refused[row.pk], code="change_refused")


def _seats(given: Any) -> int:
    try:
        return whole(1, 10_000_000)(given)
    except DomainError as error:
        raise refuse("quantity", str(error)) from None
