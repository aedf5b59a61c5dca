"""Who would be asked, who not, and why: the same rule before the start, at the start, and when a mail goes out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from model_bakery import baker

from accounts.models import Contact, FollowUp, OptOut
from health.domain.surveys import audience
from health.models import Invite
from tests.accounts.spine import make_follow_up
from tests.health.factories import make_account
from tests.health.surveys.rows import NOON, make_contact, make_invite, make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOON, tick=False)


def reasons(survey) -> dict[str, str]:
    """By name, from the preview; "" for those who would be asked."""
    seen = audience.preview(survey)
    return {
        person.name: person.reason
        for reason in ["", *seen.skipped]
        for person in audience.preview(survey, reason=reason).people
    }


def test_everybody_has_a_reason_or_is_asked(db):
    survey = make_survey(min_account_days=30, texts={"fr": {"question": "Alors ?"}})
    french = {"language": "fr"}
    acme = make_account(started_on=date(2025, 1, 1))
    make_contact(acme, name="Fine", **french)
    make_contact(acme, name="Gone", left_on=date(2026, 3, 1), **french)
    make_contact(acme, name="Leaves later", left_on=date(2026, 3, 9), **french)
    OptOut.objects.create(address=make_contact(acme, name="Out", email="Out@acme.example", **french).email.lower())
    make_contact(acme, name="English", language="en")
    make_contact(acme, name="Unsaid")
    make_contact(acme, name="Canadian", language="fr-CA")
    make_contact(make_account(started_on=date(2026, 2, 3)), name="New", **french)
    make_contact(make_account(started_on=date(2026, 2, 2)), name="Old enough", **french)
    make_contact(make_account(started_on=date(2025, 1, 1), band="red"), name="Red", **french)
    unhappy = make_account(started_on=date(2025, 1, 1))
    make_follow_up(unhappy, kind="detractor")
    make_contact(unhappy, name="Unhappy", **french)
    asked = make_contact(acme, name="Asked", **french)
    baker.make(
        "accounts.Ask", account=acme, contact=asked, address=asked.email, kind="referral", at=NOON - timedelta(days=13)
    )
    make_invite(make_contact(acme, name="Recent", **french), sent_at=NOON - timedelta(days=89))
    make_contact(make_account(started_on=date(2025, 1, 1), stage="churned"), name="Churned", **french)

    assert reasons(survey) == {
        "Fine": "", "Gone": "left", "Leaves later": "", "Out": "opted_out", "English": "", "Unsaid": "",
        "Canadian": "", "New": "too_young", "Old enough": "", "Red": "red", "Unhappy": "detractor_open",
        "Asked": "pressure", "Recent": "recent",
    }  # fmt: skip
    # Who reads no French gets it in French all the same, and the admin is told before.
    assert audience.preview(survey).foreign == 2
    assert audience.preview(make_survey(texts={"en": {"question": "So?"}, "fr": {"question": "Alors ?"}})).foreign == 0
    assert audience.preview(make_survey(texts={})).foreign == 0


def test_segments_stages_and_people_make_the_audience():
    mid = baker.make("accounts.Segment", key="mid")
    account, other = make_account(segment=mid, stage="onboarding"), make_account()
    make_contact(account, name="Decides", decides=True)
    make_contact(account, name="Champion", champion=True)
    make_contact(account, name="Other")
    make_contact(other, name="Elsewhere")

    everybody = make_survey()
    assert audience.preview(everybody).asked == 4
    of_mid = make_survey(roles=["decides", "other"])
    of_mid.segments.add(mid)
    assert set(reasons(of_mid)) == {"Decides", "Other"}
    assert set(reasons(make_survey(stages=["onboarding"], roles=["champion"]))) == {"Champion"}
    make_contact(make_account(stage="churned"), name="Left")
    assert set(reasons(make_survey(stages=["churned"]))) == {"Left"}


def test_the_recontact_gate_is_exact_and_holds_over_all_surveys_and_spellings():
    survey = make_survey(recontact_days=90)
    for hours, name in ((90 * 24, "Just due"), (90 * 24 - 0.001, "Not yet")):
        contact = make_contact(name=name, email=f"{name.replace(' ', '.')}@Acme.example")
        make_invite(contact, sent_at=NOON - timedelta(hours=hours))
    make_invite(make_contact(name="Bounced"), sent_at=NOON - timedelta(days=1), bounced_at=NOON)
    waiting = make_invite(make_contact(name="On its way"), status="queued", sent_at=None)
    waiting.mail = baker.make("accounts.Mail", status="queued", headers={}, attachments=[])
    waiting.save()
    make_invite(make_contact(name="Only queued"), status="queued", sent_at=None)

    assert reasons(survey) == {
        "Just due": "", "Not yet": "recent", "Bounced": "", "On its way": "recent", "Only queued": "",
    }  # fmt: skip
    assert set(reasons(make_survey(recontact_days=0)).values()) == {""}


def test_one_address_is_asked_once_whoever_can_be():
    for account, name, fields in (
        (make_account(), "Longest", {}),
        (make_account(), "Decides", {"decides": True}),
        (make_account(band="red"), "Red", {"decides": True}),
    ):
        make_contact(account, name=name, email="Ann@Acme.example" if name == "Red" else "ann@acme.example", **fields)

    assert reasons(make_survey()) == {"Longest": "twice", "Decides": "", "Red": "red"}


def test_the_sample_is_the_same_every_time_and_only_grows():
    contacts = [make_contact().email.lower() for _ in range(60)]
    survey = make_survey(slug="spring", sample_percent=Decimal(20), status="draft")

    def sampled(percent) -> set[str]:
        survey.sample_percent = Decimal(percent)
        survey.save()
        return {person.address for person in audience.preview(survey, size=100).people}

    assert sampled("20") == sampled("20") == {c for c in contacts if audience.in_sample("spring", c, 20)}
    assert set() < sampled("20") < sampled("50.5") < sampled("100") == set(contacts)
    assert audience.in_sample("spring", "ann@acme.example", 0) is False


def test_the_preview_counts_and_shows_pages_of_names():
    acme = make_account()
    for number in range(5):
        make_contact(acme, name=f"Ann {number:02}")
    for number in range(3):
        make_contact(acme, name=f"Gone {number}", left_on=date(2026, 1, 1))

    first = audience.preview(make_survey(slug="a"), size=2)
    assert (first.total, first.asked, first.skipped, first.previous, first.next) == (8, 5, {"left": 3}, None, 2)
    assert [person.name for person in first.people] == ["Ann 00", "Ann 01"]
    last = audience.preview(make_survey(slug="b"), size=2, page=3)
    assert ([person.name for person in last.people], last.previous, last.next) == (["Ann 04"], 2, None)
    assert len(audience.preview(make_survey(slug="c"), reason="left", size=2).people) == 2
    assert audience.preview(make_survey(slug="d"), reason="nonsense").people == []
    assert not Invite.objects.exists()


def test_as_many_queries_for_fifty_as_for_one():
    survey = make_survey()
    make_contact()

    def count(work) -> int:
        with CaptureQueriesContext(connection) as seen:
            work()
        return len(seen)

    before = count(lambda: audience.preview(survey))
    queued = count(lambda: audience.queue_audience(make_survey()))
    Contact.objects.bulk_create(Contact(account=make_account(), email=f"p{n}@x.example") for n in range(50))
    assert count(lambda: audience.preview(survey)) == before == 4
    assert count(lambda: audience.queue_audience(make_survey())) == queued
    assert FollowUp.objects.count() == 0
