"""What the doctor looks at around the product: the database as the code expects it, broker, worker, timetable."""

from collections.abc import Callable

import pgtrigger
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.registry import Checkup
from config import health, queue
from config.celery import app
from config.own_address import address


def migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    sentence = ngettext(
        "%(n)s migration is not applied: run migrate.", "%(n)s migrations are not applied: run migrate.", len(plan)
    )
    return [sentence % {"n": len(plan)}] if plan else []


def triggers() -> list[str]:
    """They hold what nobody may change: a restore that has left them out would show nowhere else."""
    states = [(model, trigger, trigger.get_installation_status(model)[0]) for model, trigger in pgtrigger.registered()]
    wrong = [f"{model._meta.db_table}.{trigger.name}" for model, trigger, state in states if state != "INSTALLED"]
    return [_("Triggers that are missing or out of date: %(which)s") % {"which": ", ".join(wrong)}] if wrong else []


def broker() -> list[str]:
    """Nothing more is asked where it does not answer."""
    if health.part_state(health.broker) != health.OK:
        return [_("The broker does not answer.")]
    words: list[tuple[Callable[[], str], str]] = [
        (health.worker, _("No worker has been heard of for half a minute.")),
        (health.oldest_message, _("The oldest task has waited for more than five minutes.")),
        (_beat, _("The timetable (celery beat) does not run.")),
    ]
    return [sentence for check, sentence in words if health.part_state(check) != health.OK]


def _beat() -> str:
    lock = getattr(app.conf, "redbeat_lock_key", None) or "redbeat::lock"
    with queue.timetable() as client:
        return health.OK if client.exists(lock) else health.DOWN


FIRST = Checkup("migrations", gettext_lazy("The database is as the code expects it"), migrations)
AROUND = (
    Checkup("triggers", gettext_lazy("The database holds what may not change"), triggers),
    Checkup("address", gettext_lazy("Links lead here"), address),
    Checkup("broker", gettext_lazy("Broker, worker and timetable run"), broker),
)
