"""A survey from draft to end, and what the worker does meanwhile."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.domain.mails import record_bounce, send_due
from accounts.domain.pressure import note_asks
from accounts.domain.timeline import Entry
from accounts.enums import MailStatus
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account, Activity, Ask, Contact, Mail, OptOut
from health.domain.surveys import answering, campaign, sending
from health.domain.surveys.defaults import install_defaults
from health.domain.surveys.figures import Rates
from health.models import Invite, Survey
from tests.accounts.spine import make_follow_up
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def draft(**fields) -> Survey:
    return make_survey(status="draft", **fields)


def statuses(survey) -> dict[str, str]:
    rows = Invite.objects.filter(survey=survey).values_list("contact__name", "status", "skip_reason")
    return {name: f"{status} {reason}".strip() for name, status, reason in rows}


# Its life ---------------------------------------------------------------------------------------------------


def test_started_everybody_is_queued_or_has_the_reason(alice, queue):
    make_contact(name="Ann")
    make_contact(name="Gone", left_on=date(2026, 1, 1))
    survey = campaign.start(draft(), by=alice)

    assert (survey.status, survey.started_at) == ("running", NOON)
    assert statuses(survey) == {"Ann": "queued", "Gone": "skipped left"}
    queue.commit()
    assert queue.published("health.tasks.send_surveys")
    with pytest.raises(Conflict, match="is already: Running"):
        campaign.start(survey, by=alice)
    assert survey.events.order_by("pgh_id").last().pgh_context.metadata["what"] == "running"


def test_what_the_contact_pressure_held_back_stands_on_the_timeline(alice):
    make_contact(make_account(band="red"), name="Red")
    called = make_contact(name="Called")
    make_follow_up(called.account, kind="detractor")
    asked = make_contact(name="Asked")
    note_asks([asked], "upsell", "more", at=NOON - timedelta(days=3))
    make_contact(name="Gone", left_on=date(2026, 1, 1))
    later = make_contact(name="Later")
    survey = campaign.start(draft(name="Spring"), by=alice)
    Account.objects.filter(pk=later.account_id).update(band="red")  # queued before, red when it is to go out
    assert sending.send_queued() == 0

    told = Activity.objects.filter(kind="contact.held_back").order_by("pk")
    assert sorted((row.data["contact"], row.data["what"], row.data["why"], row.data["until"]) for row in told) == [
        ("Asked", "Spring", "asked", (NOON + timedelta(days=11)).isoformat()),
        ("Called", "Spring", "detractor", None),
        ("Later", "Spring", "red", None),
        ("Red", "Spring", "red", None),
    ]
    assert all(row.dispatched_at for row in told)
    assert "Spring: not asked of Asked now, because" in Entry(told.get(account=asked.account)).sentence
    assert statuses(survey)["Gone"] == "skipped left"


def test_paused_nothing_goes_out_ended_nobody_more_is_asked(alice, queue):
    for name in ("Ann", "Bob", "Cem"):
        make_contact(make_account(name=name), name=name)
    survey = campaign.start(draft(per_day=1), by=alice)
    assert sending.send_queued() == 1
    campaign.pause(survey, by=alice)
    survey.per_day = None
    campaign.save_survey(campaign.locked(survey), by=alice)
    assert sending.send_queued() == 0
    campaign.resume(survey, by=alice)
    with pytest.raises(Conflict):
        campaign.resume(survey, by=alice)
    ended = campaign.end(survey, by=alice)

    assert (ended.status, ended.ended_at) == ("ended", NOON)
    assert set(statuses(survey).values()) == {"skipped ended"}
    assert sending.send_queued() == 0
    for verb in (campaign.start, campaign.pause, campaign.resume, campaign.end):
        with pytest.raises(Conflict):
            verb(ended, by=alice)


def test_a_draft_is_checked_as_a_whole(alice):
    wrong = Survey(
        name=" ", slug="a b", kind="quiz", trigger="mrr.new", stages=["far"], roles=["king"], min_account_days=-1,
        sample_percent=0, per_day=0,
    )  # fmt: skip
    with pytest.raises(DomainError) as refusal:
        campaign.save_survey(wrong, by=alice)
    assert set(refusal.value.errors) == {"name", "kind", "stages", "sample_percent"}

    for field, value in (
        ("sample_percent", "abc"),
        ("remind_after_days", 0),
        ("per_day", 0),
        ("trigger", "mrr.new"),
        ("slug", "é"),
    ):
        with pytest.raises(DomainError) as refusal:
            campaign.save_survey(Survey(name="Spring", **{field: value}), by=alice)
        assert set(refusal.value.errors) == {field}
    with pytest.raises(DomainError, match="of those who leave"):
        campaign.save_survey(Survey(name="Bye", kind="churn"), by=alice)


def test_a_saved_one_has_a_key_of_its_own_and_clean_texts(alice):
    texts = {"en": {"question": " How\nare we? ", "intro": "", "odd": "x"}, "xx": {"question": "?"}, "fr": "non"}
    first = campaign.save_survey(Survey(name="Spring 2026", texts=texts), by=alice)
    second = campaign.save_survey(Survey(name="Spring 2026"), by=alice)

    assert (first.slug, second.slug, first.created_by) == ("spring-2026", "spring-2026-2", alice)
    assert first.texts == {"en": {"question": "How are we?"}}
    with pytest.raises(DomainError, match="with this key already"):
        campaign.save_survey(Survey(name="Other", slug="spring-2026"), by=alice)


def test_of_a_started_one_only_words_and_pace_change(alice):
    mid = baker.make("accounts.Segment", key="mid")
    survey = make_survey()
    survey.name, survey.per_day, survey.texts = "Summer", 10, {"en": {"thanks": "Ta"}}
    assert campaign.save_survey(survey, by=alice, segments=[]).name == "Summer"

    survey.kind, survey.recontact_days = "csat", 3
    with pytest.raises(Conflict, match="has been started") as refusal:
        campaign.save_survey(survey, by=alice, segments=[mid])
    assert set(refusal.value.errors) == {"kind", "recontact_days", "segments"}


def test_it_is_copied_and_only_drafts_are_deleted(alice):
    mid = baker.make("accounts.Segment", key="mid")
    survey = make_survey(roles=["decides"], per_day=7)
    survey.segments.add(mid)
    again = campaign.copy_survey(survey, by=alice)

    assert (again.name, again.status, again.roles, again.per_day) == ("Spring, again", "draft", ["decides"], 7)
    assert list(again.segments.all()) == [mid]
    campaign.delete_draft(again, by=alice)
    with pytest.raises(Conflict, match="ended, not deleted"):
        campaign.delete_draft(survey, by=alice)
    assert Survey.objects.filter(pk__in=[survey.pk, again.pk]).count() == 1


def test_a_new_installation_asks_those_who_leave():
    Survey.objects.all().delete()
    install_defaults()
    install_defaults()

    assert list(Survey.objects.order_by("slug").values_list("slug", "status", "trigger")) == [
        ("leaving", "running", "account.churned"),
        ("nps", "draft", ""),
    ]


# Sending ----------------------------------------------------------------------------------------------------


def test_invites_become_mails_and_mails_tell_back(alice, queue):
    ann = make_contact(name="Ann", email="Ann@Acme.example", language="fr")
    bob = make_contact(make_account(band="green"), name="Bob")
    survey = campaign.start(draft(), by=alice)
    queue.drain()

    mail = Mail.objects.get(contact=ann)
    invite = Invite.objects.get(contact=ann)
    assert (mail.key, mail.kind, mail.to, mail.language, mail.status) == (
        f"survey.invite {invite.pk}", "survey.invite", "ann@acme.example", "fr", "sent",
    )  # fmt: skip
    assert "List-Unsubscribe-Post" in mail.headers
    assert "?score=10" in mail.text
    assert (invite.status, invite.sent_at, invite.mail) == ("sent", NOON, mail)
    assert sorted(Ask.objects.values_list("address", "kind", "subject")) == sorted(
        [("ann@acme.example", "survey", survey.slug), (bob.email, "survey", survey.slug)]
    )

    record_bounce(message_id=Mail.objects.get(contact=bob).message_id, reason="no such user")
    assert Invite.objects.get(contact=bob).status == "bounced"
    answering.submit(invite, 9, "Bien")
    done = campaign.progress(survey)
    assert (done.queued, done.outbox, done.to_ask, done.not_asked) == (0, 0, 2, 0)
    assert done.rates == Rates(sent=2, bounced=1, answered=1, with_comment=1)


def test_no_more_than_so_many_a_day(alice, time_machine):
    for _ in range(5):
        make_contact()
    survey = campaign.start(draft(per_day=2), by=alice)

    assert (sending.send_queued(), sending.send_queued()) == (2, 0)
    time_machine.move_to(datetime(2026, 3, 5, tzinfo=UTC), tick=False)
    assert sending.send_queued() == 2
    assert campaign.progress(survey).queued == 1


def test_what_happened_since_is_looked_at_again(alice):
    people = {name: make_contact(name=name) for name in ("Fine", "Out", "Red", "Twice")}
    survey = campaign.start(draft(), by=alice)
    other = campaign.start(draft(slug="zz-later"), by=alice)
    OptOut.objects.create(address=people["Out"].email)
    people["Red"].account.band = "red"
    people["Red"].account.save()
    make_invite(people["Twice"], sent_at=NOON - timedelta(days=5))

    assert sending.send_queued() == 1
    assert statuses(survey) == {
        "Fine": "queued",
        "Out": "skipped opted_out",
        "Red": "skipped red",
        "Twice": "skipped recent",
    }
    # Nobody is asked by two surveys, also while the first one's mail is on its way.
    assert set(statuses(other).values()) == {"skipped opted_out", "skipped red", "skipped recent"}


def test_a_mail_that_will_not_go_frees_its_invite(alice):
    for name in ("Ann", "Bob"):
        make_contact(name=name)
    survey = campaign.start(draft(), by=alice)
    sending.send_queued()
    Mail.objects.filter(contact__name="Ann").update(status=MailStatus.CANCELED)
    Mail.objects.filter(contact__name="Bob").update(status=MailStatus.PARKED)
    sending.send_queued()

    assert statuses(survey) == {"Ann": "skipped opted_out", "Bob": "bounced"}
    assert campaign.progress(survey).rates == Rates()


def test_it_is_written_in_sets(alice):
    def queries() -> int:
        survey = campaign.start(draft(recontact_days=0), by=alice)
        Ask.objects.all().delete()
        with CaptureQueriesContext(connection) as seen:
            sending.send_queued()
        assert campaign.progress(survey).queued == 0
        return len(seen)

    make_contact()
    before = queries()
    for _ in range(30):
        make_contact()
    assert queries() == before


def test_killed_in_the_middle_a_portion_is_as_if_it_had_never_been(alice, monkeypatch):
    for _ in range(4):
        make_contact()
    survey = campaign.start(draft(), by=alice)

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_write", killed)
        with pytest.raises(SystemExit):
            sending.send_queued(portion=2)
    assert sending.send_queued(portion=3) == 4
    assert Mail.objects.filter(kind="survey.invite").count() == 4
    assert campaign.progress(survey).outbox == 4


# Reminders --------------------------------------------------------------------------------------------------


def test_who_has_not_answered_is_reminded_once(time_machine):
    survey = make_survey(remind_after_days=5)
    for name in ("Silent", "Answered", "Late", "Red", "Unhappy", "Out", "Left"):
        make_invite(make_contact(name=name), survey, sent_at=NOON - timedelta(days=4 if name == "Late" else 5))
    invites = {invite.contact.name: invite for invite in Invite.objects.select_related("contact__account")}
    answering.submit(invites["Answered"], 9)
    invites["Red"].account.band = "red"
    invites["Red"].account.save()
    make_follow_up(invites["Unhappy"].account, kind="detractor")
    OptOut.objects.create(address=invites["Out"].address)
    invites["Left"].contact.left_on = date(2026, 3, 1)
    invites["Left"].contact.save()

    assert (sending.send_reminders(), sending.send_reminders()) == (1, 0)
    mail = Mail.objects.get()
    assert (mail.kind, mail.contact.name) == ("survey.reminder", "Silent")
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    assert sending.send_reminders() == 1
    assert campaign.progress(survey).reminded == 2


def test_nobody_is_reminded_of_what_has_ended():
    make_invite(survey=make_survey(remind_after_days=5, status="ended"), sent_at=NOON - timedelta(days=9))
    make_invite(survey=make_survey(), sent_at=NOON - timedelta(days=9))

    assert sending.send_reminders() == 0


def test_what_lies_in_the_outbox_of_a_paused_survey_is_not_sent(alice):
    for name in ("Ann", "Bob", "Tried"):
        make_contact(name=name)
    survey = campaign.start(draft(), by=alice)
    sending.send_queued()
    Mail.objects.filter(contact__name="Tried").update(status=MailStatus.SENDING, claimed_at=NOON)
    campaign.pause(survey, by=alice)

    assert list(Mail.objects.values_list("contact__name", "status")) == [("Tried", "sending")]
    assert campaign.progress(survey).queued == 2
    assert (send_due(), sending.send_queued()) == (0, 0)
    # Who may be asked is judged again when it goes on.
    OptOut.objects.create(address=Contact.objects.get(name="Bob").email)
    campaign.resume(survey, by=alice)
    sending.send_queued()
    send_due()
    assert statuses(survey) == {"Ann": "sent", "Bob": "skipped opted_out", "Tried": "queued"}


def test_a_reminder_of_a_paused_survey_waits_too(alice, time_machine):
    make_contact(name="Ann")
    survey = campaign.start(draft(remind_after_days=3), by=alice)
    sending.send_queued()
    send_due()
    time_machine.move_to(NOON + timedelta(days=4), tick=False)
    assert sending.send_reminders() == 1
    campaign.pause(survey, by=alice)
    assert Mail.objects.get().kind == "survey.invite"
    campaign.resume(survey, by=alice)
    assert sending.send_reminders() == 1


def test_an_ended_survey_sends_nothing_more(alice):
    make_contact(name="Ann")
    survey = campaign.start(draft(), by=alice)
    sending.send_queued()
    campaign.end(survey, by=alice)
    assert (send_due(), Mail.objects.count(), statuses(survey)) == (0, 0, {"Ann": "skipped ended"})


def test_what_was_asked_of_whom_is_held_by_the_database(alice):
    make_contact()
    survey = campaign.start(draft(), by=alice)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(sample_percent=50)
    Survey.objects.filter(pk=survey.pk).update(per_day=50, texts={"en": {"thanks": "Thanks"}})
