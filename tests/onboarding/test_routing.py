"""Who is led elsewhere by an answer: what they said is kept, and counted for the type's page."""

import pytest
from django.test import Client

from accounts.domain.links import address_of as link_of
from accounts.domain.privacy import erase_contact, export_contact
from accounts.models import Activity
from onboarding.models import Routing
from tests.onboarding.factories import NOW, make_contact, make_host, make_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
QUESTIONS = [
    {
        "key": "size", "text": {"en": {"text": "How many are you?"}}, "kind": "choice", "choices": ["few", "many"],
        "required": True, "routes": [{"value": "few", "to": "webinar", "slug": "webinar", "text": {}}],
    },
    {"key": "goal", "text": {"en": {"text": "What for?"}}, "kind": "text"},
]  # fmt: skip


@pytest.fixture
def friday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def kind():
    webinar = {"slug": "webinar", "seats": 50, "texts": {"en": {"name": "Webinar"}, "fr": {"name": "Visioconférence"}}}
    make_type(make_host("Bob"), **webinar)
    return make_type(make_host(), questions=QUESTIONS)


def test_a_contacts_answers_stand_on_the_timeline_once(client: Client, kind) -> None:
    kim = make_contact(make_host("Cleo"), language="fr")  # the timeline is the team's
    here = f"/c/{link_of(kim, 'portal').rstrip('/').rpartition('/')[2]}/book/kickoff/"

    answers = [client.post(here, {"q_size": "few", "q_goal": "Reports"}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    activity = Activity.objects.get(kind="session.routed")
    assert (activity.account, activity.actor_label) == (kim.account, "Customer: Kim Doe")
    assert activity.data == {
        "type": "Kick-off", "to": "Webinar", "contact": "Kim Doe", "contact_id": kim.pk,
        "summary": "How many are you? few; What for? Reports",
    }  # fmt: skip
    assert list(Routing.objects.values_list("contact", "target", "question", "answer")) == [
        (kim.pk, "webinar", "size", "few"),
    ]  # fmt: skip


def test_strangers_are_counted_by_visit_and_the_types_page_shows_it(client: Client, kind, signed_in, alice) -> None:
    for key in ("a", "b", "b"):
        client.post("/book/kickoff/", {"q_size": "few", "key": key * 32})
    client.post("/book/kickoff/", {"q_size": "many", "key": "c" * 32})
    client.get("/book/kickoff/?q_size=few")

    page = signed_in(alice).get(f"/settings/session-types/{kind.pk}/")

    assert Routing.objects.count() == 2
    assert not Activity.objects.filter(kind="session.routed").exists()
    assert "Where the questions led" in page.text
    assert "<div><dt>few: Webinar</dt><dd>2</dd></div>" in page.text


def test_it_is_handed_out_and_forgotten_with_the_person(client: Client, kind) -> None:
    kim = make_contact(make_host("Cleo"))
    client.post(f"/c/{link_of(kim, 'portal').rstrip('/').rpartition('/')[2]}/book/kickoff/", {"q_size": "few"})

    kept = export_contact(kim)["routings"]
    erase_contact(kim, by=None)

    assert [(row["type"], row["target"], row["answer"]) for row in kept] == [("kickoff", "webinar", "few")]
    assert list(Routing.objects.values_list("contact", "answer")) == [(None, "few")]
    assert Activity.objects.get(kind="session.routed").data["summary"] == ""
