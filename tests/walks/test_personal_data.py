"""Somebody asks what is known about them, and then to be forgotten: all of it is handed out, all of it goes, and every
sum is what it was."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from model_bakery import baker

from accounts.domain import followups
from accounts.domain.links import address_of
from accounts.domain.mails import Letter, write_mail
from accounts.domain.pressure import note_asks
from accounts.domain.privacy import erase_contact, export_contact
from accounts.exceptions import Conflict
from accounts.models import Activity, Contact, ContactLink, FollowUp, Intent, Mail, OptOut
from accounts.registry import personal_data
from health.domain.surveys import answering, figures
from health.models import Answer, AnswerRevision, Invite, UsageEvent
from onboarding.models import Routing, Seat, Session
from referrals.models import Partner
from tests.accounts.terms import yearly
from tests.health.factories import action, make_account
from tests.health.surveys.rows import make_contact, make_invite

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECRETS = ("Zoë Quill", "zoe.quill@acme.example", "ZOE.QUILL", "+49 30 1234", "Nothing works since May", "I may leave")


@pytest.fixture
def zoe(chloe, queue, time_machine):
    """Known by everything there is."""
    time_machine.move_to(NOW, tick=False)
    account = make_account(csm=chloe, name="Acme", mrr=100)
    zoe = make_contact(account, name="Zoë Quill", email="Zoe.Quill@acme.example", phone="+49 30 1234", decides=True)
    other = make_contact(account, name="Ann Other", email="ann@acme.example")
    invite = make_invite(zoe)
    answering.submit(invite, 2, "Nothing works since May", at=NOW)
    answering.submit(invite, 3, "Nothing works since May, Zoë Quill", at=NOW)
    answering.submit(make_invite(other), 9, "Fine", at=NOW)
    write_mail(
        Letter("renewal.intent", "hello", contact=zoe, subject="Dear Zoë Quill", text="Hello Zoë Quill", html="")
    )
    address_of(zoe, "portal")
    note_asks([zoe], "referral")
    baker.make(Intent, renewal=yearly(account), contact=zoe, score=4, comment="I may leave")
    followups.log_contact(
        account, by=chloe, contact=zoe, summary="Nothing works since May, says zoe.quill@acme.example"
    )
    session = baker.make(Session, account=account, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    words = {"name": "Zoë Quill", "email": "zoe.quill@acme.example", "answers": {"why": "I may leave"}}
    baker.make(Seat, session=session, contact=zoe, key="k1", **words)
    baker.make(Routing, session_type=session.session_type, contact=zoe, target="webinar", answer="few")
    baker.make(
        UsageEvent, account=account, event_id="e1", action=action(), user="zoe.quill@acme.example", occurred_at=NOW
    )
    baker.make(Partner, contact=zoe, email_key="zoe.quill@acme.example", status="approved", **words | {"answers": {}})
    OptOut.objects.create(address="zoe.quill@acme.example", contact=zoe)
    queue.drain()
    return zoe


def everything() -> str:
    """All text there is in the database, but for what an opt-out needs."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            if table != "accounts_optout":
                cursor.execute(f"select coalesce(string_agg(t::text, '\n'), '') from \"{table}\" t")
                found.append(cursor.fetchone()[0])
    return "\n".join(found)


def test_all_of_it_is_handed_out(zoe, signed_in, alice) -> None:
    response = signed_in(alice).get(f"/accounts/{zoe.account_id}/contacts/{zoe.pk}/data.json")
    told = json.loads(response.content)
    assert response["Content-Disposition"] == 'attachment; filename="zoe-quill-acme-example.json"'
    assert set(told) == {"exported_at", "account", *(part.name for part in personal_data)}
    assert [name for name, rows in told.items() if not rows] == []
    assert told["person"][0]["wants_no_questions"] is True
    assert [(a["score"], [old["score"] for old in a["earlier"]]) for a in told["survey_answers"]] == [(3, [2])]
    assert "ann@acme.example" not in response.content.decode()


def test_all_of_it_goes_and_the_sums_stay(zoe, alice, queue) -> None:
    period = figures.Period(date(2026, 3, 1), date(2026, 4, 1))
    before = figures.voice(period)
    counts = [
        model.objects.count() for model in (Answer, AnswerRevision, Invite, Intent, Mail, Seat, UsageEvent, FollowUp)
    ]
    assert all(secret.lower() in everything().lower() for secret in SECRETS)

    erased = erase_contact(zoe, by=alice)

    left = everything().lower()
    assert [secret for secret in SECRETS if secret.lower() in left] == []
    assert "ann other" in left
    assert (erased.name, erased.left_on) == ("Erased person", NOW.date())
    assert figures.voice(period) == before
    assert counts == [
        model.objects.count() for model in (Answer, AnswerRevision, Invite, Intent, Mail, Seat, UsageEvent, FollowUp)
    ]
    assert (Intent.objects.get().score, Partner.objects.get().status) == (4, "paused")
    assert not ContactLink.objects.filter(contact=zoe).exists()
    assert Activity.objects.filter(kind="contact.erased").get().actor == alice
    with pytest.raises(Conflict):
        erase_contact(erased, by=alice)
    assert export_contact(erased)["person"][0]["email"] == f"erased-{zoe.pk}@erased.invalid"


def test_it_is_asked_once_more_and_only_admins_are(zoe, signed_in, alice, chloe) -> None:
    address = f"/accounts/{zoe.account_id}/contacts/{zoe.pk}/erase/"
    page = signed_in(alice).get(address).content.decode()
    assert "There is no way back" in page
    assert "Answers to surveys" in page
    assert signed_in(chloe).get(address).status_code == 404
    assert signed_in(chloe).post(address).status_code == 404
    assert Contact.objects.get(pk=zoe.pk).name == "Zoë Quill"
    assert signed_in(alice).post(address).status_code == 302
    assert signed_in(alice).post(address).status_code == 409
    assert "erased already" in signed_in(alice).get(address).content.decode()
    elsewhere = make_account()
    assert signed_in(alice).get(f"/accounts/{elsewhere.pk}/contacts/{zoe.pk}/erase/").status_code == 404
