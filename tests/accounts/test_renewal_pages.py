"""Renewals as pages: by quarter, as a month, as a board, the forecast, what is to be settled."""

import csv
import io
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.renewals import work
from accounts.models import Renewal, SavedView
from tests.accounts.customers import segment
from tests.accounts.renewing import PAGES, TODAY, names, page, term


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


# Looking ------------------------------------------------------------------------------------------


def test_the_quarter_lists_them_by_decision_date_with_their_arithmetic(chloe, signed_in) -> None:
    term("Later", chloe, term_end="2026-06-30", notice_days=0)
    sooner = term("Sooner", chloe, band="yellow", unit_amount=300)
    term("Next year", chloe, term_end="2027-06-30")
    browser = signed_in(chloe)
    html = page(browser)
    assert names(html) == ["Sooner"]
    for shown in ("Mar 31", "in 27 days", "Apr 30 less 30 days&#x27; notice", "$300", "70%", "by health", "Upcoming"):
        assert shown in html, shown
    assert ('aria-current="page"><span class="stat-name">Q1 2026' in re.sub(r">\s+<", "><", html)) is True
    assert names(page(browser, quarter="2026-Q2")) == ["Later"]
    work.call(sooner, "0.9", "the board has agreed", by=chloe)
    html = page(browser)
    assert "90%" in html
    assert "CSM's call" in html


def test_what_is_over_and_undecided_stands_on_top(chloe, signed_in) -> None:
    late = term("Late", chloe, term_end="2026-04-01", auto_renew=False)
    Renewal.objects.filter(pk=late.pk).update(ends_on="2026-02-01", decision_date="2026-02-01", starts_on="2025-02-01")
    html = page(signed_in(chloe), quarter="2026-Q4")
    assert "Over, and nobody has decided" in html
    assert names(html) == ["Late"]
    assert "31 days ago" in html


def test_the_month_shows_days_weeks_and_what_they_are_worth(chloe, signed_in) -> None:
    for number in range(7):
        term(f"Customer {number}", chloe, unit_amount=100 * (number + 1))
    html = page(signed_in(chloe), "calendar/", month="2026-03")
    assert names(html) == [f"Customer {n}" for n in (6, 5, 4, 3, 2, 1, 0)]  # the largest first
    assert "3 more" in html
    assert "7 renewals · $2,800" in re.sub(r"\s+", " ", html)
    assert names(page(signed_in(chloe), "calendar/", month="2026-04")) == [f"Customer {n}" for n in range(6, -1, -1)]
    assert names(page(signed_in(chloe), "calendar/", month="2026-05")) == []


def test_the_board_has_a_column_for_each_stage(chloe, signed_in) -> None:
    term("New", chloe)
    work.move_stage(term("Talking", chloe), "engaged", by=chloe)
    work.decide(term("Gone", chloe), "lost", by=chloe, reason="price")
    html = page(signed_in(chloe), "board/")
    lanes = {lane: names(text) for lane, text in re.findall(r'data-lane="(\w+)">(.*?)</section>', html, re.DOTALL)}
    assert lanes == {"upcoming": ["New"], "engaged": ["Talking"], "committed": []}
    assert names(html.partition("lane-decided")[2]) == ["Gone"]


def test_a_long_column_goes_on_in_the_list(chloe, signed_in) -> None:
    for n in range(12):
        term(f"Customer {n}", chloe)
    html = page(signed_in(chloe), "board/")
    assert len(names(html)) == 10
    assert "2 more in the list" in html


def test_the_forecast_writes_its_sum_out(chloe, signed_in) -> None:
    term("Green", chloe, unit_amount=1000)
    term("Yellow", chloe, band="yellow", unit_amount=1000)
    work.call(term("Called", chloe, unit_amount=200), "0.505", "they hesitate", by=chloe)
    work.decide(term("Grown", chloe, unit_amount=400), "expanded", by=chloe, mrr=500)
    work.decide(term("Gone", chloe, unit_amount=300), "lost", by=chloe, reason="price")
    html = page(signed_in(chloe), "forecast/", **{"from": "2026-04-01", "to": "2026-07-01"})
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for line in (
        "Expanded 1 $400.00 as decided $500.00",
        "Lost 1 $300.00 as decided $0.00",
        "Open, by the CSM&#x27;s call 1 $200.00 50.5% $101.00",
        "Open, by health Green 1 $1,000.00 90% $900.00",
        "Open, by health Yellow 1 $1,000.00 70% $700.00",
        "Together 5 $2,900.00 $2,201.00",
        "decided at their outcome $500.00 + open × probability $1,701.00 = $2,201.00",
        "min($500.00, $2,900.00) / $2,900.00 = 17.2%",
        "= $2,101.00",
    ):
        assert line in text, (line, text[text.find("How it adds up") :][:1500])
    assert sorted(names(html)) == ["Called", "Gone", "Green", "Grown", "Yellow"]


def test_a_term_whose_account_has_no_band_is_in_the_forecast(chloe, signed_in) -> None:
    term("Free now", chloe, unit_amount=0, band="")
    text = re.sub(
        r"\s+|<[^>]+>", " ", page(signed_in(chloe), "forecast/", **{"from": "2026-04-01", "to": "2026-07-01"})
    )
    assert "Free now" in text


def test_who_let_the_notice_pass_is_bound_and_not_late(chloe, signed_in) -> None:
    term("Bound", chloe, term_end="2026-03-20")
    assert "is-late" not in page(signed_in(chloe), "board/")
    Renewal.objects.update(auto_renew=False, decision_date="2026-03-01", ends_on="2026-03-01")
    assert "is-late" in page(signed_in(chloe), "board/")


def test_the_overdue_stand_beside_the_forecast(chloe, signed_in) -> None:
    late = term("Late", chloe, term_end="2026-04-01", auto_renew=False)
    Renewal.objects.filter(pk=late.pk).update(ends_on="2026-02-01", decision_date="2026-02-01", starts_on="2025-02-01")
    html = page(signed_in(chloe), "forecast/", **{"from": "2027-01-01", "to": "2027-02-01"})
    assert "Overdue, beside the period" in html
    assert names(html) == ["Late"]


def test_disagreements_wait_and_hit_rates_follow(chloe, signed_in) -> None:
    row = term("Apart", chloe, band="thriving")
    work.call(row, "0.2", "their sponsor has left", by=chloe)
    browser = signed_in(chloe)
    html = page(browser, "disagreements/")
    assert names(html) == ["Apart"]
    assert [shown in html for shown in ("95%", "20%", "Mar 18")] == [True] * 3
    assert '<span class="count">1</span>' in page(browser)
    work.decide(row, "lost", by=chloe, reason="price")
    html = page(browser, "disagreements/")
    assert "Everybody agrees" in html
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "Health 0% 0 / 1 0% 0 / 1" in text
    assert "CSM&#x27;s call 100% 1 / 1 100% 1 / 1" in text


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page_says_what_to_do(path, chloe, signed_in) -> None:
    html = page(signed_in(chloe), path)
    assert 'class="empty' in html or "Nothing here" in html


@pytest.mark.parametrize("path", PAGES)
def test_the_count_of_queries_does_not_grow(path, chloe, signed_in) -> None:
    browser = signed_in(chloe)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(browser, path, month="2026-03")
        return len(queries)

    term("First", chloe, seg=segment("One"))
    work.call(Renewal.objects.get(), "0.3", "x", by=chloe)
    page(browser, path)
    few = count()
    rows = [term(f"Customer {n}", chloe, band="thriving") for n in range(8)]
    for row in rows[:4]:
        work.call(row, "0.1", "x", by=chloe)
    assert count() == few <= 16


# Filters ------------------------------------------------------------------------------------------


def test_filters_narrow_every_page(chloe, cyril, marc, signed_in) -> None:
    gold = segment("Gold")
    term("Mine", chloe, seg=gold)
    term("His", cyril, band="red")
    work.move_stage(term("Nobody's", term_end="2026-04-30"), "engaged", by=marc)
    mine, all_of_them = signed_in(chloe), signed_in(marc)
    assert names(page(mine)) == ["Mine"]  # a CSM begins with her own
    assert sorted(names(page(all_of_them))) == ["His", "Mine", "Nobody&#x27;s"]
    for query, found in (
        ({"who": "team"}, ["His", "Mine", "Nobody&#x27;s"]),
        ({"who": "nobody"}, ["Nobody&#x27;s"]),
        ({"who": cyril.pk}, ["His"]),
        ({"who": "team", "band": "red"}, ["His"]),
        ({"who": "team", "segment": gold.pk}, ["Mine"]),
        ({"who": "team", "segment": "none"}, ["His", "Nobody&#x27;s"]),
        ({"who": "team", "stage": "engaged"}, ["Nobody&#x27;s"]),
        ({"who": "team", "stage": "decided"}, []),
        ({"who": "team", "terms": "monthly"}, []),
        ({"who": "team", "terms": "long", "q": "his"}, ["His"]),
    ):
        assert sorted(names(page(mine, **query))) == found, query
        assert sorted(names(page(mine, "board/", **query))) == found, query


def test_a_fragment_comes_back_with_its_address(chloe, signed_in) -> None:
    term("Acme", chloe)
    headers = {"HX-Request": "true", "HX-Target": "renewals-found"}
    answer = signed_in(chloe).get("/renewals/?who=team&band=green&segment=&q=", headers=headers)
    html = answer.content.decode()
    assert answer["HX-Push-Url"] == "/renewals/?who=team&band=green"
    assert "<h1" not in html
    assert names(html) == ["Acme"]
    assert 'hx-swap-oob="true"' in html


@pytest.mark.parametrize(
    "query",
    [
        "who=99999&band=blue&stage=won&segment=x&terms=odd",
        "quarter=2026-Q9&month=2026-13&from=yesterday&to=2026-99-99",
        "quarter=9999-Q4&month=0000-00&after=!!&before=%00",
        "from=2026-04-01&to=2026-03-01",
        "from=0001-01-01&to=9999-12-31",
        "to=0001-01-01",
        "from=9999-12-01",
        "q=%00%ff&who=%F0%9F%98%80&q='; drop table",
    ],
)
def test_an_odd_address_is_a_page_all_the_same(query, chloe, signed_in) -> None:
    term("Acme", chloe)
    browser = signed_in(chloe)
    assert {browser.get(f"/renewals/{path}?{query}").status_code for path in PAGES} == {200}


def test_a_bad_filter_gets_its_sentence(chloe, signed_in) -> None:
    html = page(signed_in(chloe), "forecast/", band="blue", to="soon")
    assert "“blue” is not a band, so it was left out." in html
    assert "Write it as 2026-11-30." in html


def test_pages_of_a_long_quarter_lead_on_and_back(chloe, signed_in, monkeypatch) -> None:
    from accounts.views.renewals import lists

    monkeypatch.setattr(lists, "SIZE", 2)
    for n in range(5):
        term(f"C{n}", chloe)
    browser, seen, address = signed_in(chloe), [], "/renewals/"
    while address:
        html = browser.get(address).content.decode()
        seen.append(names(html))
        found = re.search(r'rel="next"[^>]* href="([^"]*)"', html)
        address = "/renewals/" + found[1].replace("&amp;", "&") if found else ""
    assert seen == [["C0", "C1"], ["C2", "C3"], ["C4"]]


def test_a_view_is_saved_and_found_again(chloe, signed_in) -> None:
    browser = signed_in(chloe)
    kept = browser.post("/renewals/views/", {"name": "Mine at risk", "query": "band=red&junk=1&stage=nothing"})
    view = SavedView.objects.get()
    assert (view.page, view.query, kept["Location"]) == (
        "renewals",
        "who=mine&band=red",
        "/renewals/?who=mine&band=red",
    )
    assert "Mine at risk" in page(browser, who="mine", band="red")
    assert browser.post("/renewals/views/", {"name": "", "query": ""}).status_code == 422
    browser.post(f"/renewals/views/{view.pk}/", {"name": "Red ones"})
    browser.post(f"/renewals/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


# The file -----------------------------------------------------------------------------------------


def test_the_file_has_what_the_list_shows(chloe, vera, signed_in) -> None:
    row = term("=HYPERLINK(1)", chloe, unit_amount="99.995")
    work.call(row, "0.25", "+1 says no", by=chloe)
    term("Other quarter", chloe, term_end="2026-12-31")
    browser = signed_in(chloe)
    answer = browser.get("/renewals/export.csv?quarter=2026-Q1")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [(r["account_name"], r["mrr"], r["probability"], r["probability_from"]) for r in lines] == [
        ("'=HYPERLINK(1)", "100.00", "0.25", "call")
    ]
    assert (lines[0]["call_reason"], lines[0]["decision_date"], lines[0]["currency"]) == (
        "'+1 says no",
        "2026-03-31",
        "USD",
    )
    assert len(b"".join(browser.get("/renewals/export.csv").streaming_content).splitlines()) == 3
    assert signed_in(vera).get("/renewals/export.csv").status_code == 404
