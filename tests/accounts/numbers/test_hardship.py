"""What companies are like at the edges: each page, the API, files and the mail have sentences there, and no broken numbers."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.domain.numbers.counting import count_changes
from accounts.domain.numbers.digest import mail_boards
from accounts.models import Cost, Mail
from health.models import Invoice
from tests.accounts.numbers.test_pages import text
from tests.accounts.revenue import make_account, subscribe

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
BROKEN = re.compile(r"\b(nan|NaN|inf|Infinity|None(?! lost)|Decimal)\b")
PAGES = ["?board=fit", "?board=profit", "mrr/?", "retention/?of=mrr", "churn/?", "worth/?", "winning/?"]
FILES = ["?board=profit", "worth/?", "winning/?", "retention/?"]
MORE = ["accounts/?figure=ltv_crc", "worth/what-if/?"]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def nobody() -> None:
    """An empty company."""


def first_month() -> None:
    subscribe(make_account("New", channel="Ads"), unit_amount=100, started_on="2026-03-02")


def no_churn() -> None:
    for n in range(3):
        subscribe(make_account(f"A{n}"), f"S-{n}", unit_amount=50, started_on="2025-01-05")
    Cost.objects.create(month="2026-01-01", kind="winning", amount=100)


def all_churned() -> None:
    for n in range(3):
        gone = make_account(f"A{n}", channel="Ads")
        subscribe(gone, f"S-{n}", unit_amount=50, started_on="2025-01-05", ended_on="2026-02-10")
    Cost.objects.create(month="2025-01-01", kind="keeping", amount=100)


def one_customer_without_a_rate() -> None:
    one = make_account("One")
    subscribe(one, unit_amount=50, started_on="2025-01-05")
    day = date(2026, 2, 2)
    Invoice.objects.create(account=one, external_id="I", amount=10, currency="CHF", issued_on=day, due_on=day)


COMPANIES = (first_month, no_churn, all_churned, one_customer_without_a_rate)


@pytest.mark.parametrize("company", COMPANIES)
def test_every_page_file_and_mail_has_sentences(company, marc, signed_in) -> None:
    company()
    while count_changes():
        pass
    type(marc).objects.filter(pk=marc.pk).update(weekly_board="profit")
    browser = signed_in(marc)
    for path in PAGES + MORE:
        response = browser.get(f"/numbers/{path}")
        words = text(response.content.decode())
        assert (response.status_code, BROKEN.findall(words)) == (200, []), path
    for path in FILES:
        response = browser.get(f"/numbers/{path}&format=csv")
        lines = b"".join(response.streaming_content).decode()
        assert (response.status_code, BROKEN.findall(lines)) == (200, []), path
    mail_boards()
    mail = Mail.objects.get(kind="numbers")
    assert not BROKEN.findall(mail.text)


SAID = {
    nobody: ("?board=profit", "Nobody paid in Feb 2026."),
    no_churn: ("?board=profit", "No churn yet: nothing to divide by."),
    all_churned: ("mrr/?", "$150.00"),
    one_customer_without_a_rate: ("worth/?", "No exchange rate of its day for orders in CHF."),
}


@pytest.mark.parametrize("company", SAID)
def test_the_sentence_says_why(company, marc, signed_in) -> None:
    company()
    while count_changes():
        pass
    path, sentence = SAID[company]
    assert sentence in text(signed_in(marc).get(f"/numbers/{path}").content.decode())
