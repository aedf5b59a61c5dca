"""Mails as they are written: once, in the reader's language, with nothing slipped in."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client

from accounts.domain.mails import Letter, write_mail, write_mails
from accounts.domain.optouts import opt_out
from accounts.models import Mail
from tests.accounts.mailing import contact, letter

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def test_a_letter_becomes_a_row_and_a_worker_hears_of_it(queue, django_capture_on_commit_callbacks):
    kim = contact()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        mail = write_mail(letter(to="", contact=kim))
        write_mail(letter("news 2"))

    row = Mail.objects.get(pk=mail.pk)
    assert (row.kind, row.key, row.to, row.contact, row.account, row.language) == (
        "news", "news 1", "kim@acme.example", kim, kim.account, "en",
    )  # fmt: skip
    assert (row.subject, row.text, row.html) == ("News", "All is well.\n", "<p>All is well.</p>")
    assert (row.status, row.send_at, row.attempts, row.headers) == (
        "queued", NOON, 0, {"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    assert row.message_id.endswith("@127.0.0.1>")
    assert [message.task for message in queue.published()] == ["accounts.tasks.send_mails"]


def test_asked_for_twice_it_is_one_mail():
    first = write_mail(letter())
    again, other, double = write_mails([letter(subject="Other words"), letter("news 2"), letter("news 2", text="No")])

    assert again.pk == first.pk
    assert other.pk == double.pk
    assert list(Mail.objects.order_by("pk").values_list("key", "subject", "text")) == [
        ("news 1", "News", "All is well.\n"),
        ("news 2", "News", "All is well.\n"),
    ]


def test_a_template_speaks_the_readers_language_and_zone(tmp_path, settings):
    letters = {
        "x.subject.txt": "{% translate 'Settings' %} & {{ what }}\n",
        "x.txt": "{{ contact.name }}: {{ at }} & {{ what }}",
        "x.html": '{% extends "emails/base.html" %}{% block content %}<p>{{ what }} {% moment at %}</p>{% endblock %}',
    }
    (tmp_path / "emails").mkdir()
    for name, source in letters.items():
        (tmp_path / "emails" / name).write_text(source)
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]} for engine in settings.TEMPLATES]
    context = {"what": "a <b>", "at": NOON}

    mail = Mail.objects.get(
        pk=write_mail(Letter("news", "x", contact=contact(language="fr-CA"), template="x", context=context)).pk
    )

    assert (mail.language, mail.subject) == ("fr", "Paramètres & a <b>")
    assert mail.text == "Kim: 4 mars 2026 14:00 & a <b>\n"
    assert '<p style="margin: 0 0 16px;">a &lt;b&gt; ' in mail.html
    assert "4 mars 2026" in mail.html
    assert "EET" in mail.html
    assert mail.html.count("<style") == 1  # the one for dark mode and phones
    assert "<title>Paramètres &amp; a &lt;b&gt;</title>" in mail.html


def test_who_asks_can_be_told_to_stop_in_the_mail_program_and_by_a_link():
    kim = contact()
    mail = write_mail(letter("q 1", "question", to="", contact=kim))
    url = mail.headers["List-Unsubscribe"].strip("<>")

    assert url.startswith("http://127.0.0.1:8000/u/")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Client().post(url.removeprefix("http://127.0.0.1:8000")).status_code == 200
    with pytest.raises(ValueError, match="goes to a contact"):
        write_mail(letter("q 2", "question"))


def test_who_wants_no_questions_gets_none_but_gets_the_rest():
    kim = contact("Kim@Acme.example")
    opt_out("kim@acme.example", how="staff")

    asked, told = write_mails([letter("q", "question", to="", contact=kim), letter("n", to="", contact=kim)])

    assert (asked.status, asked.error) == ("canceled", "This address wants no more questions from us.")
    assert (told.status, told.to) == ("queued", "kim@acme.example")


@pytest.mark.parametrize(
    "hostile",
    ["News\r\nBcc: all@acme.example", "News\nBcc: x@y.example", "News\u2028Bcc: x", "News\x00\x0bBcc: x", "N\ud800"],
)
def test_nobody_slips_in_a_header(hostile):
    mail = Mail.objects.get(
        pk=write_mail(letter(subject=hostile, text=hostile, html=hostile, headers={"Reply-To": hostile})).pk
    )

    assert "\n" not in mail.subject
    assert "\n" not in mail.headers["Reply-To"]
    assert "\0" not in mail.text + mail.html
    assert mail.status == "queued"


def test_a_header_that_is_none_is_a_mistake_in_the_code():
    with pytest.raises(ValueError, match="no name of a mail header"):
        write_mail(letter(headers={"X: y\nBcc": "z"}))


@pytest.mark.parametrize(
    "address",
    ["", "kim", "kim@", "kim@acme.example\nBcc: x@y.example", "k\0im@acme.example", f"{'k' * 300}@acme.example"],
)
def test_what_is_no_address_is_kept_and_not_sent(address):
    mail = write_mail(letter(to=address))
    assert (mail.status, mail.error) == ("parked", "This is not an e-mail address.")


def test_a_long_subject_is_cut():
    assert len(write_mail(letter(subject="n" * 500)).subject) == 400


def test_an_unknown_kind_is_a_mistake_in_the_code():
    with pytest.raises(LookupError, match="no mail kind is called 'rumour'"):
        write_mail(letter(kind="rumour"))


@pytest.mark.parametrize("count", [2, 500])
def test_many_are_written_as_a_set(count, django_assert_num_queries):
    kim = contact()
    letters = [letter(f"q {number}", "question", to="", contact=kim, html="") for number in range(count)]

    with django_assert_num_queries(10):  # look up, links, opt-outs, insert, look up, and what begins and ends each
        assert len(write_mails(letters)) == count


def test_what_django_sends_is_kept_too_where_no_server_is_set(settings):
    settings.EMAIL_BACKEND = "accounts.mailbox.OutboxBackend"
    message = django_mail.EmailMultiAlternatives("Hello", "You & me", to=["kim@acme.example", "Max <max@acme.example>"])
    message.attach_alternative("<p>You &amp; me</p>", "text/html")

    assert message.send() == 2
    assert list(Mail.objects.order_by("to").values_list("kind", "to", "subject", "text", "html", "status")) == [
        ("system", to, "Hello", "You & me", "<p>You &amp; me</p>", "queued") for to in ("kim@acme.example", "max@acme.example")
    ]  # fmt: skip


def test_all_templates_of_mails_are_whole(settings):
    """Each HTML has its text; each one that is sent by name has its subject."""
    folder = settings.BASE_DIR / "templates" / "emails"
    names = {path.name.removesuffix(".subject.txt") for path in folder.glob("*.subject.txt")}

    for name in names:
        assert (folder / f"{name}.txt").exists(), name
        assert '"emails/base.html"' in (folder / f"{name}.html").read_text(), name
    assert "</html>" in render_to_string("emails/base.html")


def test_later_is_later():
    assert write_mail(letter(send_at=NOON + timedelta(days=1))).send_at == NOON + timedelta(days=1)
