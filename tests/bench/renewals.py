"""Terms, three an account: what the clock finds when nothing is due, and when thousands are at once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.domain import dispatch
from accounts.domain.renewals.sweep import sweep_renewals
from accounts.models import FollowUp, Playbook
from tests.bench.filling import ask, execute
from tests.bench.measuring import Bench, Result, at_most, in_turns, measure
from tests.bench.recompute import timed
from tests.bench.spine import AT_ONCE, BARE, forget

EMPTY = "select id, account_id from accounts_renewal where attention_on <= %s and id > 0 order by id limit 2000"


@measure("sweep_terms_nothing_due")
def nothing_due(bench: Bench) -> Result:
    latest = timezone.now().date() + timedelta(days=1)
    series = in_turns({"ours": sweep_renewals, "empty select": lambda: ask(EMPTY, [latest])}, rounds=25)
    assert sweep_renewals() == 0
    ours = series.milliseconds("ours")
    return at_most(series.ratio("ours", "empty select"), 3, terms=3 * bench.scale, milliseconds=ours)


# One of an account's terms is to be decided in 45 days, and nobody has been told: due since yesterday, so that it is
# in every time zone.
DUE = """
update accounts_renewal set ends_on = current_date + 45, decision_date = current_date + 45, told_days = null,
    attention_on = current_date - 1 where id in (select min(id) from accounts_renewal where account_id <= %s group by account_id)
"""


# What must be written at the least: that it was announced, the activity that tells so, the follow-up.
TOLD = "update accounts_renewal set told_days = 60, attention_on = ends_on where attention_on = current_date - 1"
ANNOUNCED = """
insert into accounts_activity (account_id, kind, occurred_at, recorded_at, actor_label, data)
select account_id, 'renewal.term_ending', now(), now(), 'Tenure', jsonb_build_object('renewal', id, 'left', 45,
    'decision_date', decision_date, 'ends_on', ends_on, 'mrr', '100.00', 'currency', 'USD', 'stage', stage)
from accounts_renewal where attention_on = current_date - 1
"""


@measure("open_end_of_cycle")
def open_end_of_cycle(bench: Bench) -> Result:
    """So many terms come within 60 days at once: announced, and a follow-up for each."""
    playbook, most = Playbook.objects.get(key="end_of_cycle").pk, min(AT_ONCE, bench.scale)

    def bare() -> float:
        with transaction.atomic():
            execute(DUE, [most])
            seconds = timed(lambda: [execute(ANNOUNCED), execute(TOLD), execute(BARE, [playbook, most])])
            transaction.set_rollback(True)
        return seconds

    def ours() -> float:
        execute(DUE, [most])
        seconds = timed(lambda: (sweep_renewals(), dispatch.dispatch_waiting()))
        opened = FollowUp.objects.filter(playbook=playbook).count()
        assert opened == most, opened
        forget(playbook)
        execute("vacuum accounts_renewal")
        return seconds

    dispatch.dispatch_waiting()
    series = in_turns({"ours": ours, "bare": bare}, rounds=5)
    return at_most(series.ratio("ours", "bare"), 10, opened=most, milliseconds=series.milliseconds("ours"))
