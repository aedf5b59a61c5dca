"""Whom the contact pressure kept a survey from: their accounts' timelines say so, and why."""

from collections.abc import Sequence

from django.utils import timezone

from accounts.domain import pressure
from accounts.domain.activity import SYSTEM
from accounts.domain.bulk import record_set
from health.enums import SkipReason

# As pressure.REASONS calls them. What a survey's own rules leave out (its sample, its languages) is no news.
TOLD_AS = {SkipReason.RED: "red", SkipReason.DETRACTOR_OPEN: "detractor", SkipReason.PRESSURE: "asked"}
HELD = f"""
select i.account_id, 'contact.held_back' as kind, null::timestamptz as occurred_at, jsonb_build_object(
    'contact', coalesce(nullif(c.name, ''), c.email), 'what', s.name, 'until', to_jsonb(last.at + %(cool_down)s),
    'why', case i.skip_reason {" ".join(f"when '{reason}' then '{why}'" for reason, why in TOLD_AS.items())} end
) as data
from health_invite i
join health_survey s on s.id = i.survey_id
join accounts_contact c on c.id = i.contact_id
left join lateral (
    select max(k.at) as at from accounts_ask k where i.skip_reason = '{SkipReason.PRESSURE}' and k.address = i.address
) last on true
where i.id = any(%(invites)s) and i.skip_reason = any(%(reasons)s)
order by i.id
"""  # noqa: S608 - constants


def tell_held_back(invites: Sequence[int]) -> int:
    """Of these invites. In the transaction that decided it; nobody answers to it."""
    params = {
        "invites": list(invites),
        "reasons": [reason.value for reason in TOLD_AS],
        "cool_down": pressure.cool_down(),
        "now": timezone.now(),
    }
    if not params["invites"]:
        return 0
    return record_set("contact.held_back", HELD, params, by=SYSTEM, quiet="true", count=len(invites))
