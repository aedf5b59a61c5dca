"""The queue's page: groups and order, who sees what, more rows, news."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.domain import followups
from accounts.domain.order import yearly_loss
from accounts.models import FollowUp, SavedView
from tests.accounts.queue import htmx, ids, many, mark, shown, words
from tests.accounts.spine import NOON, make_account, make_follow_up

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def page(signed_in, chloe):
    """page("band=red") as Chloe opens it."""
    client = signed_in(chloe)
    return lambda query="", **how: client.get(f"/?{query}", **how)


def due(account, ahead, **fields):
    return make_follow_up(account, due_at=NOON + ahead, **fields).pk


def test_rows_stand_under_overdue_today_the_next_days_and_later(page, chloe):
    acme = make_account(csm=chloe)
    late, soon = due(acme, -HOUR), due(acme, HOUR)
    week, later = due(acme, DAY), due(acme, 8 * DAY)

    assert shown(page()) == {"overdue": [late], "today": [soon], "week": [week], "later": [later]}


def test_groups_end_where_the_readers_day_ends(page, chloe):
    acme = make_account(csm=chloe)
    row = due(acme, timedelta(hours=11))  # 23:00 in London, tomorrow in Bucharest

    assert shown(page()) == {"today": [row]}
    chloe.time_zone = "Europe/Bucharest"
    chloe.save()
    assert shown(page()) == {"week": [row]}


def test_broken_promises_come_first_then_what_is_at_stake(page, chloe):
    rich = make_account("Rich", csm=chloe, mrr=5000, band="red")
    poor = make_account("Poor", csm=chloe, mrr=100, band="green")
    late_rich, late_poor = due(rich, -HOUR), due(poor, -2 * HOUR)
    broken = due(poor, -HOUR, promise=True)

    assert shown(page()) == {"promised": [broken], "overdue": [late_rich, late_poor]}


def test_a_row_says_why_it_is_here_and_why_at_this_place(page, chloe):
    acme = make_account("Acme", csm=chloe, mrr=1500, band="red")
    make_follow_up(acme, title="Call Ana", reason="Score 62 → 38", due_at=NOON + HOUR, occurrences=3, priority=1)

    assert (
        "Urgent: Call Ana ×3 Score 62 → 38 Acme Red $1,500 MRR today 1:00 PM "
        "$18,000 a year × 40% (Red) × due today C Chloe"
    ) in words(page())


def test_hostile_text_is_only_text(page, chloe):
    acme = make_account("<script>alert(1)</script>", csm=chloe)
    make_follow_up(acme, title='"><img src=x onerror=alert(1)> %(band)s {{ 7 }}', reason="</p><b>\x02title\x03 100 %")
    html = page().content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "</p><b>" not in html
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt; %(band)s {{ 7 }}" in html


def test_groups_say_how_many_they_have(page, chloe):
    many(3, chloe, due_at=NOON - HOUR)
    many(1, chloe, due_at=NOON + HOUR)

    assert '<h2>Overdue<span class="count">3</span></h2>' in page().content.decode()
    assert '<h2>Today<span class="count">1</span></h2>' in page().content.decode()


def test_htmx_gets_the_list_alone_and_the_canonical_address(page, chloe):
    row = due(make_account(csm=chloe), HOUR)
    response = page("who=mine&q=&band=&kind=", headers=htmx())

    assert shown(response) == {"today": [row]}
    assert "<html" not in response.content.decode()
    assert response["HX-Push-Url"] == "/"
    assert page("who=team&q=+a++b&band=red&band=green", headers=htmx())["HX-Push-Url"] == (
        "/?who=team&band=red&band=green&q=a+b"
    )


def test_a_csm_begins_with_her_own_the_others_with_everybodys(signed_in, people):
    mine = due(make_account(csm=people["chloe"]), HOUR)
    his = due(make_account(csm=people["cyril"]), HOUR)

    seen = {name: ids(signed_in(person).get("/")) for name, person in people.items()}
    assert seen == {
        "chloe": [mine],
        "cyril": [his],
        "alice": [mine, his],
        "marc": [mine, his],
        "vera": [mine, his],
    }


def test_only_rows_one_may_work_on_can_be_chosen(signed_in, people):
    mine = due(make_account(csm=people["chloe"]), HOUR)
    lent = due(make_account(csm=people["cyril"]), HOUR, assignee=people["chloe"])
    his = due(make_account(csm=people["cyril"]), HOUR)

    def choosable(name):
        html = signed_in(people[name]).get("/?who=team").content.decode()
        return [pk for pk in (mine, lent, his) if f'name="id" value="{pk}"' in html]

    assert {name: choosable(name) for name in people} == {
        "alice": [mine, lent, his],
        "marc": [mine, lent, his],
        "chloe": [mine, lent],
        "cyril": [lent, his],
        "vera": [],
    }


def test_what_is_closed_cannot_be_chosen(page, chloe):
    make_follow_up(make_account(csm=chloe), status="done", closed_at=NOON - DAY, outcome="helped")

    assert 'name="id"' not in page("state=done").content.decode()
    assert "1 day ago Helped" in words(page("state=done"))


def test_a_viewer_finds_no_buttons(signed_in, vera, chloe):
    due(make_account(csm=chloe), HOUR)
    html = signed_in(vera).get("/").content.decode()

    assert [sign for sign in ("follow-ups/new", "data-act", 'id="bulk"', "data-select-all") if sign in html] == []


def test_more_rows_follow_without_a_second_heading(page, chloe):
    first = many(60, chloe, due_at=NOON - HOUR)
    last = many(1, chloe, due_at=NOON + HOUR)
    begun = page()
    url = begun.context["more_url"]
    more = page(url.partition("?")[2], headers=htmx("queue-more"))

    assert len(ids(begun)) == 50
    assert set(ids(begun)) | set(shown(more)["continued"]) == {row.pk for row in first}
    assert shown(more)["today"] == [last[0].pk]
    assert "queue-more" not in more.content.decode()


def test_more_rows_without_javascript_are_a_page(page, chloe):
    many(51, chloe, due_at=NOON - HOUR)
    response = page(page().context["more_url"].partition("?")[2])

    assert "<html" in response.content.decode()
    assert len(shown(response)["overdue"]) == 1


@pytest.mark.parametrize("query", ["", "who=team", "who=team&band=red&kind=manual&priority=3"])
def test_nothing_new_is_no_content(page, signed_in, chloe, query):
    many(3, chloe)
    seen = mark(page(query))
    response = signed_in(chloe).get(f"/queue/news/?{query}&mark={seen}&n=3", headers=htmx())

    assert (response.status_code, response.content) == (204, b"")


def change_nothing_of_hers(row, chloe, cyril):
    make_follow_up(make_account(csm=cyril))


def a_new_one(row, chloe, cyril):
    make_follow_up(make_account(csm=chloe))


def closed_by_somebody(row, chloe, cyril):
    followups.complete(row, by=cyril, outcome="helped")


def handed_over(row, chloe, cyril):
    followups.reassign(row, to=cyril, by=chloe)


def late_by_now(row, chloe, cyril):
    FollowUp.objects.filter(pk=row.pk).update(due_at=NOON - HOUR)


def woken(row, chloe, cyril):
    FollowUp.objects.filter(status="snoozed").update(status="open", snoozed_until=None)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (change_nothing_of_hers, 204),
        (a_new_one, 200),
        (closed_by_somebody, 200),
        (handed_over, 200),
        (late_by_now, 200),
        (woken, 200),
    ],
)
def test_news_are_what_changes_the_list(page, signed_in, chloe, cyril, change, status):
    row = make_follow_up(make_account(csm=chloe))
    make_follow_up(make_account(csm=chloe), status="snoozed", snoozed_until=NOON + DAY)
    seen = mark(page())
    change(row, chloe, cyril)
    response = signed_in(chloe).get(f"/queue/news/?mark={seen}", headers=htmx())

    assert response.status_code == status
    if status == 200:
        assert mark(response) != seen
        assert shown(response) == shown(page())


def test_news_bring_as_many_rows_as_are_shown(page, signed_in, chloe):
    many(70, chloe)
    client = signed_in(chloe)

    def lengths(n):
        return len(ids(client.get(f"/queue/news/?n={n}", headers=htmx())))

    assert [lengths(n) for n in ("60", "3", "x", "", "-1", "999999999")] == [60, 50, 50, 50, 50, 50]


# Cost -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_page_do_not_grow(signed_in, chloe, cyril, rows, django_assert_num_queries):
    many(rows, chloe, assignee=chloe)
    SavedView.objects.create(user=cyril, page="queue", name="Shared", query="who=team", shared=True)
    client = signed_in(chloe)

    with django_assert_num_queries(4):  # the reader, rows, counts, what the filters offer
        whole = client.get("/")
    with django_assert_num_queries(3):
        client.get("/?band=unknown", headers=htmx())
    with django_assert_num_queries(2):
        client.get(f"/queue/news/?mark={mark(whole)}", headers=htmx())
    assert len(ids(whole)) == rows


def test_fifty_rows_weigh_less_than_100_kb(page, chloe):
    for n in range(50):
        acme = make_account(f"A rather long company name, number {n}", csm=chloe, mrr=12345, band="yellow")
        make_follow_up(acme, title="x" * 80, reason="y" * 120, occurrences=2, priority=1)

    assert len(page().content) < 100_000


# The team -------------------------------------------------------------------------------------------


def test_the_manager_sees_who_carries_how_much(signed_in, marc, chloe, cyril):
    acme = make_account(csm=chloe)
    due(acme, HOUR)
    due(acme, -HOUR)
    due(acme, -HOUR, promise=True)
    due(make_account(csm=cyril), HOUR)
    due(make_account(), -HOUR)
    response = signed_in(marc).get("/queue/team/")

    assert [(load.name, load.open, load.overdue, load.broken) for load in response.context["loads"]] == [
        ("Chloe", 3, 2, 1),
        ("Cyril", 1, 0, 0),
        ("Marc", 0, 0, 0),
        ("", 1, 1, 0),
    ]
    assert "Chloe 3 open 2 overdue 1 promise broken" in words(response)
    assert f"/?who={chloe.pk}" in response.content.decode()


def test_the_managers_page_asks_for_the_teams_load(signed_in, marc, chloe):
    assert 'hx-get="/queue/team/"' in signed_in(marc).get("/").content.decode()
    assert 'hx-get="/queue/team/"' not in signed_in(chloe).get("/").content.decode()


def test_the_stake_shown_is_the_one_sorted_by(chloe):
    acme = make_account(csm=chloe, mrr=1000, band="red")
    assert make_follow_up(acme).expected_loss == yearly_loss(1000, "red")


def test_the_queue_wants_a_sign_in(client):
    assert client.get("/").url == f"{reverse('account_login')}?next=/"
    assert client.get("/queue/news/", headers=htmx()).status_code == 401
