"""One invite, one answer: what machines do to a link counts for nothing, what the person sends counts once."""

from datetime import timedelta

import pytest
from model_bakery import baker

from accounts.domain import dispatch
from accounts.domain.pressure import note_asks
from accounts.domain.timeline import Entry
from accounts.exceptions import Conflict, DomainError
from accounts.models import Activity, FollowUp
from health.domain.surveys import answering
from health.domain.surveys.telling import NEWS
from health.models import Action, Answer, FirstReading, ScoreMark
from tests.health import factories as f
from tests.health.surveys.rows import NOON, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db


def after(**given):
    return NOON + timedelta(**given)


@pytest.fixture
def invite(time_machine):
    time_machine.move_to(NOON)
    return make_invite(make_contact(name="Ann"))


def told(invite):
    return list(invite.account.activities.order_by("id").values_list("kind", "data__score", "data__group"))


def test_opening_the_page_answers_nothing(invite):
    for method in ("HEAD", "GET", "GET"):
        answering.opened(invite, score=3, method=method, at=after(seconds=2))

    invite.refresh_from_db()
    assert (Answer.objects.count(), invite.scanned_at, invite.opened_at) == (0, None, after(seconds=2))
    assert (invite.last_score, invite.last_score_at) == (3, after(seconds=2))


def test_the_person_sends_it_and_everybody_who_should_know_does(invite, queue):
    answer, status = answering.submit(invite, 3, " Slow since May\x00 ", at=after(minutes=1))

    assert (status, answer.score, answer.comment, answer.source) == (201, 3, "Slow since May", invite.survey.slug)
    assert (answer.kind, answer.survey, answer.contact, answer.account) == (
        "nps",
        invite.survey,
        invite.contact,
        invite.account,
    )
    assert told(invite) == [("nps.answered", 3, "detractor")]
    activity = invite.account.activities.get()
    assert (activity.occurred_at, activity.actor_label) == (after(minutes=1), "Ann")
    assert activity.data == {
        "group": "detractor", "score": 3, "contact": "Ann", "survey": "Spring", "comment": "Slow since May",
        "answer": answer.pk, "survey_id": invite.survey_id, "least_used": None,
    }  # fmt: skip
    assert ScoreMark.objects.filter(accounts__contains=[invite.account_id]).exists()
    assert FirstReading.objects.get(kind="answer").first_on == NOON.date()

    queue.drain()
    row = FollowUp.objects.get(account=invite.account)
    assert (row.kind, row.priority, row.promise, row.due_at) == ("detractor", 1, True, after(minutes=1, hours=24))
    assert "Slow since May" in row.instructions
    assert row.title == f"Call Ann of {invite.account}: 3 of 10"


@pytest.mark.parametrize(("score", "kind", "hours"), [(8, "passive", 120), (10, "promoter", 168)])
def test_passives_and_promoters_have_their_own_follow_ups(invite, queue, score, kind, hours):
    answering.submit(invite, score, at=NOON)
    queue.drain()

    row = FollowUp.objects.get()
    assert (row.kind, row.promise, row.due_at) == (kind, False, after(hours=hours))


def test_a_passive_is_helped_with_what_they_pay_for_and_use_least(invite, queue):
    plan = baker.make("accounts.Plan", key="pro")
    invite.account.plan = plan
    invite.account.save()
    for key, points in (("export", 9), ("report", 1), ("search", 4)):
        f.use(invite.account, points, on=NOON.date(), key=key)
        Action.objects.get(key=key).plans.add(plan)

    answering.submit(invite, 7, at=NOON)
    queue.drain()

    assert "uses this least: report." in FollowUp.objects.get().instructions


def test_a_promoter_is_asked_for_a_referral_unless_that_is_too_much(invite):
    note_asks([invite.contact], "survey", "spring")  # the very question that they answer
    red = make_invite(make_contact(f.make_account(band="red"), name="Red"), invite.survey)
    spared = make_invite(make_contact(name="Spared"), invite.survey)
    note_asks([spared.contact], "upsell", "more")
    for who in (invite, red, spared):
        answering.submit(who, 10, at=NOON)
    dispatch.dispatch_waiting()  # and not what would score the red one anew

    assert [row.kind for row in FollowUp.objects.all()] == ["promoter"]
    assert FollowUp.objects.get().account == invite.account
    assert list(invite.contact.asks.order_by("pk").values_list("kind", "subject")) == [
        ("survey", "spring"),
        ("referral", "promoter"),
    ]
    held = Activity.objects.filter(kind="contact.held_back").values_list("account", "data__why")
    assert sorted(held) == sorted([(red.account_id, "red"), (spared.account_id, "asked")])


def test_more_detractors_of_an_account_are_occurrences(invite, queue):
    other = make_invite(make_contact(invite.account, name="Bob"), invite.survey)
    answering.submit(invite, 3, at=NOON)
    queue.drain()
    answering.submit(other, 2, at=after(hours=1))
    queue.drain()

    row = FollowUp.objects.get()
    assert (row.occurrences, row.due_at) == (2, after(hours=24))


def test_sent_again_it_is_edited_for_thirty_days(invite):
    posts = [(0, 6, ""), (2, 9, "Fixed, thanks"), (29.99, 10, "Fixed, thanks")]
    statuses = [answering.submit(invite, score, comment, at=after(days=day))[1] for day, score, comment in posts]
    with pytest.raises(Conflict, match="can be changed for 30 days"):
        answering.submit(invite, 0, at=after(days=30))

    answer = Answer.objects.get()
    assert statuses == [201, 200, 200]
    assert (answer.score, answer.comment, answer.answered_at, answer.revised_at) == (
        10,
        "Fixed, thanks",
        NOON,
        after(days=29.99),
    )
    kept = answer.revisions.values_list("score", "comment", "given_at", "replaced_at")
    assert list(kept) == [(6, "", NOON, after(days=2)), (9, "Fixed, thanks", after(days=2), after(days=29.99))]


def test_who_changes_sides_is_told_again_who_corrects_a_word_is_noted(invite):
    answering.submit(invite, 9, at=NOON)
    answering.submit(invite, 10, "Great", at=after(minutes=1))
    answering.submit(invite, 10, "Great", at=after(minutes=2))
    answering.submit(invite, 2, "Down again", at=after(days=1))

    assert told(invite) == [
        ("nps.answered", 9, "promoter"),
        ("answer.revised", None, None),
        ("nps.answered", 2, "detractor"),
    ]
    revised = invite.account.activities.get(kind="answer.revised")
    assert (revised.data["before"], revised.data["after"], revised.data["comment"]) == ("9", "10", "Great")
    assert invite.account.activities.latest("id").occurred_at == after(days=1)


@pytest.mark.parametrize("score", [11, -1, "9.5", "", None, True, "abc", 6.5])
def test_what_is_no_score_is_refused(invite, score):
    with pytest.raises(DomainError, match="A whole number from 0 to 10") as refusal:
        answering.submit(invite, score)
    assert refusal.value.status == 422
    assert not Answer.objects.exists()


def test_a_comment_that_is_too_long_is_refused(invite):
    with pytest.raises(DomainError, match="Too long"):
        answering.submit(invite, 9, "x" * 10_001)


# Scanners and pages left open -------------------------------------------------------------------------------


def test_a_scanner_is_known_by_its_haste(invite):
    answering.opened(invite, score=0, at=after(seconds=1))
    answering.opened(invite, score=4, at=after(seconds=11))

    assert answering.beacon(invite, 4, at=after(seconds=20)) is None
    invite.refresh_from_db()
    assert invite.scanned_at == after(seconds=11)
    assert answering.submit(invite, 9, at=after(hours=1))[1] == 201


def test_slow_changes_of_mind_are_no_scanner(invite):
    answering.opened(invite, score=0, at=after(seconds=1))
    answering.opened(invite, score=4, at=after(seconds=11.1))
    answering.opened(invite, at=after(seconds=12))

    invite.refresh_from_db()
    assert (invite.scanned_at, invite.last_score) == (None, 4)


def test_a_honeypot_hit_marks_a_scanner_once(invite):
    answering.opened(invite, score=4, at=NOON)
    answering.honeypot(invite, at=after(seconds=3))
    answering.honeypot(invite, at=after(seconds=9))

    invite.refresh_from_db()
    assert invite.scanned_at == after(seconds=3)
    assert answering.beacon(invite, 4, at=after(seconds=10)) is None


def test_a_page_left_open_counts_provisionally_and_is_told_after_an_hour(invite, queue):
    answering.opened(invite, score=3, at=NOON)
    assert answering.beacon(invite, 3, at=after(seconds=4)) is None  # not seen for long enough
    answer = answering.beacon(invite, 3, at=after(seconds=6))

    assert (answer.score, answer.provisional_until, answer.told_at) == (3, after(hours=1, seconds=6), None)
    assert answering.firm_provisional(after(minutes=59)) == 0
    assert told(invite) == []

    assert answering.firm_provisional(after(hours=1, seconds=6)) == 1
    assert answering.firm_provisional(after(hours=2)) == 0
    assert told(invite) == [("nps.answered", 3, "detractor")]
    queue.drain()
    assert FollowUp.objects.get().due_at == after(seconds=6, hours=24)


def test_what_the_person_sends_takes_the_place_of_what_the_page_said(invite):
    answering.opened(invite, score=3, at=NOON)
    answering.beacon(invite, 3, at=after(seconds=6))
    answer, status = answering.submit(invite, 8, at=after(minutes=2))
    assert answering.beacon(invite, 3, at=after(minutes=3)) is None

    answer.refresh_from_db()
    assert (status, answer.score, answer.provisional_until) == (200, 8, None)
    assert answer.revisions.get().provisional
    assert told(invite) == [("nps.answered", 8, "passive")]
    assert answering.firm_provisional(after(days=1)) == 0


def test_another_page_left_open_starts_the_hour_again(invite):
    answering.opened(invite, score=3, at=NOON)
    answering.beacon(invite, 3, at=after(seconds=6))
    answering.opened(invite, score=9, at=after(minutes=30))
    answering.beacon(invite, 9, at=after(minutes=31))

    assert answering.firm_provisional(after(minutes=65)) == 0
    assert answering.firm_provisional(after(minutes=91)) == 1
    assert told(invite) == [("nps.answered", 9, "promoter")]


def test_what_a_scanner_left_before_it_was_known_goes(invite):
    answering.opened(invite, score=3, at=NOON)
    answering.beacon(invite, 3, at=after(seconds=6))
    answering.honeypot(invite, at=after(seconds=9))

    assert answering.firm_provisional(after(hours=2)) == 0
    assert (Answer.objects.count(), told(invite)) == (0, [])


# Other kinds ------------------------------------------------------------------------------------------------


def test_satisfaction_is_from_one_to_five(time_machine):
    time_machine.move_to(NOON)
    invite = make_invite(survey=make_survey(kind="csat"))
    for wrong in (0, 6):
        with pytest.raises(DomainError, match="A whole number from 1 to 5"):
            answering.submit(invite, wrong)

    answer, _status = answering.submit(invite, 5, "Clear")
    assert (answer.kind, answer.score) == ("csat", 5)
    assert not FirstReading.objects.exists()
    assert told(invite) == [("csat.answered", 5, None)]


def test_who_leaves_says_why(time_machine):
    time_machine.move_to(NOON)
    invite = make_invite(
        make_contact(f.make_account(stage="churned", churned_on=NOON.date())), make_survey(kind="churn")
    )
    with pytest.raises(DomainError, match="Choose a reason"):
        answering.submit(invite, reason="boredom")

    answer, _status = answering.submit(invite, 7, "Too dear", "price")

    assert (answer.score, answer.reason) == (None, "price")
    assert told(invite) == [("churn_survey.answered", None, None)]
    assert invite.account.churn_events.values_list("reason", "comment", "occurred_on").get() == (
        "price",
        "Too dear",
        NOON.date(),
    )
    answering.submit(invite, None, "Too dear", "competitor")
    revised = invite.account.activities.get(kind="answer.revised")
    assert (revised.data["before"], revised.data["after"]) == ("price", "competitor")
    assert "Price → Competitor" in Entry(revised).sentence


def test_old_answers_stand_on_the_timeline_only(invite, queue):
    answering.submit(invite, 3, at=NOON - NEWS - timedelta(minutes=1))
    queue.drain()

    assert told(invite) == [("nps.answered", 3, "detractor")]
    assert not FollowUp.objects.exists()
