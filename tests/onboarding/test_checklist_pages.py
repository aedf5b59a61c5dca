"""The customer's checklist, as a browser without JavaScript asks for it; and the same on the account page."""

import re

import pytest
from django.test import Client

from accounts.domain.links import address_of
from accounts.models import Account, Contact, Mail
from onboarding.domain.checklists import cancel, tick
from onboarding.models import Checklist, Invitation
from tests.onboarding.checklists import NOW, begun, kim, make_account, make_version, states, step, titled
from tests.onboarding.factories import make_type

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def acme(chloe) -> Account:
    return make_account(csm=chloe)


@pytest.fixture
def way(acme: Account) -> Checklist:
    return begun(acme)


def path_of(contact: Contact) -> str:
    return "/c/" + address_of(contact, "portal").split("/c/")[1] + "checklist/"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1].split("</main", maxsplit=1)[0]).split())


def test_the_next_step_of_theirs_stands_first(way, acme):
    path, browser = path_of(kim(acme)), Client()
    answer = browser.get(path)
    text = text_of(answer.content.decode())
    assert answer.status_code == 200
    assert "Getting Acme started" in text
    assert text.index("Your next step · by Monday, June 8, 2026 Invite") < text.index("After that Kick-off")
    assert "How to invite ." in text  # Markdown, made harmless
    assert "Import After: Kick-off" in text
    assert "no-store" in answer["Cache-Control"]
    assert Checklist.objects.get().last_progress_at == NOW


def test_in_their_language(way, acme):
    text = text_of(Client().get(path_of(kim(acme, language="fr"))).content.decode())
    assert "Invite (fr)" in text


def test_they_tick_their_own_and_take_it_back(way, acme):
    path, browser = path_of(kim(acme)), Client()
    pk = step(way, "invite").pk
    answer = browser.post(f"{path}{pk}/done/")
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert states(way)["invite"] == "done"
    page = browser.get(path).content.decode()
    assert "Done. What comes next stands at the top." in page
    assert "Kim Doe, June 1, 2026" in text_of(page)
    browser.post(f"{path}{pk}/open/")
    assert states(way)["invite"] == "open"


def test_what_cannot_be_ticked_says_why_on_the_page(way, acme):
    path, browser = path_of(kim(acme)), Client()
    ours = browser.post(f"{path}{step(way, 'kickoff').pk}/done/")
    blocked = browser.post(f"{path}{step(way, 'import').pk}/done/")
    other = begun(make_account(external_id="b"))
    strange = browser.post(f"{path}{step(other, 'invite').pk}/done/")
    assert [a.status_code for a in (ours, blocked, strange)] == [403, 409, 404]
    assert "This step is ours to do." in ours.content.decode()
    assert "This step waits for another one." in blocked.content.decode()
    assert browser.get(f"{path}{step(way, 'invite').pk}/done/").status_code == 405
    assert states(way)["invite"] == "open"


def test_a_step_with_a_session_leads_to_booking_it_and_a_video_to_its_site(acme):
    steps = [
        {"key": "kickoff", "texts": titled("Kick-off"), "session_type": make_type(), "owner": "csm",
         "video_url": "https://www.videos.example/watch?v=1&x=<b>"},
    ]  # fmt: skip
    begun(acme, make_version(steps, key="sessions"))
    path = path_of(kim(acme))
    page = Client().get(path).content.decode()
    assert path.removesuffix("checklist/") + "book/kickoff/" in page
    assert "Opens videos.example in a new tab" in text_of(page)
    assert "<b>" not in page


def test_before_after_and_without_a_checklist(acme):
    path, browser = path_of(kim(acme)), Client()
    home = path.removesuffix("checklist/")
    assert "Nothing to tick here" in browser.get(path).content.decode()
    assert "part-checklist" not in browser.get(home).content.decode()
    way = begun(acme)
    page = text_of(browser.get(home).content.decode())
    assert "Getting started 0 of 3 steps" in page
    assert "Next: Invite" in page
    for key in ("kickoff", "import", "report"):
        tick(step(way, key), by=None)
    assert "You are all set" in browser.get(path).content.decode()
    assert "Everything is done. Well done!" in browser.get(home).content.decode()


def test_a_canceled_one_is_not_shown(way, acme):
    path = path_of(kim(acme))
    cancel(way, "Later", by=None)
    assert "Nothing to tick here" in Client().get(path).content.decode()


def test_the_page_has_as_many_queries_for_many_steps(acme, django_assert_num_queries):
    few = begun(acme, make_version([{"key": "a", "texts": titled("A")}], key="few"))
    many = make_version(
        [{"key": f"a{n}", "texts": titled(f"A{n}"), "after": ["a0"] if n else []} for n in range(25)], key="many"
    )
    other = make_account(external_id="b", csm=acme.csm)
    begun(other, many)
    browser, paths = Client(), [path_of(kim(acme)), path_of(kim(other))]
    for path in paths:
        browser.get(path)
    with django_assert_num_queries(6) as counted:
        browser.get(paths[0])
    with django_assert_num_queries(len(counted.captured_queries)):
        browser.get(paths[1])
    assert few.steps.count() == 1


# Colleagues -------------------------------------------------------------------------------------------


def test_colleagues_are_invited_with_links_of_their_own_and_come(way, acme):
    path, browser = path_of(kim(acme)), Client()
    answer = browser.post(f"{path}invite/", {"emails": '"Doe, Lea" <Lea@acme.example>, max@acme.example'})
    assert answer.status_code == 302
    assert "lea@acme.example, max@acme.example get a mail each" in text_of(browser.get(path).content.decode())
    mail = Mail.objects.get(to="lea@acme.example")
    assert mail.subject == "Kim Doe invites you to get Acme started"
    theirs = re.search(r"/c/\S+/checklist/", mail.text).group()  # type: ignore[union-attr]
    assert theirs != path
    colleague = Client()
    assert "Kim Doe has invited you to take part." in text_of(colleague.get(theirs).content.decode())
    assert Invitation.objects.exclude(accepted_at=None).count() == 0  # a mail program that looks has not come
    colleague.post(f"{theirs}join/")
    colleague.post(f"{theirs}join/")
    assert Invitation.objects.get(contact__email="lea@acme.example").accepted_at == NOW
    assert [a.data["contact"] for a in acme.activities.filter(kind="colleague.joined")] == ["lea@acme.example"]
    assert acme.activities.filter(kind="colleague.invited").count() == 2


def test_invited_twice_is_once_and_friendly(way, acme):
    path, browser = path_of(kim(acme)), Client()
    browser.post(f"{path}invite/", {"emails": "lea@acme.example"})
    browser.post(f"{path}invite/", {"emails": "LEA@acme.example kim@acme.example"})
    assert "lea@acme.example has been invited already." in text_of(browser.get(path).content.decode())
    assert (Mail.objects.filter(kind="colleague.invited").count(), Invitation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "said", "status"),
    [
        ("", "Give the e-mail address of a colleague.", 422),
        ("lea@", "“lea@” is no e-mail address.", 422),
        ("kim@acme.example", "This is your own address", 422),
        ("gone@acme.example", "no longer with you", 422),
        (" ".join(f"p{n}@acme.example" for n in range(11)), "At most 10 colleagues at once.", 422),
        ("lea@acme.example Max <max@acme.example>", "is no e-mail address.", 422),
        ("<script>alert(1)</script>", "is no e-mail address.", 422),
        ("<script>@acme.example", "is no e-mail address.", 422),
        ("root@localhost", "is no e-mail address.", 422),
        ("lea@[10.0.0.7]", "is no e-mail address.", 422),
    ],
)
def test_addresses_that_cannot_be_are_refused_and_stay_in_the_field(way, acme, typed, said, status):
    kim(acme, email="gone@acme.example", champion=False, left_on=NOW.date())
    answer = Client().post(path_of(kim(acme)) + "invite/", {"emails": typed})
    page = answer.content.decode()
    assert (answer.status_code, said in page, "<script>alert" in page) == (status, True, False)
    assert Invitation.objects.count() == 0


def test_nobody_writes_to_the_world_by_our_hand(way, acme):
    inviter = kim(acme)
    people = [kim(acme, email=f"p{n}@acme.example", champion=False) for n in range(20)]
    Invitation.objects.bulk_create(Invitation(inviter=inviter, contact=one, account=acme) for one in people)
    answer = Client().post(f"{path_of(inviter)}invite/", {"emails": "p20@acme.example"})
    assert (answer.status_code, Invitation.objects.count()) == (429, 20)


# The team ---------------------------------------------------------------------------------------------


@pytest.fixture
def team(client, chloe) -> Client:
    client.force_login(chloe)
    return client


def test_the_panel_says_where_it_stands_and_the_csm_moves_it(way, acme, team):
    url = f"/accounts/{acme.pk}/checklist/"
    text = text_of(team.get(url).content.decode())
    assert "Start On track" in text
    assert "0 of 3" in text
    assert "after Kick-off · ticks itself by file imported" in text
    answer = team.post(
        f"{url}{step(way, 'kickoff').pk}/", {"do": "tick", "note": "All there"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "account-changed")
    assert states(way)["kickoff"] == "done"
    answer = team.post(f"{url}{step(way, 'invite').pk}/", {"do": "na"})  # without JavaScript
    assert answer["Location"] == f"/accounts/{acme.pk}/tab/onboarding/"
    team.post(f"{url}{step(way, 'kickoff').pk}/", {"do": "reopen"})
    assert states(way) == {"kickoff": "open", "import": "open", "invite": "na", "report": "blocked"}


def test_what_cannot_be_done_says_why_in_the_panel(way, acme, team):
    url = f"/accounts/{acme.pk}/checklist/{step(way, 'report').pk}/"
    blocked = team.post(url, {"do": "tick"}, headers={"HX-Request": "true"})
    assert (blocked.status_code, blocked["HX-Reswap"]) == (409, "outerHTML")
    assert "This step waits for another one." in blocked.content.decode()
    strange = team.post(url, {"do": "explode"})
    assert (strange.status_code, "Choose one of the buttons." in strange.content.decode()) == (422, True)
    long = team.post(url, {"do": "skip", "note": "x" * 401})
    assert long.status_code == 422


def test_started_and_canceled_by_hand(acme, team):
    version = make_version()
    url = f"/accounts/{acme.pk}/checklist/"
    assert "No onboarding yet" in team.get(url).content.decode()
    assert "Start an onboarding" in team.get(f"{url}start/").content.decode()
    refused = team.post(f"{url}start/", {"version": "nothing", "anchor": "soon"})
    assert refused.status_code == 422
    for never in ("0001-01-01", "9999-12-31"):
        refused = team.post(f"{url}start/", {"version": version.pk, "anchor": never})
        assert (refused.status_code, "This day is out of reach." in refused.content.decode()) == (422, True)
    team.post(f"{url}start/", {"version": version.pk, "anchor": "2026-06-15"})
    way = Checklist.objects.get()
    assert (str(way.anchor), way.version) == ("2026-06-15", version)
    again = team.post(f"{url}start/", {"version": version.pk})
    assert "running already" in again.content.decode()
    assert team.post(f"{url}cancel/", {"reason": ""}).status_code == 422
    team.post(f"{url}cancel/", {"reason": "They start next year"})
    way.refresh_from_db()
    assert way.status == "canceled"
    assert "Start another" in team.get(url).content.decode()


def test_others_look_and_change_nothing(way, acme, client, cyril):
    client.force_login(cyril)
    url = f"/accounts/{acme.pk}/checklist/"
    page = client.get(url).content.decode()
    assert ("Kick-off" in page, "Leave out" in page) == (True, False)
    assert client.post(f"{url}{step(way, 'kickoff').pk}/", {"do": "tick"}).status_code == 404
