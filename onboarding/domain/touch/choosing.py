"""Recommending a touch model, and deciding otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.activity import SYSTEM, Actor, Fact, Who, record, record_many
from accounts.domain.text import one_line
from accounts.enums import Role, Stage, TouchModel
from accounts.exceptions import DomainError, Forbidden
from accounts.models import Account, Activity
from onboarding.domain.touch.arithmetic import Recommendation, recommended
from onboarding.domain.touch.facts import Known, free_hours, known_of, limits
from onboarding.domain.touch.wording import reason
from onboarding.models import TouchDecision

COLUMNS = ["recommended", "facts", "recommended_at"]


@transaction.atomic
def recommend(
    accounts: Iterable[Account | int], *, by: Who = SYSTEM, causes: Mapping[int, int] | None = None
) -> dict[int, TouchDecision]:
    """For many at once, by the account's id. Who is worth most is thought of first: the hours of the week are given
    away once. What a person has chosen stays chosen."""
    ids = [one if isinstance(one, int) else one.pk for one in accounts]
    rows = (
        Account.objects.select_for_update(of=("self",), no_key=True)
        .select_related("plan")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    known = sorted(known_of(list(rows)), key=lambda one: (-one.yearly_value, one.account.pk))
    before = TouchDecision.objects.in_bulk([one.account.pk for one in known], field_name="account_id")
    decisions = _decided(known, before)
    TouchDecision.objects.bulk_create(
        decisions.values(), update_conflicts=True, unique_fields=["account"], update_fields=COLUMNS
    )
    _keep_on_accounts([one.account for one in known], decisions)
    news = [
        pk for pk, decision in decisions.items() if pk not in before or before[pk].recommended != decision.recommended
    ]
    record_many([_told(decisions[pk], (causes or {}).get(pk)) for pk in news], by=by)
    return decisions


def _decided(known: Sequence[Known], before: Mapping[int, TouchDecision]) -> dict[int, TouchDecision]:
    within, left = limits(), free_hours(without=[one.account.pk for one in known])
    decisions = {}
    for one in known:
        found = recommended(one.complexity, one.yearly_value, left, within)
        former = before.get(one.account.pk) or TouchDecision(account=one.account)
        decisions[one.account.pk] = TouchDecision(
            account=one.account, recommended=found.model, facts=_facts(one, found), recommended_at=timezone.now(),
            chosen=former.chosen, reason=former.reason, chosen_by_id=former.chosen_by_id, chosen_at=former.chosen_at,
        )  # fmt: skip
        if left is not None:
            left = max(Decimal(0), left - within.hours[TouchModel(decisions[one.account.pk].model)])
    return decisions


def _facts(known: Known, found: Recommendation) -> dict[str, Any]:
    return {
        "complexity": known.complexity,
        "yearly_value": str(known.yearly_value),
        "currency": settings.REPORTING_CURRENCY,
        "wanted": found.wanted.value,
        "needed_hours": str(found.needed),
        "free_hours": None if found.free is None else str(found.free),
    }


def _keep_on_accounts(accounts: Iterable[Account], decisions: Mapping[int, TouchDecision]) -> None:
    """Lists, templates and figures read it there."""
    moved: dict[str, list[int]] = {}
    for account in accounts:
        if account.touch_model != (model := decisions[account.pk].model):
            moved.setdefault(model, []).append(account.pk)
    for model, ids in moved.items():
        Account.objects.filter(pk__in=ids).update(touch_model=model)


def _told(decision: TouchDecision, cause: int | None) -> Fact:
    with translation.override(settings.LANGUAGE_CODE):
        why = reason(decision.recommended, decision.facts)
    data = {
        "model": decision.recommended,
        "wanted": decision.facts["wanted"],
        "reason": why,
        "facts": decision.facts,
    }
    return Fact(decision.account_id, "touch.recommended", data, cause_id=cause)


def recommend_missing(accounts: Iterable[Account]) -> None:
    """To those for whom nobody and nothing has said one yet: before something is begun that depends on it."""
    missing = [account for account in accounts if not account.touch_model]
    decisions = recommend(missing) if missing else {}
    for account in missing:
        account.touch_model = decisions[account.pk].model


@transaction.atomic
def recommend_new(activities: Sequence[Activity]) -> None:
    """For new customers, as soon as they are there, and again when it is known what they take. (A reaction.)"""
    causes = {activity.account_id: activity.pk for activity in activities}
    since = timezone.localdate() - timedelta(days=rules.number("touch.new_days"))
    fresh = Account.objects.filter(Q(started_on=None) | Q(started_on__gte=since), pk__in=causes)
    ids = list(fresh.exclude(stage=Stage.CHURNED).order_by("pk").values_list("pk", flat=True))
    if ids:
        recommend(ids, causes=causes)


@transaction.atomic
def choose(account: Account, model: str, reason: str, *, by: Who) -> TouchDecision:
    """A person's word, with their reason, instead of the recommendation. What an admin has said a CSM does not undo."""
    why = one_line(reason, 400, field="reason")
    if model not in TouchModel.values:
        raise DomainError(_("Choose one of the values."), errors={"model": [_("Choose one of the values.")]})
    if not why:
        raise DomainError(_("Say why."), code="reason_missing", errors={"reason": [_("Say why.")]})
    actor = Actor.of(by)
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    decision = _decision_of(account)
    _check_word(decision, actor)
    before = decision.model
    decision.chosen, decision.reason = model, why
    decision.chosen_by, decision.chosen_at = actor.user, timezone.now()
    decision.save(update_fields=["chosen", "reason", "chosen_by", "chosen_at"])
    Account.objects.filter(pk=account.pk).update(touch_model=model)
    account.touch_model = model
    record(account, "touch.chosen", by=by, model=model, before=before, reason=why)
    return decision


def _decision_of(account: Account) -> TouchDecision:
    found = TouchDecision.objects.select_related("chosen_by").filter(account=account).first()
    return found or recommend([account])[account.pk]


def _check_word(decision: TouchDecision, actor: Actor) -> None:
    said = decision.chosen_by
    if said and said.role == Role.ADMIN and actor.user and actor.user.role != Role.ADMIN:
        raise Forbidden(
            _("%(who)s, an admin, has decided this. Ask them to change it.") % {"who": said}, code="admin_decided"
        )
