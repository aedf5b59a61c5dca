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


# One of an account's terms is to be decided in 45 days, and nobody has been told.
DUE = """
update accounts_renewal set ends_on = current_date + 45, decision_date = current_date + 45, told_days = null,
    attention_on = current_date where id in (select min(id) from accounts_renewal where account_id <= %s group by account_id)
"""


@measure("open_end_of_cycle")
def open_end_of_cycle(bench: Bench) -> Result:
    """So many terms come within 60 days at once: announced, and a follow-up for each."""
    playbook, most = Playbook.objects.get(key="end_of_cycle").pk, min(AT_ONCE, bench.scale)

    def bare() -> float:
        with transaction.atomic():
            seconds = timed(lambda: execute(BARE, [playbook, most]))
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
