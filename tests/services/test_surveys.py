"""Thousands of invites, and the workers that send them are killed in the middle: nobody is asked twice, nobody is
forgotten."""

import os
import signal
import time

from tests.services.installation import until

PEOPLE = 2000
SETUP = f"""
from accounts.models import Account, Contact
from health.domain.surveys import campaign
from health.models import Survey
accounts = Account.objects.bulk_create([Account(external_id=f"acc-{{n}}", name=f"Account {{n}}") for n in range({PEOPLE})])
Contact.objects.bulk_create([Contact(account=a, email=f"ann@{{a.external_id}}.example", name="Ann") for a in accounts])
survey = Survey(name="Spring", min_account_days=0)
campaign.save_survey(survey, by="test")
campaign.start(survey, by="test")
answer = survey.pk
"""
# Messages that come several times.
AGAIN = """
from config.celery import app
for task in ["health.tasks.send_surveys", "accounts.tasks.send_mails"] * 3:
    app.send_task(task)
"""


def invites(installation) -> dict[str, int]:
    rows = installation.query(
        "select case when mail_id is null then status else status || ' with mail' end, count(*)"
        " from health_invite group by 1"
    )
    return dict(rows)


def written(installation) -> int:
    return installation.query("select count(*) from accounts_mail where kind = 'survey.invite'")[0][0]


def kill(worker) -> None:
    os.killpg(worker.process.pid, signal.SIGKILL)


def test_workers_killed_while_sending_ask_everybody_once(installation):
    installation.python(SETUP)
    assert invites(installation) == {"queued": PEOPLE}

    first = installation.worker(name="first", concurrency=1)
    until(lambda: written(installation) > 0)
    time.sleep(0.3)  # somewhere in a portion
    kill(first)
    second = installation.worker(name="second")
    installation.publish("health.tasks.send_surveys")
    until(lambda: written(installation) > PEOPLE // 2)
    kill(second)

    installation.worker(name="third")
    installation.python(AGAIN)
    until(lambda: invites(installation) == {"sent with mail": PEOPLE})

    assert written(installation) == PEOPLE
    assert installation.query("select count(*), count(distinct address) from accounts_ask") == [(PEOPLE, PEOPLE)]
    assert installation.query("select count(distinct contact_id), count(distinct mail_id) from health_invite") == [
        (PEOPLE, PEOPLE)
    ]
