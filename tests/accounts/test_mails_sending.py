"""Mails on their way: each once, by any number of workers, and never silently lost."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.db import connection, transaction

from accounts.domain import mails
from accounts.domain.mails import record_bounce, send_due, sending, write_mail, write_mails
from accounts.domain.optouts import opt_out
from accounts.models import Mail
from accounts.registry import MailKind, mail_kinds
from accounts.tasks import send_mails
from config.celery import app
from tests.accounts import mailing
from tests.accounts.mailing import Server, contact, letter

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
M = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    Server.reset()
    mailing.told.clear()
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def server(settings) -> type[Server]:
    settings.MAIL_BACKEND = "tests.accounts.mailing.Server"
    return Server


def row(key: str = "news 1") -> Mail:
    return Mail.objects.get(key=key)


# Without a server ---------------------------------------------------------------------------------


def test_without_a_server_they_are_kept_here(settings):
    settings.MAIL_BACKEND = ""
    write_mails([letter(), letter("news 2"), letter("later", send_at=NOON + M)])

    assert send_due() == 2
    assert send_due() == 0
    assert list(Mail.objects.order_by("key").values_list("key", "status", "sent_at", "attempts")) == [
        ("later", "queued", None, 0),
        ("news 1", "sent", NOON, 1),
        ("news 2", "sent", NOON, 1),
    ]
    assert mailing.told == [("sent", ["news 1", "news 2"])]


@pytest.mark.parametrize("count", [1, 50])
def test_keeping_them_is_set_based(count, settings, django_assert_num_queries):
    settings.MAIL_BACKEND = ""
    write_mails(letter(f"news {n}") for n in range(count))
    with django_assert_num_queries(8):
        assert send_due() == count


def test_who_opted_out_since_it_was_written_is_not_asked(settings, server):
    for backend in ("", settings.MAIL_BACKEND):
        settings.MAIL_BACKEND = backend
        kim = contact(f"kim{backend[:1]}@acme.example")
        mail = write_mail(letter(f"q{backend}", "question", to="", contact=kim))
        opt_out(kim.email, how="page", contact=kim)

        assert send_due() == 1
        mail.refresh_from_db()
        assert (mail.status, mail.error) == ("canceled", "This address wants no more questions from us.")
    assert Server.outbox == []


# With one -----------------------------------------------------------------------------------------


def test_a_mail_goes_out_as_it_was_written(server):
    attachment = {"name": "a.ics", "type": "text/calendar", "content": "BEGIN:VCALENDAR"}
    write_mail(letter(headers={"Reply-To": "chloe@tenure.example"}, attachments=[attachment]))

    assert send_due() == 1
    message = Server.outbox[0].message()
    assert {name: message[name] for name in ("To", "Subject", "Reply-To", "Auto-Submitted", "Message-ID")} == {
        "To": "kim@acme.example",
        "Subject": "News",
        "Reply-To": "chloe@tenure.example",
        "Auto-Submitted": "auto-generated",
        "Message-ID": row().message_id,
    }
    parts = [
        (part.get_content_type(), part.get_payload(decode=True)) for part in message.walk() if not part.is_multipart()
    ]
    assert parts == [
        ("text/plain", b"All is well.\n"),
        ("text/html", b"<p>All is well.</p>"),
        ("text/calendar", b"BEGIN:VCALENDAR"),
    ]
    assert (row().status, row().sent_at, row().attempts, row().repeated) == ("sent", NOON, 1, False)
    assert mailing.told == [("sent", ["news 1"])]


def test_a_failure_is_tried_again_later_and_later_and_then_parked(server, clock):
    write_mail(letter())
    server.answers["kim@acme.example"] = SMTPServerDisconnected("gone")
    waits = []
    while row().status != "parked":
        before = datetime.now(UTC)
        assert send_due() == 1
        waits.append(row().send_at - before)
        clock.move_to(max(row().send_at, before))

    assert waits[:4] == [M, 5 * M, 30 * M, 120 * M]
    assert row().repeated  # no answer is no "no": it may have come
    assert (row().attempts, row().error) == (5, "SMTPServerDisconnected: gone")
    assert send_due() == 0


def test_a_slow_server_does_not_keep_a_task_past_its_limit(server, monkeypatch):
    write_mails([letter("a"), letter("b")])
    monkeypatch.setattr(sending, "PATIENCE", 0.0)
    assert send_due() == 0
    assert mails.waiting()


def test_one_bad_mail_delays_no_other(server):
    write_mails([letter("bad", to="bad@acme.example"), letter("good", to="good@acme.example")])
    server.answers["bad@acme.example"] = SMTPServerDisconnected("gone")

    assert send_due() == 2
    assert (row("bad").status, row("good").status) == ("failed", "sent")


def test_refused_for_good_is_not_tried_again(server):
    write_mails([letter("wrong", to="nobody@acme.example"), letter("spam", to="spam@acme.example")])
    server.answers |= {
        "nobody@acme.example": SMTPRecipientsRefused({"nobody@acme.example": (550, b"no such user")}),
        "spam@acme.example": SMTPDataError(554, b"we do not like it"),
    }
    send_due()

    assert (row("wrong").status, row("wrong").bounce_reason) == ("bounced", "550 no such user")
    assert (row("spam").status, row("spam").error) == ("parked", "554 we do not like it")
    assert mailing.told == [("bounced", ["wrong"])]


def test_a_full_mailbox_is_tried_again(server):
    write_mail(letter())
    server.answers["kim@acme.example"] = SMTPRecipientsRefused({"kim@acme.example": (452, b"mailbox full")})
    send_due()
    assert (row().status, row().error) == ("failed", "452 mailbox full")


def test_a_server_that_is_away_is_no_mails_fault(server):
    write_mail(letter())
    server.answers[""] = ConnectionRefusedError("nobody there")

    assert send_due() == 0
    assert (row().status, row().attempts) == ("queued", 0)
    assert sending.server_away() == "ConnectionRefusedError: nobody there"


def test_a_server_that_goes_away_in_the_middle_costs_one_mail_an_attempt(server):
    write_mails([letter("a", to="a@acme.example"), letter("b", to="b@acme.example")])

    class Dying(SMTPServerDisconnected):
        def __init__(self):
            super().__init__("bye")
            server.answers[""] = ConnectionRefusedError("nobody there")

    class Answers(dict):
        def get(self, address):
            raise Dying

    server.answers = Answers()
    try:
        assert send_due() == 1
    finally:
        server.answers = {}
    assert (row("a").status, row("b").status, row("b").attempts) == ("failed", "queued", 0)


# A worker that is killed --------------------------------------------------------------------------


def lose(key: str = "news 1") -> None:
    """As a worker that was killed between sending and saying so leaves it."""
    Mail.objects.filter(key=key).update(status="sending", claimed_at=datetime.now(UTC), attempts=1)


def test_a_lost_mail_goes_out_once_more_and_says_so(server, clock):
    message_id = write_mail(letter()).message_id
    lose()
    clock.shift(4 * M)
    assert send_due() == 0
    clock.shift(2 * M)

    assert send_due() == 1
    assert (row().status, row().repeated, row().attempts) == ("sent", True, 2)
    assert [message.extra_headers["Message-ID"] for message in Server.outbox] == [message_id]


def test_a_mail_lost_twice_is_not_tried_a_third_time(server, clock):
    write_mail(letter())
    for _ in range(2):
        lose()
        clock.shift(6 * M)
        sending._take_back()

    assert (row().status, row().error) == (
        "parked", "A worker was lost twice while sending it: it may have arrived.",
    )  # fmt: skip
    assert send_due() == 0


def test_what_follows_may_fail_and_the_mail_still_went_out_once(server, monkeypatch):
    def fail(mails):
        raise RuntimeError("a bug of the owner's")

    monkeypatch.setitem(mail_kinds.items, "news", MailKind("news", "News", sent=fail))
    write_mail(letter())

    assert (send_due(), send_due()) == (1, 0)
    assert row().status == "sent"
    assert len(Server.outbox) == 1


# Bounces ------------------------------------------------------------------------------------------


def test_a_bounce_is_told_by_the_messages_id_or_by_the_address(server, clock):
    old, new, _other = write_mails(
        [letter("old"), letter("new", send_at=NOON + M), letter("other", to="max@acme.example")]
    )
    clock.shift(M)
    send_due()
    Mail.objects.filter(key="old").update(sent_at=NOON - M)
    mailing.told.clear()

    assert record_bounce(address=" KIM@acme.example ", reason="mailbox\ngone") == 1
    assert record_bounce(address="kim@acme.example", reason="again") == 0
    assert record_bounce(old.message_id.strip("<>")) == 1
    assert record_bounce(new.message_id) == 0
    assert (record_bounce("<x@y>"), record_bounce(address="who@acme.example"), record_bounce()) == (0, 0, 0)
    assert {mail.key: (mail.status, mail.bounce_reason) for mail in Mail.objects.all()} == {
        "old": ("bounced", ""),
        "new": ("bounced", "mailbox gone"),
        "other": ("sent", ""),
    }
    assert mailing.told == [("bounced", ["new"]), ("bounced", ["old"])]


# By hand ------------------------------------------------------------------------------------------


def test_a_mail_is_sent_again_or_called_back(server):
    mail = write_mail(letter())
    mails.cancel(mail)
    assert send_due() == 0
    with pytest.raises(mails.work.Conflict):
        mails.cancel(mail)

    mails.send_again(mail)
    assert send_due() == 1
    record_bounce(mail.message_id, reason="full")
    mails.send_again(mail)
    assert send_due() == 1
    assert (row().status, row().bounced_at, row().bounce_reason) == ("sent", None, "")
    with pytest.raises(mails.work.Conflict):
        mails.send_again(write_mail(letter("waiting")))


def test_no_more_are_claimed_than_asked_for_whatever_the_plan() -> None:
    """Where PostgreSQL looks for what is due once for each mail, it finds the next ones every time."""
    write_mails(letter(f"news {n}") for n in range(3))
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "material", "hashagg", "sort", "indexscan", "bitmapscan"):
            cursor.execute(f"set local enable_{way} = off")
        assert send_due(1) == 1
    assert sorted(Mail.objects.values_list("status", flat=True)) == ["queued", "queued", "sent"]


def test_the_task_takes_turns_with_other_work(settings, queue, monkeypatch):
    settings.MAIL_BACKEND = ""
    monkeypatch.setattr("accounts.tasks.MAILS_AT_ONCE", 2)
    write_mails(letter(f"news {n}") for n in range(3))
    send_mails()
    assert Mail.objects.filter(status="sent").count() == 2
    assert [message.task for message in queue.published()] == ["accounts.tasks.send_mails"]

    send_mails()
    assert Mail.objects.filter(status="sent").count() == 3


def test_the_timetable_sends_what_nobody_was_told_of():
    assert app.conf.beat_schedule["send mails"] == {"task": "accounts.tasks.send_mails", "schedule": 30.0}
