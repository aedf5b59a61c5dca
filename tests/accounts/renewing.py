"""Terms, and pages about them."""

import re
from datetime import UTC, datetime

from accounts.models import Renewal
from tests.accounts.revenue import make_account, subscribe

TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGES = ["", "calendar/", "board/", "forecast/", "disagreements/"]


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
