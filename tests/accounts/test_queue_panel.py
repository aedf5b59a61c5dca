"""One follow-up: what its panel tells, its steps, and a follow-up written by hand."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.domain import followups
from accounts.models import Account, Activity, FollowUp, Occurrence, Segment
from tests.accounts.queue import htmx, ids, many, post, words
from tests.accounts.spine import NOON, contract, make_account, make_follow_up, make_playbook, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def acme(chloe):
    return make_account(
        "Acme",
        csm=chloe,
        mrr=1500,
        band="red",
        score=Decimal("28.4"),
        trend=Decimal("-12.5"),
        segment=Segment.objects.create(key="mid", name="Mid-market"),
    )


@pytest.fixture
def row(acme):
    first, again = contract(acme), contract(acme, dropped="5 seats")
    row = make_follow_up(
        acme,
        title="Call Ana",
        reason="MRR 500 → 300",
        activity=first,
        occurrences=2,
        promise=True,
        playbook=make_playbook(),
        kind="shrink",
        instructions="Listen first.",
        steps=[{"text": "Read", "done": True}, {"text": "Call", "done": False}],
        texts=[{"name": "Sorry", "subject": "About your seats", "body": "Dear Ana,\nwe saw it."}],
    )
    Occurrence.objects.create(follow_up=row, activity=again)
    return row


@pytest.fixture
def browser(signed_in, chloe):
    return signed_in(chloe)


def test_a_panel_for_htmx_a_page_when_opened(browser, row):
    panel = browser.get(f"/follow-ups/{row.pk}/", headers=htmx("detail")).content.decode()
    page = browser.get(f"/follow-ups/{row.pk}/").content.decode()

    assert ("<html" in panel, 'id="detail-title"' in panel) == (False, True)
    assert ("<html" in page, 'id="detail-title"' in page) == (True, False)


def test_the_panel_tells_all_one_needs(browser, row, chloe):
    followups.reassign(row, to=chloe.manager, by=chloe, note="")
    text = words(browser.get(f"/follow-ups/{row.pk}/", headers=htmx("detail"))).replace("\u202f", " ")

    for part in (
        "Call Ana",
        "Promise",
        "Contraction: MRR $500 → $300, dropped: 20 seats",
        "2 times",
        "dropped: 5 seats",
        "$18,000 a year × 40% chance of loss (Red)",
        "Acme Red Score 28",
        "MRR $1,500",
        "Mid-market",
        "Listen first.",
        "1 of 2",
        "About your seats",
        "Dear Ana,",
        "Chloe → Marc",
    ):
        assert part in text, part


def test_many_facts_do_not_stand_before_what_is_to_be_done(browser, row, acme):
    many = browser.get(f"/follow-ups/{row.pk}/").content.decode()
    assert many.index("<summary>Details</summary>") < many.index("<dt>") < many.index("Listen first.")

    told = Activity.objects.create(account=acme, kind="note.written", data={"text": "They grow."})
    FollowUp.objects.filter(pk=row.pk).update(activity=told)
    assert "<summary>Details</summary>" not in browser.get(f"/follow-ups/{row.pk}/").content.decode()


def test_the_trend_is_whole_points_as_on_the_account_page(browser, row, acme):
    Account.objects.filter(pk=acme.pk).update(score=35, trend=Decimal("-16.25"))
    for page in (f"/follow-ups/{row.pk}/", f"/accounts/{acme.pk}/"):
        assert "-16.25" not in (text := words(browser.get(page)).replace("−", "-"))
        assert re.search(r"(?<!\d)16(?![.,\d])", text)


def test_whom_to_call_stands_there_with_the_number(browser, row, acme):
    assert "tel:" not in browser.get(f"/follow-ups/{row.pk}/").content.decode()
    acme.contacts.create(name="Ben <Ode>", email="ben+x@acme.example", champion=True)
    html = browser.get(f"/follow-ups/{row.pk}/").content.decode()
    assert "Ben &lt;Ode&gt;" in html
    assert 'href="mailto:ben%2Bx@acme.example"' in html

    acme.contacts.create(name="Ana", email="ana@acme.example", phone='+40 21 "555"')
    told = Activity.objects.create(account=acme, kind="call.logged", data={"contact": "Ana"})
    FollowUp.objects.filter(pk=row.pk).update(activity=told)  # it is about her
    html = browser.get(f"/follow-ups/{row.pk}/").content.decode()
    assert 'href="tel:+4021%22555%22"' in html
    assert "Ben" not in html


def test_a_panel_costs_the_same_however_much_happened(browser, row, acme, django_assert_num_queries):
    # The reader, the row with its account and its activity, whom to call, history, occurrences.
    with django_assert_num_queries(5):
        browser.get(f"/follow-ups/{row.pk}/", headers=htmx("detail"))
    for _ in range(30):
        Occurrence.objects.create(follow_up=row, activity=contract(acme))
    with django_assert_num_queries(5):
        browser.get(f"/follow-ups/{row.pk}/", headers=htmx("detail"))


def test_a_closed_one_has_no_buttons_and_tells_what_came_of_it(browser, row, chloe):
    followups.complete(row, by=chloe, outcome="too_early", note="Ask in May")
    html = browser.get(f"/follow-ups/{row.pk}/").content.decode()

    assert ("Too early" in html, "Ask in May" in html) == (True, True)
    assert f"/follow-ups/{row.pk}/done/" not in html


def test_who_reads_only_finds_no_buttons(signed_in, vera, cyril, row):
    for user, signs in ((vera, []), (cyril, ["call"])):
        html = signed_in(user).get(f"/follow-ups/{row.pk}/").content.decode()
        assert [
            verb for verb in ("done", "snooze", "hand-over", "cancel", "call") if f"{row.pk}/{verb}/" in html
        ] == signs


def test_hostile_text_in_all_places(browser, row):
    evil = '"><script>alert(1)</script>'
    FollowUp.objects.update(
        title=evil,
        reason=evil,
        instructions=evil,
        steps=[{"text": evil, "done": False}],
        texts=[{"name": evil, "subject": evil, "body": evil}],
    )
    Account.objects.update(name=evil)

    assert "<script>alert" not in browser.get(f"/follow-ups/{row.pk}/").content.decode()


@pytest.mark.parametrize("odd", [[{}], [{"body": "x"}], [{"name": None}]])
def test_texts_and_steps_of_another_shape_break_nothing(browser, row, odd):
    FollowUp.objects.update(texts=odd, steps=[{"text": "Only text"}])

    assert browser.get(f"/follow-ups/{row.pk}/").status_code == 200


def test_no_such_follow_up(browser):
    assert browser.get("/follow-ups/999/").status_code == 404


# Steps ----------------------------------------------------------------------------------------------


def done(row):
    row.refresh_from_db()
    return [bool(step["done"]) for step in row.steps]


@pytest.mark.parametrize(
    ("ticked", "expected"),
    [
        (["1"], [False, True]),
        (["0", "1"], [True, True]),
        ([], [False, False]),
        (["0", "7", "x", "-1", "²"], [True, False]),
    ],
)
def test_steps_are_kept_as_one_ticks(browser, row, ticked, expected):
    response = browser.post(f"/follow-ups/{row.pk}/steps/", {"step": ticked}, headers=htmx("steps"))

    assert done(row) == expected
    assert f"{sum(expected)} of 2" in words(response)
    assert "<html" not in response.content.decode()


def test_steps_without_javascript(browser, row):
    assert browser.post(f"/follow-ups/{row.pk}/steps/", {"step": "1"}).url == f"/follow-ups/{row.pk}/"
    assert done(row) == [False, True]


def test_steps_of_a_closed_one_stay(browser, row, chloe):
    followups.complete(row, by=chloe, outcome="helped")

    assert browser.post(f"/follow-ups/{row.pk}/steps/", {"step": "1"}).status_code == 409
    assert done(row) == [True, False]


# By hand --------------------------------------------------------------------------------------------

NEW = {"title": "Ask about the renewal", "due_at": "2026-03-06T10:00", "priority": "2", "note": "Budget is fixed"}


def test_a_follow_up_by_hand(browser, chloe, acme):
    response = post(browser, "/follow-ups/new/", NEW | {"account": acme.pk, "assignee": chloe.pk}, page="/")
    row = FollowUp.objects.get()

    assert ids(response) == [row.pk]
    assert (row.title, row.account, row.assignee, row.priority, row.instructions, row.kind) == (
        "Ask about the renewal", acme, chloe, 2, "Budget is fixed", "manual",
    )  # fmt: skip
    assert row.due_at == NOON + timedelta(days=1, hours=22)
    assert [kind for kind, _facts in told(acme)] == ["followup.opened"]


def test_by_hand_without_javascript_the_account_is_found_by_its_name(browser, acme):
    response = browser.post("/follow-ups/new/", NEW | {"q": "acme"})

    assert response.url == f"/follow-ups/{FollowUp.objects.get(account=acme).pk}/"


def test_several_accounts_of_that_name_are_offered(browser, acme):
    make_account("Acme North")
    make_account("Acme South")
    response = browser.post("/follow-ups/new/", NEW | {"q": "acme ", "title": ""})
    looked = browser.post("/follow-ups/new/", NEW | {"q": "acme n", "find": "1"})

    assert response.status_code == 422
    assert looked.status_code == 200
    assert "Acme North" in looked.content.decode()
    assert 'value="Ask about the renewal"' in looked.content.decode()


def test_looking_for_the_account_while_typing(browser, acme):
    make_account("Beta")
    response = browser.get("/follow-ups/new/accounts/?q=ac", headers=htmx("account-hits"))

    assert words(response) == "Acme " + acme.external_id
    assert "No account is called so." in words(browser.get("/follow-ups/new/accounts/?q=zzz"))


def test_the_account_can_be_given(browser, acme):
    assert (
        f'name="account" value="{acme.pk}" checked'
        in browser.get(f"/follow-ups/new/?account={acme.pk}").content.decode()
    )
    assert browser.get("/follow-ups/new/?account=x").status_code == 200
    assert browser.get("/follow-ups/new/?account=99999999999999999999").status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"account": ""}, "Choose the account."),
        ({"account": "999999"}, "There is no such account, or it has churned."),
        ({"account": "x"}, "There is no such account, or it has churned."),
        ({"title": " "}, "Say what is to be done."),
        ({"title": "x" * 241}, "at most 240 characters"),
        ({"due_at": ""}, "Say by when."),
        ({"due_at": "2026-03-04T11:00"}, "Choose a time to come."),
        ({"due_at": "yesterday"}, "This is not a time."),
        ({"assignee": "999999"}, "Choose somebody who works with customers."),
        ({"priority": "9"}, "Select a valid choice"),
    ],
)
def test_a_bad_new_one_comes_back(browser, acme, change, sentence):
    response = post(browser, "/follow-ups/new/", NEW | {"account": acme.pk} | change, page="/")

    assert response.status_code == 422
    assert sentence in words(response)
    assert "Budget is fixed" in response.content.decode()
    assert FollowUp.objects.count() == 0


def test_a_viewer_writes_none(signed_in, vera, acme):
    client = signed_in(vera)

    assert client.get("/follow-ups/new/").status_code == 404
    assert client.post("/follow-ups/new/", NEW | {"account": acme.pk}).status_code == 404
    assert client.get("/follow-ups/new/accounts/?q=ac").status_code == 404


def test_the_list_and_the_panel_give_one_reason(browser, chloe):
    row = many(1, chloe, reason="Because of this")[0]

    assert "Because of this" in words(browser.get("/"))
    assert "Because of this" in words(browser.get(f"/follow-ups/{row.pk}/"))
