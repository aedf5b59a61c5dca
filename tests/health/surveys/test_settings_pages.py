"""Settings: an admin writes a survey, sees whom it would ask, starts, watches and ends it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Segment
from health.domain.surveys import campaign
from health.models import Answer, Invite, Survey
from tests.health.factories import make_account
from tests.health.surveys.rows import make_answer, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db
LIST = "/settings/surveys/"


@pytest.fixture(autouse=True, scope="module")
def _no_surveys(shared):
    """A new installation begins with some."""
    Survey.objects.all().delete()


def at(survey: Survey, tail: str = "") -> str:
    return f"{LIST}{survey.pk}/{tail}"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def admin(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def draft() -> Survey:
    return make_survey(status="draft", name="Autumn & more")


def filled(**changed) -> dict:
    """What the browser sends of a survey that nobody has changed."""
    return {
        "name": "Autumn", "trigger": "", "min_account_days": "0", "recontact_days": "90", "sample_percent": "100",
        "per_day": "", "remind_after_days": "",
    } | changed  # fmt: skip


@pytest.mark.parametrize("who", ["marc", "chloe", "vera"])
def test_only_admins_come_here(who, people, signed_in, draft):
    browser = signed_in(people[who])
    for path in (LIST, LIST + "add/", at(draft), at(draft, "people/"), at(draft, "mail/"), at(draft, "end/")):
        assert browser.get(path).status_code == 404
    for verb in ("start", "pause", "resume", "end", "copy", "delete", "preview"):
        assert browser.post(at(draft, f"{verb}/")).status_code == 404
    assert Survey.objects.get().status == "draft"


def test_without_surveys_it_says_what_to_do(admin):
    assert "No surveys yet" in text_of(admin.get(LIST))


def test_a_new_one_is_a_draft_with_our_words(admin):
    for kind, trigger in (("nps", ""), ("csat", ""), ("churn", "account.churned")):
        made = admin.post(LIST + "add/", {"name": f"New {kind}", "kind": kind})
        survey = Survey.objects.get(kind=kind)
        assert (made.status_code, made["Location"]) == (302, at(survey))
        assert (survey.status, survey.trigger, survey.texts) == ("draft", trigger, {})
        assert admin.get(at(survey)).status_code == 200
    page = text_of(admin.get(LIST))
    assert page.count("<tr>") == 4


@pytest.mark.parametrize("data", [{}, {"name": "", "kind": "nps"}, {"name": "x" * 121, "kind": "nps"}, {"name": "x", "kind": "poll"}])  # fmt: skip
def test_a_new_one_needs_a_name_and_a_kind(admin, data):
    assert admin.post(LIST + "add/", data).status_code == 422
    assert not Survey.objects.exists()


# Writing ----------------------------------------------------------------------------------------------------


def test_words_are_saved_by_language_and_fall_back(admin, draft):
    segment = Segment.objects.create(key="new-ones", name="New ones")
    saved = admin.post(
        at(draft),
        filled(question_en="Would you <b>recommend</b> us?", question_fr="Nous recommanderiez-vous ?",
               segments=[segment.pk], stages=["active"], roles=["champion"], sample_percent="12.5", per_day="40"),
    )  # fmt: skip
    assert saved.status_code == 302
    draft.refresh_from_db()
    assert draft.texts == {
        "en": {"question": "Would you <b>recommend</b> us?"}, "fr": {"question": "Nous recommanderiez-vous ?"},
    }  # fmt: skip
    assert (list(draft.segments.all()), draft.stages, draft.roles) == ([segment], ["active"], ["champion"])
    page = text_of(admin.get(at(draft), {"in": "ro"}))
    assert "Would you &lt;b&gt;recommend&lt;/b&gt; us?" in page
    assert 'value="12.50"' in page
    assert f'src="{at(draft, "mail/")}?in=ro"' in page


def test_a_language_that_is_none_shows_the_installations(admin, draft):
    assert admin.get(at(draft), {"in": "xx"}).status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Give it a name."),
        ({"sample_percent": "0"}, "More than 0 and at most 100 per cent."),
        ({"sample_percent": "101"}, "More than 0 and at most 100 per cent."),
        ({"sample_percent": "half"}, "Enter a number."),
        ({"recontact_days": "-1"}, "greater than or equal to 0"),
        ({"recontact_days": "99999"}, "A whole number from 0 to 3650."),
        ({"per_day": "0"}, "greater than or equal to 1"),
        ({"remind_after_days": "1.5"}, "Enter a whole number."),
        ({"stages": ["asleep"]}, "is not one of the available choices"),
        ({"segments": ["999999"]}, "is not one of the available choices"),
        ({"trigger": "moon.full"}, "is not one of the available choices"),
        ({"question_en": "x" * 401}, "at most 400 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_to_be_mended(admin, draft, changed, sentence):
    response = admin.post(at(draft), filled(thanks_en="Kept words", **changed))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "Kept words" in text_of(response)
    draft.refresh_from_db()
    assert (draft.name, draft.texts) == ("Autumn & more", {})


def test_a_started_one_changes_its_words_and_pace_alone(admin):
    survey = make_survey(name="Running", min_account_days=30)
    saved = admin.post(at(survey), filled(min_account_days="5", question_en="Why?", per_day="7"))
    assert saved.status_code == 302
    survey.refresh_from_db()
    assert (survey.min_account_days, survey.per_day, survey.texts) == (30, 7, {"en": {"question": "Why?"}})


def test_what_is_typed_is_shown_before_it_is_saved(admin, draft):
    typed = filled(question_en="Typed <b>words</b>?", question_fr="Des mots ?")
    assert "Typed &lt;b&gt;words&lt;/b&gt;?" in text_of(admin.post(at(draft, "preview/"), typed))
    assert "Des mots ?" in text_of(admin.post(at(draft, "preview/"), typed | {"in": "fr"}))
    mail = admin.post(at(draft, "mail/"), typed)
    assert "Typed &lt;b&gt;words&lt;/b&gt;?" in text_of(mail)
    draft.refresh_from_db()
    assert draft.texts == {}


def test_the_mail_can_do_nothing_in_its_frame(admin, draft):
    mail = admin.get(at(draft, "mail/"))
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    allowed = set(mail["Content-Security-Policy"].split("; "))
    assert allowed == {"default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'"}
    assert "Hello Kim Park," in text_of(mail)


def test_copied_and_deleted(admin, draft):
    assert admin.post(at(draft, "copy/")).status_code == 302
    copied = Survey.objects.exclude(pk=draft.pk).get()
    assert (copied.name, copied.status) == ("Autumn & more, again", "draft")
    assert admin.post(at(copied, "delete/")).status_code == 302
    running = make_survey()
    assert admin.post(at(running, "delete/")).status_code == 409
    assert set(Survey.objects.all()) == {draft, running}


# Whom it asks, and starting ---------------------------------------------------------------------------------


@pytest.fixture
def people_to_ask(draft):
    account = make_account(name="Acme")
    ann, ben = make_contact(account, name="Ann Lee"), make_contact(account, name="Ben Ode")
    make_contact(account, name="Cleo Gone", left_on=timezone.now().date() - timedelta(days=9))
    make_invite(ben, sent_at=timezone.now() - timedelta(days=5))
    return ann, ben


def test_who_would_get_it_and_who_not_and_why(admin, draft, people_to_ask):
    page = text_of(admin.get(at(draft, "people/")))
    assert "1 person would get it" in page
    assert "Ann Lee" in page
    assert "Ben Ode" not in page
    recent = text_of(admin.get(at(draft, "people/"), {"reason": "recent"}))
    assert "Not asked: Was surveyed not long ago" in recent
    assert "Ben Ode" in recent
    assert "Cleo Gone" in text_of(admin.get(at(draft, "people/"), {"reason": "left"}))
    assert Invite.objects.filter(survey=draft).count() == 0


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "0"}, {"page": "-1"}, {"page": "9" * 30}, {"page": "7"}, {"reason": "moon"}])  # fmt: skip
def test_a_damaged_address_shows_what_it_can(admin, draft, people_to_ask, query):
    assert admin.get(at(draft, "people/"), query).status_code == 200


def test_names_are_paged(admin, draft):
    account = make_account()
    for n in range(53):
        make_contact(account, name=f"P{n:02}")
    first = text_of(admin.get(at(draft, "people/")))
    assert "P49" in first
    assert "P50" not in first
    assert "P50" in text_of(admin.get(at(draft, "people/"), {"page": "2"}))


def test_started_paused_resumed_and_ended(admin, draft, people_to_ask):
    assert admin.post(at(draft, "start/")).status_code == 302
    assert Survey.objects.get(pk=draft.pk).status == "running"
    assert Invite.objects.filter(survey=draft, status="queued").count() == 1
    again = admin.post(at(draft, "start/"))
    assert again.status_code == 409
    assert "is already: Running." in text_of(again)
    assert admin.post(at(draft, "pause/")).status_code == 302
    assert "Paused" in text_of(admin.get(at(draft)))
    assert admin.post(at(draft, "pause/")).status_code == 409
    assert admin.post(at(draft, "resume/")).status_code == 302
    assert "<strong>1 person still waits</strong>" in text_of(admin.get(at(draft, "end/")))
    assert admin.post(at(draft, "end/")).status_code == 302
    assert Survey.objects.get(pk=draft.pk).status == "ended"
    assert admin.post(at(draft, "resume/")).status_code == 409
    assert set(Invite.objects.filter(survey=draft).values_list("status", flat=True)) == {"skipped"}


def test_one_with_a_trigger_asks_nobody_at_the_start(admin, people_to_ask):
    survey = make_survey(status="draft", kind="churn", trigger="account.churned")
    assert "It asks when: An account has left" in text_of(admin.get(at(survey, "people/")))
    admin.post(at(survey, "start/"))
    assert Survey.objects.get(pk=survey.pk).status == "running"
    assert not Invite.objects.filter(survey=survey).exists()


def test_progress_asks_again_only_while_mails_go_out(admin):
    survey = make_survey()
    make_invite(survey=survey)
    make_invite(survey=survey, status="queued", sent_at=None)
    going = text_of(admin.get(at(survey, "progress/")))
    assert "1 of 2" in going
    assert "hx-get" in going
    Invite.objects.filter(status="queued").update(status="skipped", skip_reason="recent")
    assert "hx-get" not in text_of(admin.get(at(survey, "progress/")))


def test_who_got_it_and_who_not(admin):
    survey = make_survey()
    answered = make_invite(make_contact(name="Ann Lee"), survey)
    make_answer(answered.contact, 9, invite=answered, survey=survey)
    make_invite(make_contact(name="Ben Ode"), survey)
    make_invite(make_contact(name="Cleo Red"), survey, status="skipped", skip_reason="red", sent_at=None)
    for shown, name in (("", "Ann Lee"), ("sent", "Ben Ode"), ("red", "Cleo Red"), ("nonsense", "Ann Lee")):
        page = text_of(admin.get(at(survey, "people/"), {"shown": shown}))
        assert [one for one in ("Ann Lee", "Ben Ode", "Cleo Red") if one in page] == [name]
    assert admin.get(at(survey, "people/"), {"after": "x"}).status_code == 200


def test_the_list_asks_as_much_for_fifty_as_for_one(admin, django_assert_max_num_queries):
    make_invite(survey=make_survey())
    with django_assert_max_num_queries(12) as few:
        admin.get(LIST)
    for _n in range(50):
        make_survey()
    with django_assert_max_num_queries(12) as many:
        admin.get(LIST)
    assert len(few) == len(many)


def test_who_got_it_asks_as_much_for_fifty_as_for_one(admin, django_assert_max_num_queries):
    survey = make_survey()
    make_invite(survey=survey)
    path = at(survey, "people/?shown=sent")
    with django_assert_max_num_queries(12) as few:
        admin.get(path)
    for _n in range(50):
        make_invite(survey=survey)
    with django_assert_max_num_queries(12) as many:
        admin.get(path)
    assert len(few) == len(many)


def test_a_survey_that_is_none_is_not_found(admin):
    for name in ("survey_edit", "survey_people", "survey_progress", "survey_end", "survey_mail"):
        assert admin.get(reverse(f"health:{name}", args=[999])).status_code == 404
    assert Answer.objects.count() == 0
    assert campaign.progress_of([]) == {}
