"""Charts of the numbers on a phone and on paper: each has its table, every mark of its scale can be read."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.domain.numbers.counting import count_changes
from accounts.models import Cost, User
from tests.accounts.revenue import make_account, subscribe
from tests.browser.conftest import PHONE
from tests.browser.sound import settle, too_wide

# Charts that are tables themselves say so by a table; what is cut off is what reaches out of its drawing.
CHARTS = """() => [...document.querySelectorAll('.chart')].map(chart => ({
    rows: chart.querySelectorAll('table tbody tr').length,
    cells: [...chart.querySelectorAll('table tbody td')].filter(cell => /\\d|–/.test(cell.textContent)).length,
    cut: [...chart.querySelectorAll('svg.axis text')].filter(text => text.getBoundingClientRect().left
        < text.ownerSVGElement.getBoundingClientRect().left).map(text => text.textContent),
    small: [...chart.querySelectorAll('text, td, th')].filter(text => parseFloat(getComputedStyle(text).fontSize) < 10).length,
}))"""
PAGES = {"mrr/": 3, "retention/": 1, "churn/": 2, "winning/": 1}


@pytest.fixture
def company() -> None:
    """Large sums, long in every language: who grew, who left, what winning them cost."""
    today = timezone.localdate()
    for n in range(4):
        one = make_account(f"A{n}", channel="Events")
        subscribe(one, f"S{n}", unit_amount=250_000, started_on=today - timedelta(days=500 - 40 * n))
        subscribe(one, f"S{n}", unit_amount=300_000 - 40_000 * n, effective_on=today - timedelta(days=200))
    subscribe(one, f"S{n}", ended_on=today - timedelta(days=80), churn_reason="price", churn_comment="Too dear")
    Cost.objects.create(month=(today - timedelta(days=420)).replace(day=1), kind="winning", amount=1_200_000)
    while count_changes():
        pass


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_chart_has_its_table_and_reads_well_on_a_phone(page_of, marc, company, language) -> None:
    User.objects.update(language=language)
    page = page_of(marc, size=PHONE)
    for path, count in PAGES.items():
        page.goto(f"/numbers/{path}")
        for summary in page.locator(".chart-data > summary").all():
            summary.click()
        settle(page)
        found = page.evaluate(CHARTS)
        assert len(found) == count, path
        for chart in found:
            assert chart["rows"], path
            assert chart["cells"], path
            assert (chart["cut"], chart["small"]) == ([], 0), path
        assert too_wide(page) == [], path


# From the last cell back to the first: what is reached by keyboard, and lies under the month or under the head.
COVERED = """() => {
    const wrap = document.querySelector('.cohorts').parentElement, links = [...wrap.querySelectorAll('td a')]
    wrap.scrollTo(wrap.scrollWidth, wrap.scrollHeight)
    const place = one => one.getBoundingClientRect(), head = wrap.querySelector('thead th')
    const covered = links.reverse().filter(link => {
        link.focus()
        const month = place(link.closest('tr').querySelector('th'))
        return place(link).left < month.right || place(link).top < place(head).bottom || month.left < place(wrap).left
    })
    return [links.length > 50, covered.length, wrap.scrollWidth > wrap.clientWidth]
}"""


def test_cohorts_that_scroll_keep_their_months_and_their_head(page_of, marc, company) -> None:
    page = page_of(marc, size=PHONE)
    first = timezone.localdate() - timedelta(days=700)
    page.goto(f"/numbers/retention/?from={first:%Y-%m}&to={timezone.localdate():%Y-%m}")
    settle(page)
    assert page.evaluate(COVERED) == [True, 0, True]


def test_on_paper_the_tables_are_open_and_it_says_of_when(page_of, marc, company) -> None:
    page = page_of(marc)
    page.goto("/numbers/mrr/?from=2025-03&to=2025-08")
    page.emulate_media(media="print")
    expect(page.locator(".print-only")).to_have_text("Mar 2025 – Aug 2025")
    expect(page.locator(".chart-data table").first).to_be_visible()
    expect(page.locator(".numbers-filters")).to_be_hidden()


def test_wide_tables_scroll_and_the_page_does_not(page_of, marc, company) -> None:
    User.objects.update(language="fr")
    page = page_of(marc, size={**PHONE, "width": 1100})
    for path in ("mrr/", "retention/?from=2024-01", "worth/", "winning/", "accounts/"):
        page.goto(f"/numbers/{path}")
        assert too_wide(page) == [], path
