"""The Celery application and the whole timetable: what runs when, on one screen."""

import os

from celery import Celery
from celery.schedules import crontab

from config import broker, keeping

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.install()
app = Celery("tenure", task_cls="config.audit:AuditedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
keeping.install(app)
app.autodiscover_tasks()


@app.on_after_configure.connect
def name_beat_store(sender: Celery, **_: object) -> None:
    """RedBeat finds the address in the settings, but warns unless it stands in the configuration itself."""
    sender.conf.redbeat_redis_url = sender.conf.redbeat_redis_url
    sender.conf.redbeat_redis_options = {"socket_connect_timeout": 2}


EVERY_MINUTE = 60.0

app.conf.beat_schedule = {
    # Activities whose dispatch was never heard of again (broker down, worker killed).
    "sweep activities": {"task": "accounts.tasks.sweep_activities", "schedule": 30.0},
    # Deliveries that failed and wait for their next attempt.
    "retry deliveries": {"task": "accounts.tasks.retry_deliveries", "schedule": 30.0},
    # Overdue promises go to the manager, once.
    "escalate overdue": {"task": "accounts.tasks.escalate_overdue", "schedule": EVERY_MINUTE},
    # Follow-ups whose stake was computed by chances of loss that an admin has changed meanwhile.
    "rank again": {"task": "accounts.tasks.rank_again", "schedule": crontab(minute=25)},
    # Trials ending, dunning over, scheduled cancellations, changes dated today.
    "subscriptions due": {"task": "accounts.tasks.sweep_subscriptions", "schedule": crontab(minute="*/10")},
    # Terms to announce and to ask about, those that roll over or lapse, prices agreed on for the next one.
    "renewals due": {"task": "accounts.tasks.sweep_renewals", "schedule": crontab(minute="5-59/10")},
    # Movements of MRR into the sums of the numbers, and a month that begins.
    "count changes": {"task": "accounts.tasks.count_changes", "schedule": EVERY_MINUTE},
    # The numbers by mail, to those who want them.
    "mail boards": {"task": "accounts.tasks.mail_boards", "schedule": crontab(day_of_week="mon", hour=5, minute=30)},
    # Answers kept for API requests that come twice.
    "forget replies": {"task": "accounts.tasks.forget_replies", "schedule": crontab(hour=3, minute=40)},
    # Salts of past days, and who old clicks came from.
    "prune clicks": {"task": "referrals.tasks.prune_clicks", "schedule": crontab(hour=3, minute=50)},
    # Texts of mails that are older than the rules keep them.
    "prune mails": {"task": "accounts.tasks.prune_mails", "schedule": crontab(hour=3, minute=20)},
    # Mails whose time has come, and those whose hint was lost with a worker or the broker.
    "send mails": {"task": "accounts.tasks.send_mails", "schedule": 30.0},
    # Webhooks' deliveries whose next attempt has come, and those whose hint was lost.
    "send webhooks": {"task": "accounts.tasks.send_webhooks", "schedule": 30.0},
    # Deliveries that are older than the rules keep them.
    "prune webhooks": {"task": "accounts.tasks.prune_webhooks", "schedule": crontab(hour=3, minute=30)},
    # Second factors that a key of before has sealed.
    "seal factors": {"task": "accounts.tasks.seal_factors", "schedule": crontab(hour=4, minute=0)},
    # Invites that wait for their portion, or for tomorrow's.
    "send surveys": {"task": "health.tasks.send_surveys", "schedule": EVERY_MINUTE},
    # Who was asked some days ago and has not answered, once.
    "remind of surveys": {"task": "health.tasks.remind_of_surveys", "schedule": crontab(minute="*/10")},
    # Answers that nobody confirmed or changed for an hour.
    "firm answers": {"task": "health.tasks.firm_answers", "schedule": EVERY_MINUTE},
    # Imports whose message was lost or whose worker was killed.
    "sweep imports": {"task": "accounts.tasks.sweep_imports", "schedule": EVERY_MINUTE},
    # Accounts that a reading has marked since the last look: the net under the on-commit hint.
    "score marked accounts": {"task": "health.tasks.score_marked", "schedule": 2.0},
    # Every account once a night: time passes even where no reading arrives.
    "recompute everything": {"task": "health.tasks.recompute_all", "schedule": crontab(hour=2, minute=15)},
    # Shards of a recompute whose messages were lost with a worker or a broker.
    "resume recompute": {"task": "health.tasks.resume_recompute", "schedule": EVERY_MINUTE},
    # Steps that are late since midnight, checklists where nothing moves, mails about what is due soon.
    "checklists due": {"task": "onboarding.tasks.sweep_checklists", "schedule": EVERY_MINUTE},
    # Templates on their way to running checklists whose message or worker was lost.
    "sweep rollouts": {"task": "onboarding.tasks.sweep_rollouts", "schedule": EVERY_MINUTE},
    # Sessions that begin tomorrow, or in an hour.
    "remind of sessions": {"task": "onboarding.tasks.remind_of_sessions", "schedule": EVERY_MINUTE},
    # Calendars that the team keeps elsewhere, each every quarter of an hour; those that fail, less and less often.
    "read busy calendars": {"task": "onboarding.tasks.read_calendars", "schedule": EVERY_MINUTE},
    # Times kept for somebody who has left the form.
    "drop expired holds": {"task": "onboarding.tasks.drop_expired_holds", "schedule": EVERY_MINUTE},
    # Leads that have become accounts; customers that left before their referral was known.
    "referrals due": {"task": "referrals.tasks.sweep_referrals", "schedule": crontab(minute="7-59/10")},
    # Promoters in good health whom the contact pressure lets us ask by now.
    "promoters to invite": {"task": "referrals.tasks.sweep_promoters", "schedule": crontab(minute=20)},
    # Devices and network addresses of partners, after some months.
    "forget traces": {"task": "referrals.tasks.forget_traces", "schedule": crontab(hour=4, minute=10)},
}
