"""Pages of numbers: the figures, their formulas, the accounts behind them; nonsense in the address."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.domain.numbers.counting import count_changes
from accounts.enums import Role
from accounts.models import Cost, Segment, User
from tests.accounts.revenue import make_account, subscribe
from tests.conftest import person

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGES = ["", "mrr/", "retention/", "churn/", "worth/", "worth/what-if/", "winning/", "accounts/?figure=end"]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture(scope="module")
def book(shared) -> dict[str, int]:
    """Three customers of February: one grew, one left saying why, one stayed; one has come since."""
    with time_machine.travel(TODAY, tick=False):
        return written(person("Chloe", Role.CSM))


@pytest.fixture
def chloe(book) -> User:
    return User.objects.get(name="Chloe")


def written(chloe: User) -> dict[str, int]:
    small = Segment.objects.create(key="small", name="Small")
    a = make_account("Acme", segment=small, csm=chloe, channel="Events")
    b = make_account("Bolt", channel="Ads")
    c = make_account("Core", segment=small, channel="Events")
    subscribe(a, "A-1", unit_amount=100, started_on="2025-01-10")
    subscribe(a, "A-1", unit_amount=160, effective_on=date(2026, 2, 2))
    subscribe(b, "B-1", unit_amount=50, started_on="2025-02-05")
    subscribe(
        b, "B-1", ended_on="2026-02-20", status="canceled", churn_reason="price", churn_comment="<b>Too dear</b>",
    )  # fmt: skip
    subscribe(c, "C-1", unit_amount=90, started_on="2025-11-01")
    while count_changes():
        pass
    return {"small": small.pk, "a": a.pk, "b": b.pk, "c": c.pk}


def get(browser, path: str = "", **query):
    response = browser.get(f"/numbers/{path}", query or None)
    assert response.status_code == 200, path
    return response.content.decode()


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u202f", " ")


def tile(html: str, key: str) -> str:
    return text(html.partition(f'id="kpi-{key}"')[2].partition("</li>")[0])


def test_each_figure_says_how_it_comes_about(book, chloe, signed_in) -> None:
    html = get(signed_in(chloe))
    assert "MRR $250 +$10" in tile(html, "mrr")
    assert "$240 at the start of the month +$10" in tile(html, "mrr")
    assert "1 lost / 3 customers at the start" in tile(html, "churn")
    assert "33.3%" in tile(html, "churn")
    assert "MRR today $160 / a year ago $150, of the 2 customers of then" in tile(html, "nrr")
    assert "106.7%" in tile(html, "nrr")
    assert "66.7%" in tile(html, "grr")
    assert "figure=year&amp;from=2026-02&amp;to=2026-02" in html
    assert "figure=net_lost&amp;from=2026-02&amp;to=2026-02" in html


def test_costs_make_what_customers_cost(book, chloe, signed_in) -> None:
    Cost.objects.create(month="2025-11-01", kind="winning", channel="Events", amount=300)
    Cost.objects.create(month="2025-12-01", kind="winning", amount=150)
    Cost.objects.create(month="2026-01-01", kind="keeping", amount=80)
    html = get(signed_in(chloe), board="profit")
    assert "$450 / 1 new customers, over 2 months" in tile(html, "cac")
    assert "LTV $1,913 / CAC $450" in tile(html, "ltv_cac")
    assert "4.3×" in tile(html, "ltv_cac")
    assert "programs $80) / 1 customers kept" in tile(html, "crc")
    channels = text(get(signed_in(chloe), "winning/"))
    assert "Events too few to tell 1 $450" in channels


def test_without_costs_it_says_so(book, chloe, signed_in) -> None:
    html = get(signed_in(chloe), board="profit")
    assert "No costs of winning customers are entered for these twelve months." in tile(html, "cac")
    assert "–" in tile(html, "ltv_cac")


def test_mrr_adds_up_as_it_is_printed(book, chloe, signed_in) -> None:
    words = text(get(signed_in(chloe), "mrr/"))
    assert "Feb 2026 $240.00 – +$60.00 −$50.00 $250.00 104.2% 79.2% 1.2 2" in words
    assert "Together $150.00 +$90.00 +$60.00 −$50.00 $250.00" in words
    assert "Nov 2025 $150.00 +$90.00" in words


def test_cohorts_by_customers_and_by_mrr(book, chloe, signed_in) -> None:
    query = {"from": "2025-01", "to": "2026-02"}
    words = text(get(signed_in(chloe), "retention/", **query))
    assert "Jan 2025 1 100% 100%" in words
    assert "Feb 2025 1 " + "100% " * 12 + "0%" in words
    words = text(get(signed_in(chloe), "retention/", of="mrr", **query))
    assert "Jan 2025 $100 " + "100% " * 13 + "160%" in words


def test_why_they_left_and_what_they_said(book, chloe, signed_in) -> None:
    html = get(signed_in(chloe), "churn/")
    assert "&lt;b&gt;Too dear&lt;/b&gt;" in html
    assert "MRR lost by churn $50" in text(html)
    assert "Bolt" in get(signed_in(chloe), "churn/", reason="price")
    assert "Bolt" not in get(signed_in(chloe), "churn/", reason="competitor")


def test_behind_a_figure_stand_its_accounts(book, chloe, signed_in) -> None:
    query = {"from": "2026-02", "to": "2026-02"}
    words = text(get(signed_in(chloe), "accounts/", figure="customers_lost", **query))
    assert "Accounts 1" in words
    assert "Bolt – – $50.00 $0.00 −$50.00" in words
    words = text(get(signed_in(chloe), "accounts/", figure="end", segment=str(book["small"]), **query))
    assert "Acme Small Chloe $100.00 $160.00 $160.00" in words
    assert "Bolt" not in words
    assert signed_in(chloe).get("/numbers/accounts/?figure=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("from=2026-13", "is no month"), ("from=2026-05&to=2026-01", "ends before it begins"),
        ("from=1995-01&to=2026-01", "ten years at the most"), ("segment=999999", "Nothing here is called"),
        ("csm=%00%27%3B--&plan=%F0%9F%98%80", "Nothing here is called"), ("from=2031-01&to=2031-03", "“2031-03” has not come yet"),
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_answered_with_a_sentence(query, told, book, chloe, signed_in) -> None:
    browser = signed_in(chloe)
    for path in PAGES:
        response = browser.get(f"/numbers/{path}{'&' if '?' in path else '?'}{query}")
        html = response.content.decode()
        assert response.status_code in {200, 422}, path
        assert told in html or path == "worth/what-if/", path
        assert not re.search(r"\b(nan|inf|infinity)\b", text(html), re.IGNORECASE), path


def test_figures_as_a_file(book, chloe, cyril, signed_in) -> None:
    response = signed_in(chloe).get("/numbers/mrr/?format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 12
    assert {k: rows[-1][k] for k in ("month", "start", "expansion", "churn", "end")} == {
        "month": "2026-02", "start": "240", "expansion": "60", "churn": "-50", "end": "250",
    }  # fmt: skip


def test_members_and_all_of_them_side_by_side(book, chloe, signed_in) -> None:
    """A filter holds for the table by member too; what they come to stands under it."""
    browser = signed_in(chloe)
    words = text(get(browser, "worth/", by="channel"))
    assert "Events too few to tell $250 2 $125" in words
    assert "All together $250 2 $125 5.56%" in words
    alone = text(get(browser, "worth/", by="segment", segment=str(book["small"])).partition("<table")[2])
    assert ("Small too few to tell" in alone, "Without segment" in alone) == (True, False)
    assert "Ads" not in text(get(browser, "winning/", channel="Events").partition("<table")[2])


def test_trying_values_begins_with_those_of_now(book, chloe, signed_in) -> None:
    """Those of the filters too; and the same comes out as on the page it is reached from."""
    Cost.objects.create(month="2025-11-01", kind="winning", amount=450)
    browser, chosen = signed_in(chloe), {"segment": str(book["small"])}
    page = get(browser, "worth/", **chosen)
    assert f'/numbers/worth/what-if/?segment={book["small"]}"' in page
    now = get(browser, "worth/what-if/", **chosen)
    for form in ("Recommended", "Simple", "With margin"):
        value = re.search(rf"{form} ([^ ]+)", text(page.partition('id="averages"')[0]))
        assert f"{form} {value[1]}" in text(now), form
    assert 'name="cac" value="450.00"' in now
