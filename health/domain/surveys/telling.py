"""Answers become activities: one statement for one of them or for a file of ten thousand."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.domain.activity import Who
from accounts.domain.bulk import record_set
from health.models import Answer

KINDS = ("nps.answered", "csat.answered", "churn_survey.answered")
# What was said so long ago (an import of the past) stands on the timeline; nobody is sent after it.
NEWS = timedelta(days=7)
USED_WITHIN = 28

# What they pay for and use least: a passive is helped with just that.
LEAST_USED = f"""
    select action.name from health_action_plans included
    join health_action action on action.id = included.action_id
    left join (
        select action_id, sum(count) as times from health_usageday
        where account_id = x.account_id and day > %(today)s::date - {USED_WITHIN} group by 1
    ) used on used.action_id = action.id
    where included.plan_id = a.plan_id
    order by coalesce(used.times, 0), action.impact desc, action.id limit 1
"""  # noqa: S608 - a constant
ANSWERS = f"""
    select x.account_id,
        case x.kind when 'nps' then 'nps.answered' when 'csat' then 'csat.answered'
            else 'churn_survey.answered' end as kind,
        coalesce(x.revised_at, x.answered_at) as occurred_at,
        jsonb_build_object(
            'answer', x.id, 'comment', x.comment,
            'contact', coalesce(nullif(c.name, ''), c.email, ''),
            'survey', coalesce(s.name, x.source), 'survey_id', x.survey_id
        ) || case x.kind
            when 'nps' then jsonb_build_object('score', x.score, 'least_used', ({LEAST_USED}), 'group',
                case when x.score >= 9 then 'promoter' when x.score >= 7 then 'passive' else 'detractor' end)
            when 'csat' then jsonb_build_object('score', x.score)
            else jsonb_build_object('reason', x.reason)
        end as data
    from health_answer x
    join accounts_account a on a.id = x.account_id
    left join accounts_contact c on c.id = x.contact_id
    left join health_survey s on s.id = x.survey_id
    where x.id = any(%(answers)s)
    order by x.answered_at, x.id
"""  # noqa: S608 - a constant


def tell(answers: Sequence[int], *, by: Who = "") -> int:
    """Each is told once more. In the transaction that wrote them."""
    if not answers:
        return 0
    now = timezone.now()
    params = {"answers": list(answers), "now": now, "today": now.date(), "news": now - NEWS}
    told = record_set(KINDS, ANSWERS, params, by=by or None, quiet="occurred_at < %(news)s", count=len(answers))
    Answer.objects.filter(pk__in=answers).update(told_at=now)
    return told


def tell_untold(account_ids: Sequence[int], *, by: Who = "") -> int:
    """Those of these accounts that came from elsewhere and were not told yet."""
    waiting = Answer.objects.filter(account__in=account_ids, told_at=None, provisional_until=None)
    return tell(list(waiting.values_list("pk", flat=True)), by=by)
