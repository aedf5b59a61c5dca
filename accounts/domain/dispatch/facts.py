"""What playbooks ask about accounts and people: read once a batch."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.domain.languages import supported
from accounts.domain.order import all_odds
from accounts.enums import Role
from accounts.models import Account, Activity, Contact, FollowUp, User

AccountFacts = dict[str, Any]

_COLUMNS: dict[str, Any] = {
    "id": "id",
    "name": "name",
    "csm_id": "csm_id",
    "csm_name": "csm__name",
    "time_zone": "time_zone",
    "country": "country",
    "account.segment": "segment__key",
    # Its own, recommended or chosen; else what is usual in the segment.
    "account.touch_model": Coalesce(NullIf("touch_model", Value("")), "segment__touch_model"),
    "account.plan": "plan__key",
    "account.csm": "csm__email",
    "account.band": "band",
    "account.mrr": "mrr",
    "account.stage": "stage",
}


def account_facts(ids: Iterable[int]) -> dict[int, AccountFacts]:
    rows = Account.objects.filter(pk__among=set(ids)).values_list(*_COLUMNS.values())
    return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}


class Whom(NamedTuple):
    """Somebody of theirs, and the language of ours that they read ("" where that is not known)."""

    name: str = ""
    language: str = ""


NOBODY = Whom()


def contacts_to_talk_to(ids: Collection[int]) -> dict[int, Whom]:
    """Of each account: the champion, else who decides, else whom we know longest."""
    rows = (
        Contact.objects.filter(account_id__among=set(ids), left_on__isnull=True)
        .order_by("account_id", "-champion", "-decides", "pk")
        .distinct("account_id")
        .values_list("account_id", "name", "email", "language")
    )
    return {account_id: Whom(name or email, supported(language)) for account_id, name, email, language in rows}


def named_in(activity: Activity) -> str:
    """The person an activity is about, if it names one."""
    name = activity.data.get("contact")
    return name if isinstance(name, str) else ""


def named_contacts(named: Collection[tuple[int, str]]) -> dict[tuple[int, str], Whom]:
    """Those whom activities are about, by account and name."""
    accounts, names = {account for account, _name in named}, {name for _account, name in named}
    rows = Contact.objects.filter(account__among=accounts, left_on__isnull=True).filter(
        Q(name__among=names) | Q(name="", email__among=names)
    )
    return {
        (account_id, name or email): Whom(name or email, supported(language))
        for account_id, name, email, language in rows.values_list("account_id", "name", "email", "language")
    }


class Team:
    """Who gets a follow-up. Somebody who cannot work is never handed one."""

    def __init__(self) -> None:
        self.odds = all_odds()  # of loss, which order what they get
        self.people: dict[int, User] = {user.pk: user for user in User.objects.active().order_by("pk")}
        self.loads: dict[int, int] | None = None

    def for_rule(self, rule: str, account: AccountFacts, pool: Collection[int]) -> User | None:
        if rule == "pool" and (chosen := self._least_loaded(pool)):
            return chosen
        return self._manager(account) if rule == "manager" else self._csm(account)

    def _csm(self, account: AccountFacts) -> User | None:
        return self._worker(account["csm_id"]) or self._manager(account)

    def _manager(self, account: AccountFacts) -> User | None:
        return self.boss_of(account["csm_id"])

    def boss_of(self, user_id: int | None) -> User | None:
        """Who is told when it is late: their manager, else any."""
        user = self.people.get(user_id) if user_id else None
        return (user and self._worker(user.manager_id)) or self._first(Role.MANAGER) or self._first(Role.ADMIN)

    def _worker(self, pk: int | None) -> User | None:
        user = self.people.get(pk) if pk else None
        return user if user and user.role != Role.VIEWER else None

    def _first(self, role: Role) -> User | None:
        return next((user for user in self.people.values() if user.role == role), None)

    def _least_loaded(self, pool: Collection[int]) -> User | None:
        able = [pk for pk in sorted(pool) if self._worker(pk)]
        if not able:
            return None
        if self.loads is None:
            self.loads = _open_counts(self.people)
        chosen = min(able, key=lambda pk: (self.loads.get(pk, 0), pk))  # type: ignore[union-attr]
        self.loads[chosen] = self.loads.get(chosen, 0) + 1
        return self.people[chosen]


def _open_counts(people: Iterable[int]) -> dict[int, int]:
    rows = FollowUp.objects.workable().filter(assignee__in=people).values_list("assignee").annotate(n=Count("pk"))
    return dict(rows)
