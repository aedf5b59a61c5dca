"""Done, snooze, hand over, cancel, log a call: from the list, from a page, by whom, and with bad input."""

import json
from datetime import timedelta

import pytest
import time_machine

from accounts.domain import followups
from accounts.models import Activity, Contact, FollowUp
from tests.accounts.queue import htmx, ids, post, words
from tests.accounts.spine import NOON, make_account, make_follow_up, told

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def row(chloe):
    return make_follow_up(make_account("Acme", csm=chloe), title="Call Ana")


@pytest.fixture
def browser(signed_in, chloe):
    return signed_in(chloe)


def toast(response):
    return json.loads(response["HX-Trigger"])["toast"]


def state(row):
    return FollowUp.objects.values("status", "outcome", "assignee__name", "snoozed_until").get(pk=row.pk)


OPEN = {"status": "open", "outcome": "", "assignee__name": "Chloe", "snoozed_until": None}
GOOD = {
    "done": {"outcome": "helped", "note": "Spoke with Ana"},
    "snooze": {"until": "2026-03-09T09:00", "reason": "On holiday"},
    "cancel": {"why": "They merged"},
}


# Asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["done", "snooze", "hand-over", "cancel", "call"])
def test_asked_by_htmx_it_is_a_dialog_opened_it_is_a_page(browser, row, verb):
    dialog = browser.get(f"/follow-ups/{row.pk}/{verb}/", headers=htmx("act")).content.decode()
    page = browser.get(f"/follow-ups/{row.pk}/{verb}/").content.decode()

    assert ("<dialog data-open" in dialog, "<html" in dialog) == (True, False)
    assert ("<dialog data-open" in page, "<html" in page) == (False, True)
    assert "Call Ana" in dialog
    assert "Call Ana" in page


def test_a_snooze_offers_times_in_the_readers_zone(browser, chloe, row):
    chloe.time_zone = "Europe/Bucharest"
    chloe.save()
    html = browser.get(f"/follow-ups/{row.pk}/snooze/").content.decode()

    for label, value in (("Tomorrow", "05"), ("Monday", "09"), ("In a week", "11"), ("In two weeks", "18")):
        assert f'data-value="2026-03-{value}T09:00"' in html
        assert label in html


@pytest.mark.parametrize(
    "url", ["/follow-ups/{row.pk}/snooze/", "/follow-ups/new/", "/accounts/{row.account_id}/calls/new/"]
)
def test_where_a_time_is_typed_the_readers_zone_is_named(browser, chloe, row, url):
    chloe.time_zone = "Europe/Bucharest"
    chloe.save()

    assert words(browser.get(url.format(row=row))).count("Times in Europe/Bucharest") == 1


def test_the_form_of_a_promise_says_so(browser, row):
    FollowUp.objects.update(promise=True)

    assert "This is a promise to the customer, due Mar 5, 2026, 12:00" in words(
        browser.get(f"/follow-ups/{row.pk}/snooze/")
    ).replace("\u202f", " ")


# Done, from the list --------------------------------------------------------------------------------


def test_done_answers_with_the_list_and_a_sentence(browser, chloe, row):
    other = make_follow_up(make_account(csm=chloe))
    response = post(browser, f"/follow-ups/{row.pk}/done/", GOOD["done"], page="/")

    assert response.status_code == 200
    assert ids(response) == [other.pk]
    assert response["HX-Retarget"] == "#queue-list"
    assert json.loads(response["HX-Trigger"]) == {
        "closeDialog": True,
        "toast": [{"level": "success", "text": "Done (Helped): Call Ana", "undo": NOON.isoformat()}],
    }
    assert state(row) == OPEN | {"status": "done", "outcome": "helped"}
    assert told(row.account)[-1][1]["note"] == "Spoke with Ana"


def test_the_answer_keeps_to_the_filters_that_are_on(browser, chloe, cyril, row):
    his = make_follow_up(make_account("Beta", csm=cyril))
    make_follow_up(make_account("Gamma", csm=chloe))
    response = post(browser, f"/follow-ups/{row.pk}/done/", GOOD["done"], page="/?who=team&q=beta")

    assert ids(response) == [his.pk]


def test_without_javascript_one_comes_back_to_the_list(browser, row):
    response = browser.post(f"/follow-ups/{row.pk}/done/", GOOD["done"] | {"next": "http://testserver/?band=red"})

    assert response.url == "/?band=red"
    assert "Done (Helped): Call Ana" in words(browser.get(response.url))


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/follow-ups/1/", ""]
)
def test_one_comes_back_only_to_our_own_pages(browser, row, url):
    assert browser.post(f"/follow-ups/{row.pk}/done/", GOOD["done"] | {"next": url}).url == "/"


def test_from_its_own_page_done_leads_to_the_list(browser, row):
    response = post(browser, f"/follow-ups/{row.pk}/done/", GOOD["done"], page=f"/follow-ups/{row.pk}/")

    assert (response.status_code, response["HX-Redirect"]) == (200, "/")


def test_from_an_accounts_page_one_stays_there(browser, row):
    response = post(browser, f"/follow-ups/{row.pk}/done/", GOOD["done"], page="/accounts/7/?tab=health")

    assert response["HX-Redirect"] == "/accounts/7/?tab=health"


# The others -----------------------------------------------------------------------------------------


def test_a_snooze_holds_until_its_date_in_the_readers_zone(browser, chloe, row):
    chloe.time_zone = "Europe/Bucharest"
    chloe.save()
    response = post(browser, f"/follow-ups/{row.pk}/snooze/", GOOD["snooze"], page="/")

    assert ids(response) == []
    row.refresh_from_db()
    assert (row.status, row.snoozed_until.isoformat()) == ("snoozed", "2026-03-09T07:00:00+00:00")
    assert row.snooze_reason == "On holiday"


def test_a_promise_is_broken_only_when_that_is_meant(browser, row):
    FollowUp.objects.update(promise=True)
    url = f"/follow-ups/{row.pk}/snooze/"
    warned = post(browser, url, GOOD["snooze"], page="/")

    assert warned.status_code == 422
    assert "breaks it" in words(warned)
    assert "A snooze does not move it" not in words(warned)
    assert 'name="past_promise"' in warned.content.decode()
    assert 'value="On holiday"' in warned.content.decode()
    assert state(row) == OPEN

    post(browser, url, GOOD["snooze"] | {"past_promise": "on"}, page="/")
    assert state(row)["status"] == "snoozed"


@pytest.mark.parametrize(("due", "asked"), [(NOON - DAY, True), (NOON + 3 * DAY, False)])
def test_a_promise_that_every_snooze_breaks_is_asked_about_at_once(browser, row, due, asked):
    FollowUp.objects.update(promise=True, due_at=due)
    dialog = browser.get(f"/follow-ups/{row.pk}/snooze/", headers=htmx("act")).content.decode()

    assert ('name="past_promise"' in dialog) is asked


def test_taking_a_snoozed_one_back(browser, row):
    FollowUp.objects.update(status="snoozed", snoozed_until=NOON + DAY)
    response = post(browser, f"/follow-ups/{row.pk}/wake/", {}, page="/?state=snoozed")

    assert (ids(response), state(row)) == ([], OPEN)
    assert toast(response) == [{"level": "success", "text": "Back on the list: Call Ana"}]


def test_handing_over(browser, cyril, row):
    response = post(browser, f"/follow-ups/{row.pk}/hand-over/", {"to": cyril.pk, "note": "Your French"}, page="/")

    assert ids(response) == []
    assert toast(response) == [{"level": "success", "text": "Now with Cyril: Call Ana"}]
    assert state(row)["assignee__name"] == "Cyril"
    assert told(row.account)[-1][1]["note"] == "Your French"


def test_handed_over_rows_stay_on_the_teams_list(browser, cyril, row):
    response = post(browser, f"/follow-ups/{row.pk}/hand-over/", {"to": cyril.pk}, page="/?who=team")

    assert ids(response) == [row.pk]
    assert 'title="Cyril"' in response.content.decode()


def test_canceling(browser, row):
    post(browser, f"/follow-ups/{row.pk}/cancel/", GOOD["cancel"], page="/")

    assert state(row)["status"] == "canceled"


def test_a_call_is_logged_and_counts_as_contact(browser, row):
    ana = Contact.objects.create(account=row.account, email="ana@acme.example", name="Ana")
    data = {"contact": ana.pk, "minutes": 20, "summary": "All is well", "two_way": "on"}
    response = post(browser, f"/follow-ups/{row.pk}/call/", data, page="/")

    assert toast(response) == [{"level": "success", "text": "Call with Acme logged."}]
    assert told(row.account) == [
        ("call.logged", {"contact": "Ana", "minutes": 20, "summary": "All is well", "two_way": True})
    ]
    row.refresh_from_db()
    assert row.contacted_at == NOON


# Bad input ------------------------------------------------------------------------------------------

BAD = [
    ("done", {}, "Say what came of it: one of the outcomes."),
    ("done", {"outcome": "great"}, "Choose one of the outcomes."),
    ("done", {"outcome": "helped", "note": "x" * 10_001}, "at most 10000 characters"),
    ("snooze", {"reason": "Later"}, "Say until when."),
    ("snooze", {"until": "2026-03-09T09:00"}, "Say why it can wait."),
    ("snooze", {"until": "2026-03-04T11:59", "reason": "x"}, "Choose a time to come"),
    ("snooze", {"until": "2028-03-04T11:59", "reason": "x"}, "A snooze lasts a year at most."),
    ("snooze", {"until": "soon", "reason": "x"}, "This is not a time."),
    ("snooze", {"until": "0001-01-01T00:00", "reason": "x"}, "Choose a time to come"),
    ("snooze", {"until": "9999-12-31T23:59", "reason": "x"}, "A snooze lasts a year at most."),
    ("snooze", {"until": "2026-02-30T10:00", "reason": "x"}, "This is not a time."),
    ("hand-over", {}, "Choose who takes it over."),
    ("hand-over", {"to": "999999"}, "Choose somebody who works with customers."),
    ("hand-over", {"to": "<b>"}, "Choose somebody who works with customers."),
    ("cancel", {"why": " "}, "Say why it is no longer needed."),
    ("call", {"minutes": "5"}, "Write a line about it."),
    ("call", {"minutes": "-5", "summary": "x"}, "greater than or equal to 0"),
    ("call", {"contact": "999", "summary": "x"}, "Select a valid choice"),
]


@pytest.mark.parametrize(("verb", "data", "sentence"), BAD)
@pytest.mark.parametrize("page", ["/", None])
def test_a_bad_form_comes_back_as_it_was_typed(browser, row, verb, data, sentence, page):
    response = post(browser, f"/follow-ups/{row.pk}/{verb}/", data, page=page)

    assert response.status_code == 422
    assert sentence in words(response).replace("\xa0", " ").replace("10,000", "10000")
    assert state(row) == OPEN
    assert Activity.objects.count() == 0


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("until", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_ends_of_time_are_no_accident(browser, chloe, row, zone, until):
    chloe.time_zone = zone
    chloe.save()

    assert browser.post(f"/follow-ups/{row.pk}/snooze/", {"until": until, "reason": "x"}).status_code == 422


def test_hostile_words_come_back_as_text(browser, row):
    note = '</textarea><script>alert("x")</script>'
    html = post(browser, f"/follow-ups/{row.pk}/done/", {"note": note}, page="/").content.decode()

    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html


def test_a_viewer_cannot_be_handed_a_follow_up(browser, vera, row):
    assert post(browser, f"/follow-ups/{row.pk}/hand-over/", {"to": vera.pk}).status_code == 422


# Somebody was faster --------------------------------------------------------------------------------


def test_too_late_says_who_was_faster_and_shows_the_list_as_it_is(browser, marc, row):
    followups.complete(row, by=marc, outcome="no_answer")
    response = post(browser, f"/follow-ups/{row.pk}/done/", GOOD["done"], page="/")

    assert response.status_code == 409
    assert toast(response) == [{"level": "error", "text": "“Call Ana” was already done by Marc."}]
    assert ids(response) == []
    assert state(row)["outcome"] == "no_answer"


def test_too_late_without_javascript_is_a_page_that_says_so(browser, marc, row):
    followups.complete(row, by=marc, outcome="no_answer")
    response = browser.post(f"/follow-ups/{row.pk}/snooze/", GOOD["snooze"])

    assert response.status_code == 409
    assert "“Call Ana” was already done by Marc." in words(response)


# Who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["done", "snooze", "hand-over", "cancel", "call", "wake", "steps"])
def test_what_one_may_not_touch_is_not_there(signed_in, people, verb):
    his = make_follow_up(make_account(csm=people["cyril"]))
    everybody = {"alice", "marc", "cyril"} | ({"chloe"} if verb == "call" else set())

    found = {
        name
        for name, user in people.items()
        if signed_in(user).post(f"/follow-ups/{his.pk}/{verb}/", {}).status_code != 404
    }
    assert found == everybody


def test_a_stranger_is_asked_to_sign_in(client, row):
    response = client.post(f"/follow-ups/{row.pk}/done/", GOOD["done"])

    assert response.url == f"/login/?next=/follow-ups/{row.pk}/done/"
    assert state(row) == OPEN


@pytest.mark.parametrize("url", ["/follow-ups/999999/done/", "/follow-ups/99999999999999999999999/done/"])
def test_what_does_not_exist_is_a_404(browser, url):
    assert browser.post(url, GOOD["done"]).status_code == 404


def test_reading_changes_nothing(browser, row):
    for verb in ("wake", "steps"):
        assert browser.get(f"/follow-ups/{row.pk}/{verb}/").status_code == 405
    assert state(row) == OPEN
