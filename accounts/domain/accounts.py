"""Customers: how they come in, who looks after them, what is written down about them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.account_rows import upsert_accounts
from accounts.domain.account_values import FIELDS, clean_account, clean_external_id, told
from accounts.domain.activity import Fact, Who, record, record_facts
from accounts.domain.followups import log_contact, move_along, refresh_expected_loss
from accounts.domain.text import prose
from accounts.enums import Stage
from accounts.exceptions import DomainError
from accounts.models import Account, Activity, Contact, User

__all__ = ["add_account", "assign_csm", "change_stage", "log_call", "upsert_account", "upsert_accounts", "write_note"]


@transaction.atomic
def upsert_account(external_id: str, *, by: Who, source: str = "API", **fields: Any) -> tuple[Account, str]:
    """The account, and whether it was "created", "updated" or "unchanged". What is left out stays as it is."""
    external_id, values = clean_external_id(external_id), clean_account(fields)
    account = Account.objects.select_for_update(no_key=True).filter(external_id=external_id).first()
    if account is None:
        if not values.get("name"):
            sentence = _("A new account needs a name.")
            raise DomainError(sentence, code="name_missing", errors={"name": [sentence]})
        account, created = Account.objects.get_or_create(external_id=external_id, defaults=values)
        if created:
            record(account, "account.created", by=by, source=source)
            return account, "created"
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # somebody was faster
    return account, "updated" if _update(account, values, by) else "unchanged"


@transaction.atomic
def add_account(external_id: str, *, by: Who, source: str, **fields: Any) -> Account:
    """For who means a new one: of an account there is, or was a moment ago, nothing is overwritten."""
    account, result = upsert_account(external_id, by=by, source=source, **fields)
    if result != "created":
        sentence = _("There is an account with this id already.")
        raise DomainError(sentence, code="there_already", errors={"external_id": [sentence]})
    return account


def _update(account: Account, values: Mapping[str, Any], by: Who) -> bool:
    before = {name: getattr(account, name) for name in values}
    changed = [name for name, value in values.items() if before[name] != value]
    if not changed:
        return False
    for name in changed:
        setattr(account, name, values[name])
    account.save(update_fields=changed)
    _tell_changes(account, {name: (before[name], values[name]) for name in changed}, by)
    return True


def _tell_changes(account: Account, changes: dict[str, tuple[Any, Any]], by: Who) -> None:
    if csm := changes.pop("csm", None):
        record(account, "account.csm_assigned", by=by, before=str(csm[0] or ""), after=str(csm[1] or ""))
        move_along({account.pk: (csm[0] and csm[0].pk, csm[1] and csm[1].pk)}, by=by)
    if stage := changes.pop("stage", None):
        record(account, "account.stage_changed", by=by, before=stage[0], after=stage[1])
    if changes:
        data = {name: [told(old), told(new)] for name, (old, new) in changes.items()}
        labels = ", ".join(str(FIELDS[name].label) for name in changes)
        record(account, "account.updated", by=by, fields=labels, changes=data)


@transaction.atomic
def assign_csm(accounts: Iterable[Account | int], csm: User | None, *, by: Who, follow_ups: bool = True) -> int:
    """`csm` looks after them from now on (None: nobody), and does what the one before had open there, unless
    `follow_ups` says that it stays. Gives the number of accounts that moved."""
    if csm and not (csm.is_active and csm.may("followup.work")):
        raise DomainError(_("%(name)s cannot look after accounts.") % {"name": csm}, code="cannot_take")
    ids = sorted({account if isinstance(account, int) else account.pk for account in accounts})
    rows = Account.objects.filter(pk__in=ids).exclude(csm=csm).order_by("pk").select_for_update(no_key=True)
    before = dict(rows.values_list("pk", "csm_id"))
    Account.objects.filter(pk__in=before).update(csm=csm)
    names, after = _names(before.values()), str(csm or "")
    record_facts(
        (
            Fact(pk, "account.csm_assigned", {"before": names.get(old, ""), "after": after})
            for pk, old in before.items()
        ),
        by=by,
    )
    if csm and follow_ups:
        move_along({pk: (old, csm.pk) for pk, old in before.items()}, by=by)
    return len(before)


def _names(ids: Iterable[int | None]) -> dict[int | None, str]:
    known = {pk for pk in ids if pk}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=known)} if known else {}


@transaction.atomic
def change_stage(account: Account | int, stage: str, *, by: Who) -> Account:
    """Where the customer is on its way with us. Already there: nothing happens."""
    if stage not in Stage.values:
        raise DomainError(_("There is no stage “%(stage)s”.") % {"stage": stage}, code="stage_unknown")
    row = Account.objects.select_for_update(no_key=True).get(pk=account if isinstance(account, int) else account.pk)
    if row.stage != stage:
        before, row.stage = row.stage, stage
        row.save(update_fields=["stage"])
        record(row, "account.stage_changed", by=by, before=before, after=stage)
        refresh_expected_loss([row.pk])
    return row


def log_call(
    account: Account,
    *,
    by: Who,
    contact: Contact | None = None,
    minutes: int = 0,
    summary: str,
    two_way: bool = True,
    occurred_at: datetime | None = None,
) -> Activity:
    """A call; if they spoke with us, it is the last contact, and open follow-ups count as contacted."""
    return log_contact(
        account, by=by, contact=contact, minutes=minutes, summary=summary, two_way=two_way, at=occurred_at
    )


@transaction.atomic
def write_note(account: Account, *, by: Who, text: str) -> Activity:
    text = prose(text, 10_000, field="text")
    if not text:
        raise DomainError(_("Write something first."), code="text_missing", errors={"text": [_("Write something.")]})
    return record(account, "note.written", by=by, text=text)


def external_ids(ids: Sequence[str]) -> dict[str, int]:
    """Of those that exist: external id → id."""
    return dict(Account.objects.filter(external_id__in=ids).values_list("external_id", "pk"))
