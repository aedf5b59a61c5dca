import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.domain import listing
from accounts.domain.keyset import BadPositionError, Position, read_position
from accounts.models import Account, Activity
from tests.accounts.customers import HOSTILE, account, listed, names, pages, segment
from tests.accounts.spine import make_follow_up

pytestmark = pytest.mark.django_db


def test_rows_show_what_is_known_of_an_account(signed_in, vera, chloe) -> None:
    account(
        "Acme",
        domain="acme.example",
        segment=segment("Mid-market"),
        csm=chloe,
        score=Decimal("78.5"),
        band="green",
        trend=Decimal("-3.2"),
        mrr=Decimal("1234.56"),
        decision_date=date(2031, 5, 4),
        last_contact_at=timezone.now() - timedelta(hours=3),
    )
    make_follow_up(Account.objects.get())

    html = signed_in(vera).get("/accounts/").content.decode()

    row = html[html.index("<tr data-row") :]
    shown = ["Acme", "acme.example", "Mid-market", "Active", "Chloe", "Green", ">79<", "−3", "$1,235", "May 4, 2031"]
    assert [text for text in [*shown, ">1</td>", "3 hours ago"] if text not in row] == []


def test_an_account_without_anything_is_a_row_too(signed_in, vera) -> None:
    account("Bare")
    assert listed(signed_in(vera)) == ["Bare"]


def test_a_churned_account_shows_no_band(signed_in, vera) -> None:
    account("Gone", stage="churned", band="red")
    row = signed_in(vera).get("/accounts/").content.decode().partition("<tr data-row")[2]
    assert '<td data-label="Band">–</td>' in row


def test_without_accounts_it_says_how_they_come(signed_in, alice, vera) -> None:
    for user, may_add in ((alice, True), (vera, False)):
        html = signed_in(user).get("/accounts/").content.decode()
        assert "No accounts yet" in html
        assert ("/accounts/new/" in html) == may_add


def test_hostile_text_comes_back_as_text(signed_in, alice) -> None:
    for text in HOSTILE:
        account(text, domain=text.replace(" ", "")[:250])
    html = signed_in(alice).get("/accounts/").content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "14" not in "".join(names(html))
    assert len(names(html)) == len(HOSTILE)


# Filters ------------------------------------------------------------------------------------------


@pytest.fixture
def book(chloe, cyril) -> None:
    mid, small = segment("Mid"), segment("Small")
    day = date(2031, 1, 1)
    account("Alpha", segment=mid, csm=chloe, band="red", score=20, mrr=100, decision_date=day, domain="alpha.example")
    account("Beta", segment=small, csm=cyril, band="green", score=90, mrr=900, decision_date=day + timedelta(30))
    account("Gamma", segment=mid, band="yellow", score=60, mrr=500, external_id="ext-77", touch_model="mid")
    account("Delta", csm=chloe, band="red", stage="churned", mrr=0)
    account("Omega", csm=chloe, stage="trial", mrr=0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Alpha", "Beta", "Delta", "Gamma", "Omega"]),
        ("q=ALPH", ["Alpha"]),
        ("q=pha.example", ["Alpha"]),
        ("q=xt-77", ["Gamma"]),
        ("q=%25", []),
        ("q=_", []),
        ("csm=me", ["Alpha", "Delta", "Omega"]),
        ("csm=none", ["Gamma"]),
        ("band=red", ["Alpha"]),
        ("band=red&band=green", ["Alpha", "Beta"]),
        ("segment=none", ["Delta", "Omega"]),
        ("stage=churned", ["Delta"]),
        ("stage=current", ["Alpha", "Beta", "Gamma", "Omega"]),
        ("touch=mid", ["Gamma"]),
        ("mrr_from=500", ["Beta", "Gamma"]),
        ("mrr_from=100&mrr_to=500", ["Alpha", "Gamma"]),
        ("mrr_from=0,5&mrr_to=500.00", ["Alpha", "Gamma"]),
        ("decision_from=2031-01-02", ["Beta"]),
        ("decision_to=2031-01-01", ["Alpha"]),
        ("csm=me&band=red&mrr_from=1&q=a", ["Alpha"]),
    ],
)
@pytest.mark.usefixtures("book")
def test_filters(signed_in, chloe, query, expected) -> None:
    assert listed(signed_in(chloe), query) == expected


@pytest.mark.usefixtures("book")
def test_by_segment_and_by_person(signed_in, chloe, cyril) -> None:
    mid = Account.objects.get(name="Alpha").segment_id
    assert listed(signed_in(chloe), f"segment={mid}") == ["Alpha", "Gamma"]
    assert listed(signed_in(chloe), f"csm={cyril.pk}") == ["Beta"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("mrr_from=much", "This is not an amount, so it was left out."),
        ("mrr_from=NaN", "This is not an amount, so it was left out."),
        ("mrr_from=-5", "greater than or equal to 0"),
        ("mrr_to=1e999", "MRR to:"),
        ("decision_to=31/12/2026", "Write it as 2026-11-30."),
        ("decision_from=2026-02-30", "This is not a date, so it was left out."),
        ("segment=99999", "There is no such choice any more, so it was left out."),
        ("csm=99999", "There is no such choice any more, so it was left out."),
        ("csm=%00", "There is no such choice any more, so it was left out."),
        ("stage=dancing", "There is no such choice any more, so it was left out."),
        ("touch=soft", "There is no such choice any more, so it was left out."),
        ("sort=shoe-size", "There is no such choice any more, so it was left out."),
        ("band=purple", "There is no such choice any more, so it was left out."),
        ("mrr_from=9&mrr_to=3", "less than the amount to start from"),
        ("decision_from=2031-02-01&decision_to=2031-01-01", "before the day to start from"),
        ("q=%00", "Null characters are not allowed."),
        ("q=" + "x" * 201, "at most 200 characters"),
        ("after=rubbish", "This address does not lead to a page of the list"),
        ("before=W10", "This address does not lead to a page of the list"),
    ],
)
@pytest.mark.usefixtures("book")
def test_a_wrong_filter_gets_its_sentence_and_the_others_count(signed_in, chloe, query, sentence) -> None:
    response = signed_in(chloe).get(
        f"/accounts/?{query}&csm=me&band=red" if "csm" not in query else f"/accounts/?{query}"
    )
    html = response.content.decode()
    assert response.status_code == 200
    assert sentence in html
    if "csm" not in query:
        assert names(html) in (["Alpha"], [])


@pytest.mark.usefixtures("book")
def test_the_good_bands_count_beside_a_wrong_one(signed_in, chloe) -> None:
    assert listed(signed_in(chloe), "band=purple&band=green") == ["Beta"]


def test_hostile_searches_find_nothing_and_break_nothing(signed_in, chloe) -> None:
    account("Acme")
    for text in HOSTILE:
        response = signed_in(chloe).get("/accounts/", {"q": text})
        assert (response.status_code, names(response.content)) == (200, [])
        assert b"<script>alert" not in response.content


# Order and pages ----------------------------------------------------------------------------------


def many() -> None:
    """130 accounts with ties in every column, and a third of them without score or date."""
    Account.objects.bulk_create(
        Account(
            external_id=f"k{n}",
            name=f"N{n % 7}",
            mrr=n % 5,
            score=None if n % 3 == 0 else Decimal(n % 4),
            decision_date=None if n % 3 == 1 else date(2031, 1, 1 + n % 6),
        )
        for n in range(130)
    )


def wanted(sort: str) -> list[int]:
    """The order by plain Python: values, then ids; without a value last."""
    down = sort.startswith("-")
    column = {"name": "name", "mrr": "mrr", "score": "score", "decision": "decision_date"}[sort.lstrip("-")]
    rows = list(Account.objects.values_list(column, "pk"))
    known = sorted((row for row in rows if row[0] is not None), reverse=down)
    return [
        pk
        for _value, pk in [*known, *sorted((row for row in rows if row[0] is None), key=lambda r: r[1], reverse=down)]
    ]


@pytest.mark.parametrize("sort", list(listing.SORTS))
def test_all_pages_together_are_the_whole_list(sort) -> None:
    many()
    order, filters = listing.SORTS[sort], listing.Filters()
    forwards, after = [], ""
    while True:
        page = listing.page(filters, order, after=after, size=9)
        forwards.append([row.pk for row in page.rows])
        if not page.next:
            break
        after = page.next
    backwards, before = [forwards[-1]], page.previous
    while before:
        page = listing.page(filters, order, before=before, size=9)
        backwards.insert(0, [row.pk for row in page.rows])
        before = page.previous
    assert [pk for page in forwards for pk in page] == wanted(sort)
    assert [pk for page in backwards for pk in page] == wanted(sort)


def test_the_pager_leads_through_all_of_it(signed_in, vera) -> None:
    Account.objects.bulk_create(Account(external_id=f"p{n}", name=f"Account {n:03}") for n in range(120))
    client = signed_in(vera)
    assert [len(page) for page in pages(client)] == [50, 50, 20]
    assert [name for page in pages(client, "q=account") for name in page] == [f"Account {n:03}" for n in range(120)]


def test_a_row_that_comes_meanwhile_moves_nothing() -> None:
    for n in range(10):
        account(f"A{n}")
    first = listing.page(listing.Filters(), listing.DEFAULT_SORT, size=5)
    account("A00")
    second = listing.page(listing.Filters(), listing.DEFAULT_SORT, after=first.next, size=5)
    assert [row.name for row in second.rows] == ["A5", "A6", "A7", "A8", "A9"]


@pytest.mark.parametrize("text", ["", "x", "e30", "W10", "WzEsMl0", "WyJhIiwiYiJd", "WyJhIiwtMV0", "é", "🙂", "=" * 9])
def test_only_our_own_positions_are_read(text) -> None:
    with pytest.raises(BadPositionError):
        read_position(text, Account._meta.get_field("name"))


@pytest.mark.parametrize(
    ("column", "value"),
    [("name", "Ünï “code”\n"), ("mrr", Decimal("1.50")), ("score", None), ("decision_date", date(2031, 1, 1))],
)
def test_a_position_says_what_it_was_made_of(column, value) -> None:
    position = Position(value, 7)
    assert read_position(str(position), Account._meta.get_field(column)) == position


def test_a_moment_is_a_position_too() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
    assert read_position(str(Position(moment, 3)), Activity._meta.get_field("occurred_at")).value == moment


# Queries, fragments, counts ---------------------------------------------------------------------------


def test_fifty_rows_take_as_many_queries_as_one(signed_in, marc, django_assert_num_queries) -> None:
    client = signed_in(marc)
    first = account("One", csm=marc, score=5, segment=segment("S"))
    make_follow_up(first)
    with django_assert_num_queries(6):  # the reader, segments, people, saved views, rows, sparklines
        client.get("/accounts/")
    for n in range(60):
        make_follow_up(account(f"More {n}", csm=marc, score=n, segment=first.segment))
    with django_assert_num_queries(6):
        client.get("/accounts/")


def test_htmx_gets_the_found_part_and_the_address(signed_in, vera) -> None:
    account("Acme")
    response = signed_in(vera).get(
        "/accounts/?q=ac&segment=&sort=-mrr", headers={"HX-Request": "true", "HX-Target": "accounts-found"}
    )
    assert response["HX-Push-Url"] == "/accounts/?q=ac&sort=-mrr"
    assert b"<html" not in response.content
    assert names(response.content) == ["Acme"]


@pytest.mark.usefixtures("book")
def test_counts_are_of_all_bands_and_the_total_of_those_chosen() -> None:
    totals = listing.totals(listing.Filters(bands=("red", "green")))
    assert totals.bands == {"red": 1, "yellow": 1, "green": 1, "thriving": 0, "unknown": 1}
    assert (totals.accounts, totals.mrr) == (2, 1000)


@pytest.mark.usefixtures("book")
def test_totals_page(signed_in, vera) -> None:
    html = signed_in(vera).get("/accounts/totals/?stage=current").content.decode()
    assert "4 accounts · $1,500" in html
    assert '<span class="count" id="count-red" hx-swap-oob="true">1</span>' in html


# Search -------------------------------------------------------------------------------------------


def found(client, q: str) -> list[str]:
    html = client.get("/accounts/search/", {"q": q}, headers={"HX-Request": "true"}).content.decode()
    return re.findall(r'<span class="truncate">([^<]*)</span>', html)


def test_search_puts_what_begins_so_first(signed_in, vera) -> None:
    for name in ("Big Acme", "Acme", "ACME North", "Other"):
        account(name)
    account("Zebra", domain="acme.example")
    account("Called", external_id="acme")
    assert found(signed_in(vera), "acme") == ["Acme", "ACME North", "Called", "Zebra", "Big Acme"]
    assert found(signed_in(vera), "ac") == ["Acme", "ACME North", "Zebra"]
    assert found(signed_in(vera), "a") == ["Acme", "ACME North", "Zebra"]


def test_search_gives_ten_at_most_and_nothing_for_nothing(signed_in, vera) -> None:
    for n in range(30):
        account(f"Acme {n:02}")
    client = signed_in(vera)
    assert found(client, "acme") == [f"Acme {n:02}" for n in range(10)]
    assert len(found(client, "me 1")) == 10
    assert [found(client, q) for q in ("", " ", "%", "zzz", "\0", *HOSTILE)] == [[]] * (5 + len(HOSTILE))


def test_search_is_a_page_when_opened(signed_in, vera) -> None:
    account("Acme")
    html = signed_in(vera).get("/accounts/search/?q=ac").content.decode()
    assert "<html" in html
    assert "Acme" in html
