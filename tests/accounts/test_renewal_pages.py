"""Renewals as pages: by quarter, as a month, as a board, the forecast, what is to be settled; what is done there."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.renewals import work
from accounts.enums import RenewalStage
from accounts.models import Activity, Renewal, SavedView, Subscription
from tests.accounts.customers import HOSTILE, segment
from tests.accounts.revenue import make_account, subscribe
from tests.accounts.spine import make_follow_up

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGES = ["", "calendar/", "board/", "forecast/", "disagreements/"]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def term(name: str = "Acme", csm=None, *, band: str = "green", seg=None, **fields) -> Renewal:
    """100 dollars a month, to be decided on 31 March: the term ends a month later."""
    account = make_account(name, csm=csm, band=band, segment=seg)
    defaults = {"term_end": "2026-04-30", "notice_days": 30, "term_months": 12}
    subscribe(account, f"S-{account.pk}", **{**defaults, **fields})
    return Renewal.objects.get(account=account, decided_at=None)


def names(html: str) -> list[str]:
    links = re.findall(r'data-open href="/renewals/\d+/"[^>]*>(.*?)</a>', html)
    return [re.sub(r'.*class="truncate">|<.*', "", link) for link in links]


def page(browser, path: str = "", **query) -> str:
    response = browser.get(f"/renewals/{path}", query)
    assert response.status_code == 200
    return response.content.decode()


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


# One renewal --------------------------------------------------------------------------------------


def test_a_renewal_tells_all_about_itself(chloe, signed_in) -> None:
    row = term("Acme", chloe, band="thriving")
    work.move_stage(row, "engaged", by=chloe)
    work.call(row, "0.4", "their sponsor has left", by=chloe)
    html = page(signed_in(chloe), f"{row.pk}/")
    for shown in (
        "Mar 31, 2026", "with 30 days&#x27; notice", "95%", "40%", "their sponsor has left", "They are far apart.",
        "Upcoming → Engaged", "Make your call",
    ):  # fmt: skip
        assert shown in html, shown


def test_nothing_hostile_becomes_markup(chloe, signed_in) -> None:
    rows = [term(name, chloe) for name in HOSTILE]
    browser = signed_in(chloe)
    for path in [*PAGES, *(f"{row.pk}/{verb}" for row in rows for verb in ("", "decide/"))]:
        html = page(browser, path, month="2026-03")
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_a_stage_is_moved_in_place_and_without_javascript(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    answer = browser.post(f"/renewals/{row.pk}/stage/", {"stage": "engaged"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "renewals-changed" in answer["HX-Trigger"]
    assert "Acme is now Engaged." in answer["HX-Trigger"]
    plain = browser.post(f"/renewals/{row.pk}/stage/", {"stage": "committed", "next": "/renewals/board/?who=team"})
    assert plain["Location"] == "/renewals/board/?who=team"
    row.refresh_from_db()
    assert row.stage == RenewalStage.COMMITTED
    for wrong in ("", "renewed", "nowhere"):
        assert browser.post(f"/renewals/{row.pk}/stage/", {"stage": wrong}).status_code == 422


def test_a_call_is_made_changed_and_taken_back(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    answer = browser.post(f"/renewals/{row.pk}/call/", {"probability": "62,5 %", "reason": "new sponsor"})
    assert answer["Location"] == f"/renewals/{row.pk}/"
    row.refresh_from_db()
    assert (str(row.call_probability), row.call_reason, row.call_by) == ("0.625", "new sponsor", chloe)
    form = browser.get(f"/renewals/{row.pk}/call/").content.decode()
    assert 'value="62.5"' in form
    browser.post(f"/renewals/{row.pk}/take-back/", {"reason": "too early to say"})
    row.refresh_from_db()
    assert row.call_probability is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"probability": "101", "reason": "x"}, "100"),
        ({"probability": "-1", "reason": "x"}, "0"),
        ({"probability": "much", "reason": "x"}, "This is no number. Write 70 for seventy per cent."),
        ({"probability": "", "reason": "x"}, "Say how likely it is."),
        ({"probability": "70", "reason": "  "}, "Say why."),
        ({"probability": "NaN", "reason": "x"}, "no number"),
        ({"probability": "70", "reason": "x" * 401}, "400"),
    ],
)
def test_a_bad_call_comes_back_as_it_was_typed(given, sentence, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/call/", given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    row.refresh_from_db()
    assert row.call_probability is None


@pytest.mark.parametrize(
    ("given", "stage", "after"),
    [
        ({"outcome": "renewed", "mrr": "7"}, "renewed", 100),
        ({"outcome": "expanded", "mrr": "1 250,5"}, "expanded", "1250.5"),
        ({"outcome": "contracted", "mrr": "50"}, "contracted", 50),
        ({"outcome": "lost", "reason": "price", "comment": "too dear"}, "lost", 0),
    ],
)
def test_an_outcome_is_decided(given, stage, after, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/decide/", given)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.stage, row.decided_by, float(row.outcome_mrr)) == (stage, chloe, float(after))
    if stage == "lost":
        assert (row.reason, row.comment) == ("price", "too dear")
        assert str(Subscription.objects.get().ended_on) == "2026-04-30"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose an outcome"),
        ({"outcome": "won"}, "Choose an outcome"),
        ({"outcome": "lost"}, "reason"),
        ({"outcome": "expanded"}, "Say what the next term is worth"),
        ({"outcome": "expanded", "mrr": "80"}, "Expanded means more than"),
        ({"outcome": "contracted", "mrr": "lots"}, "This is no number."),
    ],
)
def test_a_bad_decision_comes_back_with_its_sentence(given, sentence, chloe, signed_in) -> None:
    row = term("Acme", chloe)
    answer = signed_in(chloe).post(f"/renewals/{row.pk}/decide/", given, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    row.refresh_from_db()
    assert row.decided_at is None


def test_who_comes_second_is_told_who_was_first(chloe, marc, signed_in) -> None:
    row = term("Acme", chloe)
    work.decide(row, "lost", by=marc, reason="price")
    browser, given = signed_in(chloe), {"outcome": "renewed"}
    plain = browser.post(f"/renewals/{row.pk}/decide/", given)
    assert plain.status_code == 409
    assert "Marc has decided this renewal already: Lost." in plain.content.decode()
    quick = browser.post(f"/renewals/{row.pk}/decide/", given, headers={"HX-Request": "true"})
    assert (quick.status_code, quick["HX-Reswap"]) == (409, "none")
    assert "Marc has decided this renewal already: Lost." in quick["HX-Trigger"]
    assert browser.post(f"/renewals/{row.pk}/stage/", {"stage": "engaged"}).status_code == 409
    row.refresh_from_db()
    assert row.stage == "lost"


def test_a_disagreement_is_settled(chloe, signed_in) -> None:
    row, browser = term("Apart", chloe, band="thriving"), signed_in(chloe)
    work.call(row, "0.2", "their sponsor has left", by=chloe)
    assert browser.post(f"/renewals/{row.pk}/settle/", {"note": ""}).status_code == 422
    browser.post(f"/renewals/{row.pk}/settle/", {"note": "a new sponsor", "probability": "80"})
    row.refresh_from_db()
    assert (row.settled_note, str(row.call_probability)) == ("a new sponsor", "0.800")
    again = browser.post(f"/renewals/{row.pk}/settle/", {"note": "again"}, headers={"HX-Request": "true"})
    assert again.status_code == 409


def test_others_look_and_change_nothing(chloe, cyril, vera, signed_in) -> None:
    row = term("Acme", chloe)
    for who in (cyril, vera):
        browser = signed_in(who)
        html = page(browser, f"{row.pk}/")
        assert "Make your call" not in html
        for verb in ("stage", "call", "take-back", "decide", "settle"):
            assert browser.post(f"/renewals/{row.pk}/{verb}/", {"stage": "engaged"}).status_code == 404
    assert signed_in(chloe).get("/renewals/999999/").status_code == 404


def test_the_account_shows_its_terms(chloe, signed_in) -> None:
    row, browser = term("Acme", chloe), signed_in(chloe)
    work.decide(row, "expanded", by=chloe, mrr=150, comment="more seats")
    html = page(browser, f"account/{row.account_id}/")
    stages = re.findall(r'<span class="badge tone-\w+">(\w+)</span>', html)
    assert stages == ["Upcoming", "Expanded"]
    assert "more seats" in html
    assert (
        f'hx-get="/renewals/account/{row.account_id}/"'
        in browser.get(f"/accounts/{row.account_id}/subscription/").content.decode()
    )


def test_a_follow_up_about_a_term_leads_to_it(chloe, signed_in) -> None:
    row = term("Acme", chloe)
    work.move_stage(row, "engaged", by=chloe)
    moved = Activity.objects.get(kind="renewal.stage_moved")
    one = make_follow_up(row.account, activity=moved)
    browser = signed_in(chloe)
    assert f'href="/renewals/{row.pk}/"' in browser.get(f"/follow-ups/{one.pk}/").content.decode()
    assert f'href="/follow-ups/{one.pk}/"' in page(browser, f"{row.pk}/")
