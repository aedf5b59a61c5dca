"""What `manage.py doctor` looks at on the ground floor: sums that must agree, work that nobody does, rows without their
account. Each is one question to the database; answers are sentences, none where all is well."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

SHOWN = 5

# Subscriptions, movements and the account itself say the same, to the last digit.
MRR = """
select a.external_id from accounts_account a
left join (select account_id, sum(mrr) as mrr from accounts_subscription group by 1) s on s.account_id = a.id
left join (select account_id, sum(amount) as mrr from accounts_movement group by 1) m on m.account_id = a.id
where a.mrr <> coalesce(s.mrr, 0) or a.mrr <> coalesce(m.mrr, 0) order by a.id
"""
NOBODYS = """
select f.id from accounts_followup f join accounts_user u on u.id = f.assignee_id
where f.closed_at is null and not u.is_active order by f.id
"""
WAITING = "select id from accounts_activity where dispatched_at is null and recorded_at < now() - interval '10 minutes'"
PARKED = "select id from accounts_delivery where status = 'parked' order by created_at"
PENDING = """
select id from accounts_delivery
where status in ('pending', 'failed') and next_attempt_at < now() - interval '1 hour'
"""
# Two foreign keys that the database does not check (models/activity.py): triggers see to them, unless somebody has
# switched triggers off.
LOOSE = """
select d.id from accounts_delivery d where not exists (select from accounts_activity a where a.id = d.activity_id)
union all
select d.id from accounts_delivery d
where d.follow_up_id is not null and not exists (select from accounts_followup f where f.id = d.follow_up_id)
"""
LOST_MAILS = "select id from accounts_mail where status = 'sending' and claimed_at < now() - interval '15 minutes'"
LATE_MAILS = "select id from accounts_mail where status in ('queued', 'failed') and send_at < now() - interval '1 hour'"
FAILING = "select name from accounts_webhook where active and failing_since < now() - interval '1 day' order by id"
LATE_WEBHOOKS = """
select d.id from accounts_webhookdelivery d join accounts_webhook w on w.id = d.webhook_id
where w.active and w.failures = 0 and d.status = 'waiting' and d.next_attempt_at < now() - interval '1 hour'
"""
PARKED_MAILS = "select id from accounts_mail where status = 'parked'"


def rows(sql: str, **params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return [row[0] for row in cursor.fetchall()]


def told(sentence: str, found: list[Any]) -> list[str]:
    """How many, and the first of them."""
    if not found:
        return []
    first = ", ".join(map(str, found[:SHOWN])) + (" …" if len(found) > SHOWN else "")
    return [sentence % {"n": len(found), "which": first}]


def mrr() -> list[str]:
    return told(_("%(n)s accounts whose MRR is not the sum of their subscriptions and movements: %(which)s"), rows(MRR))


def follow_ups() -> list[str]:
    return told(_("%(n)s open follow-ups with somebody who cannot sign in any more: %(which)s"), rows(NOBODYS))


def deliveries() -> list[str]:
    return [
        *told(_("%(n)s activities that nobody has dispatched for ten minutes: %(which)s"), rows(WAITING)),
        *told(_("%(n)s deliveries that should have been tried again an hour ago: %(which)s"), rows(PENDING)),
        *told(_("%(n)s parked deliveries, to be looked at under Settings, Deliveries: %(which)s"), rows(PARKED)),
        *told(_("%(n)s deliveries of an activity or a follow-up that is gone: %(which)s"), rows(LOOSE)),
    ]


def mails() -> list[str]:
    return [
        *told(_("%(n)s mails lost while being sent: %(which)s"), rows(LOST_MAILS)),
        *told(_("%(n)s mails that should have gone an hour ago: %(which)s"), rows(LATE_MAILS)),
        *told(_("%(n)s mails given up, to be looked at in the outbox: %(which)s"), rows(PARKED_MAILS)),
    ]


def webhooks() -> list[str]:
    return [
        *told(_("%(n)s webhooks that have failed for a day: %(which)s"), rows(FAILING)),
        *told(_("%(n)s webhook deliveries that should have gone an hour ago: %(which)s"), rows(LATE_WEBHOOKS)),
    ]
