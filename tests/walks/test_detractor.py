"""A customer is asked, a machine opens every link of the mail, the customer answers 2; the CSM finds it on top of the
list, calls, and the loop is closed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Account, Contact, FollowUp, Mail
from health.domain.surveys import campaign, figures
from health.models import Answer, Invite, Survey

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def mail(chloe, alice, writer, queue, time_machine):
    """Ana is asked in French."""
    time_machine.move_to(NOW, tick=False)
    writer.put("/api/v1/accounts/acme", {"name": "Acme", "csm": chloe.email})
    account = Account.objects.get(external_id="acme")
    Contact.objects.create(account=account, email="Ana@Acme.example", name="Ana", language="fr", decides=True)
    survey = campaign.save_survey(Survey(name="Spring", min_account_days=0), by=alice)
    campaign.start(survey, by=alice)
    queue.drain()
    return Mail.objects.get(kind="survey.invite")


def links(mail) -> list[str]:
    return re.findall(r"https?://\S+\?score=\d+", mail.text)


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_from_the_mail_to_the_closed_loop(mail, chloe, queue, signed_in, time_machine):
    assert (mail.to, mail.language, mail.status, len(links(mail))) == ("ana@acme.example", "fr", "sent", 11)

    # The mail gateway opens them all, twice.
    gateway = Client()
    for url in links(mail) * 2:
        assert gateway.get(path_of(url)).status_code == 200
    assert not Answer.objects.exists()
    assert Invite.objects.get().scanned_at == NOW

    # Ana clicks 2, sees it chosen, and sends it with a word.
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    page = path_of(links(mail)[2])
    browser = Client()
    assert re.search(r'value="2"[^>]*\bchecked', browser.get(page).content.decode())
    browser.post(page.partition("?")[0], {"score": "2", "comment": "Rien ne marche depuis mai"})
    queue.drain()

    # Chloe has it on top, due a day after the answer.
    row = FollowUp.objects.get(kind="detractor")
    assert (row.assignee, row.priority, row.promise, row.due_at) == (chloe, 1, True, NOW + timedelta(hours=25))
    assert "Rien ne marche depuis mai" in row.instructions
    listed = signed_in(chloe).get("/").content.decode()
    assert row.title in listed

    # She calls within the day, and that is what the voice page says.
    time_machine.move_to(NOW + timedelta(hours=4), tick=False)
    call = {"summary": "Sync was off", "minutes": "10", "two_way": "on", "occurred_at": "2026-03-02T12:00"}
    told = signed_in(chloe).post(f"/accounts/{row.account_id}/calls/new/", call)
    assert told.status_code == 302, told.content
    signed_in(chloe).post(f"/follow-ups/{row.pk}/done/", {"outcome": "helped", "note": "Fixed together"})
    row.refresh_from_db()
    assert (row.status, row.contacted_at) == ("done", NOW + timedelta(hours=4))
    loop = figures.voice(figures.Period.last_days(7)).loop
    assert (loop.detractors, loop.in_time, loop.rate, loop.median_hours) == (1, 1, 1.0, 3.0)

    # A week later Ana is happy: the answer changes, she is nobody's detractor any more.
    time_machine.move_to(NOW + timedelta(days=7), tick=False)
    browser.post(page.partition("?")[0], {"score": "9", "comment": ""})
    queue.drain()
    assert Answer.objects.get().revisions.get().score == 2
    assert set(FollowUp.objects.values_list("kind", "status")) == {("detractor", "done"), ("promoter", "open")}
