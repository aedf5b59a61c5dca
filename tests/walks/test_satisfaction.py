"""A session was held: who came is asked how it was, once, answers 2 of 5, and the voice page says so. A detractor's
follow-up that two people share keeps two promises."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.domain import followups
from accounts.models import Contact, FollowUp, Mail
from health.domain.surveys import answering, campaign, figures
from health.enums import SurveyKind
from health.models import Answer, Invite, Survey
from onboarding.domain import attendance, booking
from onboarding.domain.booking import Visitor
from tests.health.factories import make_account
from tests.health.surveys.rows import make_contact as make_person, make_invite
from tests.onboarding.factories import NOW, make_contact, make_host, make_type

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 8, 7, tzinfo=UTC)


def test_who_came_to_a_session_is_asked_how_it_was(alice, queue, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    survey = Survey(name="After a session", kind=SurveyKind.CSAT, trigger="session.attended", min_account_days=0)
    campaign.start(campaign.save_survey(survey, by=alice), by=alice)
    kim = make_contact(make_host())
    Contact.objects.create(account=kim.account, email="lee@acme.example", name="Lee", decides=True)
    seat = booking.book(make_type(), MONDAY, Visitor.of(kim))
    time_machine.move_to(MONDAY + timedelta(hours=1), tick=False)
    for came in (True, None, True):  # a slip of the mouse, and back
        attendance.mark(seat, came, by=alice)
    for message in queue.drain():
        queue.run(message)

    assert list(Invite.objects.values_list("contact__name", "subject")) == [
        ("Kim Doe", f"session.attended:{seat.session_id}")
    ]
    mail = Mail.objects.get(kind="survey.invite")
    assert "How happy are you with it?" in mail.text
    page = re.sub(r"^https?://[^/]+", "", re.findall(r"https?://\S+\?score=2", mail.text)[0])
    assert Client().post(page.partition("?")[0], {"score": "2", "comment": "Too long"}).status_code in {200, 302}
    assert list(Answer.objects.values_list("kind", "score", "contact__name")) == [("csat", 2, "Kim Doe")]
    told = figures.satisfaction(figures.Period.last_days(7))
    assert (told.n, told.mean) == (1, 2.0)


def test_two_detractors_of_one_account_are_two_promises(chloe, queue, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    account = make_account(csm=chloe, mrr=100)
    for hours, name in ((0, "Ann"), (20, "Bob")):
        time_machine.move_to(NOW + timedelta(hours=hours), tick=False)
        answering.submit(make_invite(make_person(account, name=name)), 2, at=NOW + timedelta(hours=hours))
        queue.drain()
    period = figures.Period(date(2026, 6, 1), date(2026, 7, 1))
    loop = figures.voice(period).loop
    assert (FollowUp.objects.filter(kind="detractor").count(), loop.detractors, loop.waiting, loop.rate) == (
        1,
        2,
        2,
        0.0,
    )
    time_machine.move_to(NOW + timedelta(hours=30), tick=False)
    followups.log_contact(account, by=chloe, summary="Spoke with both")
    loop = figures.voice(period).loop
    assert (loop.in_time, loop.late, loop.missed, loop.rate, loop.median_hours) == (1, 1, 0, 0.5, 20.0)
