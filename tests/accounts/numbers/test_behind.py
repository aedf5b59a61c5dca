"""Every key figure leads to exactly the accounts it is made of, and to no others."""

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from accounts.domain.activity import Fact, record_many
from accounts.domain.numbers.asking import Asked
from accounts.domain.numbers.counting import count_changes
from accounts.domain.numbers.journeys import who_decided, who_tried
from accounts.domain.numbers.keeping import who_lived_and_was_kept
from accounts.models import Account, Cost, Renewal
from health.domain.kpis import who_answered
from health.domain.orders import who_ordered
from onboarding.domain.numbers import who_began, who_got_there
from tests.accounts.numbers.test_pages import get, text
from tests.accounts.revenue import make_account, subscribe
from tests.health.factories import answer, invoice
from tests.onboarding.board import make_version, start

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
# Of February. Acme grew, Bolt left, Core was won in November, the only month with costs, and had a call; Dune's trial is
# over, Echo's is running; Fern left long ago.
BEHIND = {
    "mrr": "Acme Core", "customers": "Acme Core", "arpa": "Acme Core", "nrr": "Acme Bolt", "grr": "Acme Bolt",
    "churn": "Bolt", "mrr_churn": "Bolt", "quick_ratio": "Acme Bolt", "expansion": "Acme", "net_negative": "Acme Bolt",
    "ltv": "Acme Bolt Core", "cac": "Core", "ltv_cac": "Acme Bolt Core", "payback": "Acme Core", "crc": "Acme Core",
    "ltv_crc": "Acme Bolt Core", "renewal_rate": "Acme Bolt", "trials": "Dune", "nps": "Acme",
    "activation": "Bolt Core", "ttv": "Core",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture(scope="module")
def book(shared) -> dict[str, Account]:
    with time_machine.travel(TODAY, tick=False):
        return written()


def written() -> dict[str, Account]:
    a, b, c, d, e, f = (make_account(name) for name in ("Acme", "Bolt", "Core", "Dune", "Echo", "Fern"))
    acme = subscribe(a, "A", unit_amount=100, started_on="2025-01-10")
    subscribe(a, "A", unit_amount=160, effective_on=date(2026, 2, 2))
    bolt = subscribe(b, "B", unit_amount=50, started_on="2025-02-05", ended_on="2026-02-20", churn_reason="price")
    subscribe(c, "C", unit_amount=90, started_on="2025-11-01")
    for account, begun in ((d, "2026-02-01"), (e, "2026-02-20")):
        subscribe(account, account.name, started_on=begun, trial_ends_on=date(2026, 3, 3), status="trialing")
    subscribe(f, "F", started_on="2024-01-01", ended_on="2025-02-01")
    _decided(acme, "renewed", 100)
    _decided(bolt, "lost", 0)
    Cost.objects.create(month="2025-11-01", kind="winning", amount=300)
    record_many([Fact(c.pk, "call.logged", {"contact": "Ada", "minutes": 90, "two_way": True, "summary": ""}, TODAY.replace(month=2))])  # fmt: skip
    answer(a, 9, on=date(2026, 2, 9))
    version, begun = make_version(), datetime(2026, 2, 3, tzinfo=UTC)
    start(b, version, started=begun)
    start(c, version, started=begun, activated_at=datetime(2026, 2, 8, tzinfo=UTC))
    while count_changes():
        pass
    return {"a": a, "b": b}


def _decided(subscription, stage: str, kept: int) -> None:
    Renewal.objects.filter(subscription=subscription).delete()
    Renewal.objects.create(
        account=subscription.account, subscription=subscription, starts_on="2025-02-10", ends_on="2026-02-10",
        decision_date="2026-02-10", stage=stage, decided_at=TODAY, mrr=100, outcome_mrr=kept, reason="price" if kept == 0 else "",
    )  # fmt: skip


def links(page: str) -> dict[str, str]:
    """By key figure: where it leads."""
    tiles = re.findall(r'id="kpi-(\w+)".*?</li>', page, re.DOTALL)
    found = re.findall(r'id="kpi-(\w+)"(?:(?!</li>).)*?href="(/numbers/accounts/[^"]*)"', page, re.DOTALL)
    assert set(dict(found)) == set(tiles), "a figure without a link"
    return {key: html.unescape(url) for key, url in found}


@pytest.mark.parametrize("board", ["stability", "fit", "profit"])
def test_a_figure_leads_to_exactly_its_accounts(board, book, chloe, signed_in) -> None:
    browser = signed_in(chloe)
    for key, url in links(get(browser, board=board)).items():
        page = browser.get(url).content.decode()
        names = re.findall(r'href="/accounts/\d+/">(\w+)</a></th>', page)
        assert (sorted(names), f"Accounts {len(names)} " in text(page)) == (BEHIND[key].split(), True), key


def test_what_stands_beside_them_comes_to_the_figure(book, chloe, signed_in) -> None:
    browser, month = signed_in(chloe), {"from": "2026-02", "to": "2026-02"}
    words = text(get(browser, "accounts/", figure="terms", **month))
    assert "Terms decided 2 MRR due $200 MRR kept $100" in words
    words = text(get(browser, "accounts/", figure="keeping", **{"from": "2025-03", "to": "2026-02"}))
    assert "Customers kept 1 Hours logged 1.5" in words
    assert "Core – – 0 1.5 $0.00 $0.00" in words
    words = text(get(browser, "accounts/", figure="net_moved", **month))
    assert ("Change of MRR $10" in words, "Quick ratio $10" in words) == (True, False)
    rows = b"".join(
        browser.get("/numbers/accounts/?figure=trials&from=2026-02&to=2026-02&format=csv").streaming_content
    )
    head, line = rows.decode().splitlines()
    assert (head, line.partition(",")[2]) == ("external_id,name,segment,csm,trials,won", "Dune,,,1,1")


# In that year: how many accounts there are, and what their columns come to.
PAGES = {
    who_lived_and_was_kept: (3, [1, Decimal("1.5"), 100, 160]),
    who_tried: (2, [2, 1]),
    who_decided: (2, [2, 200, 100]),
    who_ordered: (2, [3, 160, 4]),
    who_answered: (2, [1, 1, 2]),
    who_began: (2, [4, 3]),
    who_got_there: (2, [3, 6 + 5]),  # six: the median of five days and seven
}


@pytest.mark.parametrize("page_of", PAGES)
def test_a_page_of_them_tells_what_all_come_to(page_of, book) -> None:
    late = {"started_on": "2025-11-01", "trial_ends_on": date(2025, 12, 5), "status": "trialing"}
    subscribe(make_account("Late"), "L", **late)
    for account, day, currency in (("a", 1, "USD"), ("a", 2, "USD"), ("b", 3, "XTS")):
        invoice(book[account], due=date(2026, 2, day), amount=80, currency=currency)
    invoice(book["b"], due=date(2024, 2, 1), currency="USD")
    for score, account in ((8, "a"), (6, "a"), (0, "b")):
        answer(book[account], score, on=date(2026, 2, 3))
    again, begun = make_version("Again"), datetime(2026, 2, 1, tzinfo=UTC)
    for day in (6, 8):
        start(book["b"], again, started=begun, status="finished", activated_at=begun.replace(day=day))
    asked = Asked(date(2025, 3, 1), date(2026, 2, 1))
    whole, count, sums = page_of(asked, 50, 0)

    assert (count, [*sums]) == PAGES[page_of]
    assert [sum(values[place] or 0 for _pk, values in whole) for place in range(len(sums))] == [*sums]
    assert whole == sorted(whole, key=lambda one: ([-(value or 0) for value in one[1]], one[0]))
    pages = [page_of(asked, 1, offset) for offset in range(count)]
    assert ([page[0][0] for page in pages], [page[1:] for page in pages]) == (whole, [(count, sums)] * count)
