"""manage.py doctor: says what is wrong and where, ends with 1; says healthy where nothing is."""

from datetime import timedelta

import pytest
import redis
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from model_bakery import baker

from accounts.models import Account, Activity, Delivery, Mail
from config import checkups, health
from config.celery import app
from health.models import Score, ScoreMark, ScoreModelVersion
from tests.accounts.spine import make_account, make_follow_up

pytestmark = pytest.mark.django_db


def doctor(capsys) -> tuple[int, str]:
    status = 0
    try:
        call_command("doctor", "--without-broker", "--no-color")
    except SystemExit as ended:
        status = ended.code
    return status, capsys.readouterr().out


def test_a_healthy_house(capsys) -> None:
    make_account()
    status, told = doctor(capsys)
    assert (status, told.splitlines()[-1], "!!" in told) == (0, "healthy", False)


def test_what_is_wrong_is_named(capsys, chloe) -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    account = make_account("Acme", csm=chloe)
    Account.objects.filter(pk=account.pk).update(mrr=5, scored_at=long_ago, score=50)
    make_follow_up(account)
    type(chloe).objects.filter(pk=chloe.pk).update(is_active=False)
    activity = baker.make(Activity, account=account, kind="note.written", recorded_at=long_ago)
    baker.make(Delivery, activity=activity, subscriber="x", status="parked")
    baker.make(Delivery, activity_id=10_000_000, subscriber="x", status="done")
    baker.make(Delivery, activity=activity, follow_up_id=10_000_000, subscriber="y", status="done")
    baker.make(Mail, key="k", status="queued", send_at=long_ago)
    baker.make(ScoreMark, accounts=[account.pk], marked_at=long_ago)
    version = ScoreModelVersion.objects.first()
    facts = {
        "version": version,
        "band": "red",
        "low": 0,
        "high": 0,
        "known_weight": 100,
        "values": [],
        "contributions": [],
    }
    for pk in (account.pk, 10_000_000):
        Score.objects.create(account_id=pk, day=long_ago.date(), score=1000, readings=[], ages=[], **facts)

    status, told = doctor(capsys)

    assert status == 1
    for sentence in (
        f"1 accounts whose MRR is not the sum of their subscriptions and movements: {account.external_id}",
        "1 open follow-ups with somebody who cannot sign in any more",
        "1 activities that nobody has dispatched for ten minutes",
        "1 parked deliveries",
        "2 deliveries of an activity or a follow-up that is gone",
        "1 mails that should have gone an hour ago",
        "1 accounts that are gone still have rows in health_score: 10000000",
        f"1 accounts that do not show their latest score: {account.external_id}",
        "1 marks that nobody has scored for ten minutes",
    ):
        assert sentence in told
    assert "healthy" not in told


def test_a_trigger_that_a_restore_has_left_out_is_missed(capsys) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = 'accounts_auditentry'::regclass and not tgisinternal limit 1"
        )
        cursor.execute(f'drop trigger "{cursor.fetchone()[0]}" on accounts_auditentry')
    status, told = doctor(capsys)
    assert status == 1
    assert "accounts_auditentry.append_only" in told


@pytest.mark.parametrize(
    ("production", "address", "told"),
    [
        (
            True,
            "http://127.0.0.1:8000",
            "Links in mails lead to http://127.0.0.1:8000: BASE_URL says how people open it.",
        ),
        (True, "tenure.example", "Links in mails lead to tenure.example: BASE_URL says how people open it."),
        (True, "https://tenure.example", ""),
        (False, "http://127.0.0.1:8000", ""),
    ],
)
def test_links_that_lead_to_each_reader_s_own_computer_are_told(settings, production, address, told) -> None:
    settings.PRODUCTION, settings.BASE_URL = production, address
    sentences = [told] if told else []
    assert checkups.address() == sentences
    assert [doubt.msg for doubt in run_checks() if doubt.id == "config.W001"] == sentences


def test_a_timetable_that_runs_is_seen_where_beat_keeps_its_lock(monkeypatch, settings) -> None:
    monkeypatch.setitem(app.conf, "redbeat_lock_key", "tests::beat")
    assert checkups._beat() == health.DOWN
    with redis.Redis.from_url(settings.CELERY_REDBEAT_REDIS_URL).lock("tests::beat", timeout=60):
        assert checkups._beat() == health.OK
