"""What became of mails out there, by each door that tells it."""

import base64
import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import include, path

from accounts.domain.mails import send_due, write_mail
from accounts.models import Activity, Mail, OptOut
from tests.accounts.mailing import Server, contact, letter

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PATH = "/api/v1/mail-events"
urlpatterns = [path("mail-webhooks/", include("anymail.urls")), path("", include("config.urls"))]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def mail(settings) -> Mail:
    settings.MAIL_BACKEND = "tests.accounts.mailing.Server"
    Server.reset()
    mail = write_mail(letter(to="", contact=contact()))
    send_due()
    return mail


def state(mail: Mail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.status, mail.bounce_reason


# The API ------------------------------------------------------------------------------------------


def test_a_bounce_is_told_by_id_or_address_once(mail, ingester):
    events = [
        {"event": "bounced", "message_id": mail.message_id, "reason": "550\r\nno such user"},
        {"event": "bounced", "address": "Kim@acme.example"},
        {"event": "bounced", "message_id": "<stranger@x>"},
        {"event": "bounced", "address": "nobody@acme.example"},
        {"event": "opened", "address": "kim@acme.example"},
        {"event": "bounced"},
        "nonsense",
    ]
    answer = ingester.post(PATH, {"events": events})

    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [
            {"index": 2, "errors": {"message_id": ["No mail of ours is that."]}},
            {"index": 3, "errors": {"address": ["No mail of ours is that."]}},
            {"index": 4, "errors": {"event": ['"opened" is not a valid choice.']}},
            {"index": 5, "errors": {"message_id": ["Give the message's id, or the address."]}},
            {"index": 6, "errors": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}},
        ],
    }
    assert state(mail) == ("bounced", "550 no such user")
    told = Activity.objects.values_list("kind", "data").get()
    assert told == (
        "mail.bounced", {"email": "kim@acme.example", "subject": "News", "reason": "550 no such user"},
    )  # fmt: skip


def test_who_complains_is_asked_nothing_more(mail, ingester):
    events = [
        {"event": "complained", "message_id": mail.message_id.strip("<>")},
        {"event": "complained", "message_id": mail.message_id},
        {"event": "unsubscribed", "address": "max@acme.example"},
    ]
    answer = ingester.post(PATH, {"events": events}).json()

    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (2, 1, [])
    assert list(OptOut.objects.order_by("address").values_list("address", "how")) == [
        ("kim@acme.example", "complaint"),
        ("max@acme.example", "one-click"),
    ]
    assert state(mail)[0] == "sent"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"events": {}}, 422), ([], 422), ({"events": [{}] * 1001}, 413), ({"events": []}, 200)],
)
def test_a_body_that_is_no_list_of_events_is_refused(body, status, ingester):
    assert ingester.post(PATH, body).status_code == status


@pytest.mark.parametrize("text", ["\0", "x" * 255, "<>", "'; drop table accounts_mail --", "é@é.é", "a\r\nb"])
def test_hostile_texts_are_only_texts(text, ingester, db):
    events = [
        {"event": event, "message_id": text, "address": text[:254], "reason": text}
        for event in ("bounced", "complained")
    ]
    assert ingester.post(PATH, json.dumps({"events": events}), content_type="application/json").status_code == 200


def test_it_asks_for_the_scope_to_bring_facts_in(reader, client):
    assert reader.post(PATH, {"events": []}).status_code == 403
    assert client.post(PATH).status_code == 401


# The command --------------------------------------------------------------------------------------


def test_a_person_tells_it_by_command(mail, capsys):
    call_command("record_bounce", address="kim@acme.example", reason="gone")
    assert capsys.readouterr().out == "Recorded.\n"
    assert state(mail) == ("bounced", "gone")
    with pytest.raises(CommandError, match="recorded before"):
        call_command("record_bounce", message_id=mail.message_id)
    with pytest.raises(CommandError, match="Say which mail"):
        call_command("record_bounce")


# The sending service ------------------------------------------------------------------------------


def postmark(client, secret: str, **event):
    basic = base64.b64encode(secret.encode()).decode()
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "BouncedAt": "2026-03-04T12:00:00Z",
        "Details": "no such user",
        **event,
    }
    return client.post(
        "/mail-webhooks/postmark/tracking/",
        json.dumps(body),
        "application/json",
        headers={"Authorization": f"Basic {basic}"},
    )


@pytest.mark.urls("tests.accounts.api.test_mail_events")
def test_a_sending_service_tells_it_by_its_webhook(mail, client, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": "post:secret"}
    Mail.objects.update(message_id="883953f4-6105-42a2-a16a-77a8eac79483")
    event = {"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Email": "kim@acme.example"}

    assert postmark(client, "post:wrong", **event).status_code == 400
    assert state(mail)[0] == "sent"
    assert postmark(client, "post:secret", **event).status_code == 200
    assert state(mail) == ("bounced", "no such user")
    assert postmark(client, "post:secret", RecordType="SpamComplaint", Type="SpamComplaint", **event).status_code == 200
    assert OptOut.objects.get().how == "complaint"


def test_without_a_secret_there_is_no_webhook(client):
    assert client.post("/mail-webhooks/postmark/tracking/").status_code == 404
