"""What is told on the timelines: of the account that refers, and of the one that is referred."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.domain.activity import Fact, Who, record_many
from referrals.enums import FlagReason
from referrals.models import Referral


def told(referral: Referral) -> dict[str, Any]:
    return {
        "partner": referral.partner.name,
        "program": referral.program.name,
        "partner_id": referral.partner_id,
        "customer": str(referral),
        "referral": referral.pk,
    }


def tell(kind: str, referral: Referral, *, by: Who = None, **facts: Any) -> None:
    """Of an affiliate's referral of somebody who is no account of ours, no timeline tells."""
    tell_many(kind, [referral], by=by, **facts)


def tell_many(kind: str, referrals: Iterable[Referral], *, by: Who = None, **facts: Any) -> None:
    record_many(facts_of(kind, referrals, **facts), by=by)


def facts_of(kind: str, referrals: Iterable[Referral], **facts: Any) -> list[Fact]:
    return [
        Fact(account_id, kind, {**told(referral), **facts})
        for referral in referrals
        for account_id in dict.fromkeys([referral.partner.account_id, referral.account_id])
        if account_id is not None
    ]


def flags_in_words(data: Mapping[str, Any]) -> str:
    labels = dict(FlagReason.choices)
    return ", ".join(str(labels.get(flag, flag)) for flag in data.get("flag_keys") or ())
