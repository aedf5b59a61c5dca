"""Full, incremental, again, killed half way: always the same numbers, and what follows from them once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Account, Activity
from health import tasks
from health.domain import marks, recompute, runs
from health.enums import RunStatus
from health.models import RecomputeRun, RecomputeShard, Score, ScoreMark
from tests.health import factories as f

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    f.all_received()
    f.set_target(10)


def fleet(size: int = 6) -> list[Account]:
    """Each a little worse than the one before."""
    accounts = [f.make_account(seats=1) for _ in range(size)]
    for n, account in enumerate(accounts):
        f.use(account, max(0, 15 - 3 * n), on=TODAY)
        for _ in range(n):
            f.ticket(account, on=TODAY, severity="low")
        f.invoice(account, due=TODAY - timedelta(days=7 * n), paid=None if n > 2 else TODAY)
    ScoreMark.objects.all().delete()
    return accounts


def shown(accounts: list[Account]) -> list[tuple]:
    ids = [account.pk for account in accounts]
    return list(
        Account.objects.filter(pk__in=ids).order_by("pk").values_list("score", "band", "capped_by", "known_weight")
    )


def test_full_and_incremental_say_the_same():
    accounts = fleet()
    recompute.score_accounts(a.pk for a in accounts)
    incremental, scores = shown(accounts), list(Score.objects.order_by("account").values())
    Score.objects.all().delete()
    Account.objects.update(score=None, band="unknown", capped_by="", known_weight=0)
    runs.recompute_now()
    assert shown(accounts) == incremental
    assert list(Score.objects.order_by("account").values()) == scores
    assert [band for _, band, _, _ in incremental] == ["thriving", "thriving", "green", "yellow", "red", "red"]


def test_a_second_run_writes_nothing():
    fleet()
    runs.recompute_now()
    before = Account.objects.order_by("pk").values_list("scored_at", flat=True)
    run = runs.recompute_now()
    assert sum(run.shards.values_list("written", flat=True)) == 0
    assert recompute.publish_range(*recompute.ranges()[0]).written == 0
    assert list(Account.objects.order_by("pk").values_list("scored_at", flat=True)) == list(before)


def test_a_new_reading_changes_one_score_within_the_day():
    account = fleet(1)[0]
    recompute.score_accounts([account.pk])
    f.ticket(account, on=TODAY, severity="urgent")
    recompute.score_accounts([account.pk])
    assert Score.objects.filter(account=account).count() == 1
    account.refresh_from_db()
    assert (account.score, account.band, account.capped_by) == (Decimal("108.889"), "yellow", "support")


def test_a_changed_band_becomes_an_activity_with_its_reasons(queue):
    account = fleet(1)[0]
    recompute.score_accounts([account.pk])
    f.ticket(account, on=TODAY, severity="urgent")
    recompute.score_accounts([account.pk])
    told = Activity.objects.filter(account=account, kind="health.band_changed").order_by("pk")
    assert [a.data for a in told] == [
        {
            "before": "unknown",
            "after": "thriving",
            "score": 122,
            "known_weight": 90,
            "capped_by": "",
            "weakest": "support",
            "weakest_value": 100,
            "first": True,
        },
        {
            "before": "thriving",
            "after": "yellow",
            "score": 109,
            "known_weight": 90,
            "capped_by": "support",
            "weakest": "support",
            "weakest_value": 40,
            "first": False,
        },
    ]
    queue.commit()
    assert queue.published("accounts.tasks.dispatch_activities")


def test_the_trend_is_against_28_days_ago():
    account = fleet(1)[0]
    recompute.score_range(0, account.pk + 1, on=TODAY - timedelta(days=28))
    Account.objects.update(started_on=TODAY - timedelta(days=90))
    recompute.score_range(0, account.pk + 1, on=TODAY - timedelta(days=28))
    recompute.score_accounts([account.pk])
    account.refresh_from_db()
    then = Score.objects.get(account=account, day=TODAY - timedelta(days=28))
    assert account.trend == account.score - then.points


def test_a_churned_account_has_no_band():
    account = fleet(1)[0]
    recompute.score_accounts([account.pk])
    Account.objects.filter(pk=account.pk).update(stage="churned")
    recompute.score_accounts([account.pk])
    assert shown([account]) == [(None, "", "", 0)]
    assert Activity.objects.filter(kind="health.band_changed").latest("pk").data["after"] == ""
    recompute.score_accounts([account.pk])
    assert Activity.objects.filter(kind="health.band_changed").count() == 2


def test_marked_accounts_are_scored_once_and_their_marks_go():
    accounts = fleet(3)
    marks.mark([accounts[0].pk, accounts[1].pk])
    marks.mark([accounts[0].pk])
    assert recompute.score_marked() == 2
    assert not ScoreMark.objects.exists()
    assert [score is None for score, *_ in shown(accounts)] == [False, False, True]
    assert recompute.score_marked() == 0


def test_one_hint_waits_at_a_time_and_a_worker_who_looks_is_told_of_what_comes_later(queue):
    account = fleet(1)[0]
    for _reading in range(3):
        marks.mark([account.pk])
        queue.commit()
    assert len(queue.published("health.tasks.score_marked")) == 1
    queue.drain()
    assert not ScoreMark.objects.exists()
    marks.mark([account.pk])
    queue.commit()
    assert len(queue.published("health.tasks.score_marked")) == 1


def test_a_mark_asks_for_a_worker_and_survives_without_a_broker(queue):
    account = fleet(1)[0]
    with queue.away():
        marks.mark([account.pk])
        queue.commit()
    assert queue.published("health.tasks.score_marked") == []
    assert tasks.score_marked() == 1


def test_days_are_days_of_the_account():
    account = f.make_account(time_zone="Pacific/Auckland")
    recompute.score_accounts([account.pk])
    assert Score.objects.get().day == TODAY
    later = datetime(2026, 3, 10, 12, tzinfo=UTC)
    recompute.score_accounts([account.pk], now=later)
    assert list(Score.objects.values_list("day", flat=True).order_by("day")) == [TODAY, TODAY + timedelta(days=1)]


def test_a_segment_has_its_own_model_and_target():
    from accounts.models import Segment
    from health.domain.models import create_segment_model, publish_weights

    segment = Segment.objects.create(key="smb", name="SMB")
    own = create_segment_model(segment, by=None)
    publish_weights(own, {"support": 100}, by=None, based_on=1)
    theirs, others = f.make_account(segment=segment), f.make_account()
    f.ticket(theirs, on=TODAY, severity="high")
    f.ticket(others, on=TODAY, severity="high")
    recompute.score_accounts([theirs.pk, others.pk])
    assert [score for score, *_ in shown([theirs, others])] == [Decimal("60.000"), Decimal("46.667")]


# Runs ---------------------------------------------------------------------------------------------------


def test_workers_share_a_run(queue):
    accounts = fleet()
    tasks.recompute_all()
    queue.drain()
    run = RecomputeRun.objects.get()
    assert (run.status, runs.progress(run)) == (RunStatus.DONE, (6, 6))
    assert all(score is not None for score, *_ in shown(accounts))


def test_messages_that_come_twice_change_nothing(queue):
    fleet()
    tasks.recompute_all()
    for message in queue.published("health.tasks.recompute_shard"):
        queue.run(message)
        queue.run(message)
    queue.drain()
    assert RecomputeRun.objects.get().status == RunStatus.DONE
    assert Activity.objects.filter(kind="health.band_changed").count() == 6


def test_a_second_run_joins_the_one_at_work():
    fleet()
    run = runs.start_run()
    assert runs.start_run() == run
    assert runs.recompute_now() == run


def test_a_killed_run_is_taken_up_again(queue, time_machine, monkeypatch):
    monkeypatch.setattr(recompute, "SHARD", 2)
    accounts = fleet()
    run = runs.start_run()
    runs.work_shard(runs.waiting_shards(run)[0])
    queue.clear()
    assert tasks.resume_recompute() == 0  # somebody may still be at it
    time_machine.move_to(NOW + timedelta(minutes=6), tick=False)
    assert tasks.resume_recompute() == len(runs.waiting_shards(run)) > 0
    queue.drain()
    run.refresh_from_db()
    assert run.status == RunStatus.DONE
    assert RecomputeShard.objects.filter(published_at__isnull=True).count() == 0
    assert all(score is not None for score, *_ in shown(accounts))


def test_a_shard_that_is_gone_is_called_so():
    with pytest.raises(RecomputeShard.DoesNotExist):
        runs.work_shard(0)


def test_no_accounts_is_a_run_too(queue):
    tasks.recompute_all()
    queue.drain()
    assert RecomputeRun.objects.get().status == RunStatus.DONE


def test_the_command_scores_one_or_all(capsys):
    first, *_others = fleet(3)
    call_command("recompute_health", account=first.external_id)
    call_command("recompute_health", all=True)
    assert capsys.readouterr().out == f"{first.name}: 122.222 thriving\nScored 3 accounts.\n"
    with pytest.raises(CommandError, match="There is no account nobody"):
        call_command("recompute_health", account="nobody")


def test_history_is_filled_in_without_telling_anybody():
    accounts = fleet(2)
    Account.objects.update(started_on=TODAY - timedelta(days=100))
    days = [TODAY - timedelta(days=n) for n in (3, 2, 1)]
    assert recompute.backfill(days) == 6
    assert recompute.backfill(days) == 0
    assert not Activity.objects.exists()
    assert shown(accounts) == [(None, "unknown", "", 0)] * 2
    assert timezone.now() == NOW
