"""A year's term: announced, moved, announced again, decided; left alone it rolls over or lapses; the customer's own word."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Account, Contact, FollowUp, Mail, Renewal
from config.celery import app

pytestmark = pytest.mark.django_db
API = "/api/v1/accounts/acme"


class Story:
    """Day after day, as beat and worker would live them."""

    def __init__(self, writer, queue, clock):
        self.writer, self.queue, self.clock = writer, queue, clock

    def on(self, day):
        day = date.fromisoformat(day) if isinstance(day, str) else day
        self.clock.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), tick=False)
        for task in ("sweep_subscriptions", "sweep_renewals", "send_mails"):
            app.send_task(f"accounts.tasks.{task}")
        self.queue.drain()

    def through(self, first, last, every=1):
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            self.on(day)
            day += timedelta(days=every)

    def subscription(self, **fields):
        answer = self.writer.put(f"{API}/subscriptions/S-1", fields)
        assert answer.status_code in {200, 201}, answer.content
        self.queue.drain()


@pytest.fixture
def story(writer, chloe, queue, time_machine):
    time_machine.move_to(datetime(2026, 1, 5, 9, tzinfo=UTC), tick=False)
    told = Story(writer, queue, time_machine)
    writer.put(API, {"name": "Acme", "csm": chloe.email, "currency": "USD"})
    told.subscription(
        currency="USD", unit_amount=12000, per_seat=False, interval="year", started_on="2026-01-01",
        term_end="2027-01-01", notice_days=30,
    )  # fmt: skip
    return told


def cycles():
    rows = FollowUp.objects.filter(kind="end_of_cycle").order_by("id")
    return [(row.status, row.subject, row.occurrences) for row in rows]


def test_end_of_cycle_with_a_term_that_moves(story, chloe, signed_in) -> None:
    story.through("2026-09-02", "2026-09-04")
    assert cycles() == [("open", "2026-12-02 S-1", 1)]
    row = FollowUp.objects.get(kind="end_of_cycle")
    assert (row.assignee, row.title) == (chloe, "Acme: renewal to be decided by Dec 2")
    assert row.due_at == datetime(2026, 9, 8, 9, tzinfo=UTC)  # five days after the third
    assert "$1,000 a month" in row.instructions

    # Sixty days ahead it is still open: an occurrence, no second row.
    story.through("2026-10-02", "2026-10-03")
    assert cycles() == [("open", "2026-12-02 S-1", 2)]

    # The customer gets two months more: what was said about the old day is over, the new one comes in its time.
    story.subscription(term_end="2027-03-01")
    assert cycles() == [("canceled", "2026-12-02 S-1", 2)]
    story.through("2026-10-06", "2026-10-31", every=25)
    assert len(cycles()) == 1
    story.through("2026-11-01", "2026-11-02")
    assert cycles()[1:] == [("open", "2027-01-30 S-1", 1)]

    # Chloe does it; thirty days ahead it comes once more, and with the decision it is over.
    browser = signed_in(chloe)
    open_one = FollowUp.objects.open().get(kind="end_of_cycle")
    browser.post(f"/follow-ups/{open_one.pk}/done/", {"outcome": "no_answer"})
    story.through("2026-12-31", "2027-01-02")
    assert cycles()[2:] == [("open", "2027-01-30 S-1", 1)]
    renewal = Renewal.objects.get()
    decided = story.writer.patch(f"/api/v1/renewals/{renewal.pk}", {"stage": "renewed"})
    assert decided.status_code == 200, decided.content
    story.through("2027-01-23", "2027-03-02", every=7)
    assert cycles()[2:] == [("canceled", "2027-01-30 S-1", 1)]
    assert [(r.stage, r.ends_on.isoformat()) for r in Renewal.objects.order_by("ends_on")] == [
        ("renewed", "2027-03-01"),
        ("upcoming", "2028-03-01"),
    ]


def test_low_intent_is_urgent(story, chloe) -> None:
    dana = {"name": "Dana", "decides": True, "language": "fr"}
    story.writer.put(f"{API}/contacts/dana@acme.example", dana)
    story.on("2026-10-03")
    mail = Mail.objects.get(kind="renewal.intent")
    assert (mail.to, mail.status) == ("dana@acme.example", "sent")
    link = next(line for line in mail.text.split() if line.endswith("?score=2"))
    address = link.removeprefix("http://127.0.0.1:8000")

    visitor = Client()
    visitor.get(address)
    assert not FollowUp.objects.filter(kind="low_intent").exists()
    visitor.post(address, {"score": "2", "factors": ["price", "competitor"], "comment": "Rival costs half"})
    story.queue.drain()

    row = FollowUp.objects.get(kind="low_intent")
    assert (row.assignee, row.priority, row.promise) == (chloe, 1, True)
    assert row.due_at == datetime(2026, 10, 4, 9, tzinfo=UTC)
    assert row.title == "Acme is 2 of 10 likely to renew: call Dana"
    assert "The price, Another product" in row.instructions
    assert "Rival costs half" in row.instructions
    disputed = FollowUp.objects.get(kind="renewal_disputed")
    assert disputed.due_at == datetime(2026, 10, 17, 9, tzinfo=UTC)

    # They change their mind: no new call, and the three agree again.
    visitor.post(address, {"score": "8"})
    story.queue.drain()
    assert list(FollowUp.objects.filter(kind="low_intent").values_list("occurrences", flat=True)) == [1]
    disputed.refresh_from_db()
    assert disputed.status == "canceled"
    assert Contact.objects.get().intents.get().score == 8


def test_left_alone_it_rolls_over(story) -> None:
    story.through("2026-12-31", "2027-01-02")
    story.on("2027-01-01")
    assert [(r.stage, r.starts_on.isoformat(), r.ends_on.isoformat()) for r in Renewal.objects.order_by("ends_on")] == [
        ("renewed", "2026-01-01", "2027-01-01"),
        ("upcoming", "2027-01-01", "2028-01-01"),
    ]
    assert not FollowUp.objects.open().filter(kind="end_of_cycle").exists()
    assert Account.objects.get().decision_date == date(2027, 12, 2)


def test_what_does_not_renew_by_itself_lapses(story, chloe) -> None:
    story.subscription(auto_renew=False)
    story.through("2027-01-01", "2027-01-03")
    row = FollowUp.objects.get(kind="renewal_lapsed")
    assert (row.status, row.assignee, row.priority, row.occurrences) == ("open", chloe, 1, 1)
    renewal = Renewal.objects.get()
    story.writer.patch(f"/api/v1/renewals/{renewal.pk}", {"stage": "lost", "reason": "out_of_business"})
    story.queue.drain()
    row.refresh_from_db()
    assert row.status == "canceled"
    account = Account.objects.get()
    assert (account.stage, account.churned_on, account.mrr) == ("churned", date(2027, 1, 1), 0)
