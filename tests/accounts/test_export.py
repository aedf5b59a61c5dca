import csv
import io
import itertools
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.domain.exports import COLUMNS, as_it_was, neutral
from accounts.domain.imports.commanding import import_path
from accounts.models import Account, Plan
from tests.accounts.customers import HOSTILE, account, listed, segment
from tests.accounts.imports.files import written
from tests.accounts.spine import make_follow_up

pytestmark = pytest.mark.django_db


def exported(client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/accounts/export.csv?{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_whole_row(signed_in, chloe) -> None:
    row = account(
        "Acme",
        external_id="A-1",
        domain="acme.example",
        segment=segment("Mid"),
        csm=chloe,
        score=Decimal("78.54"),
        band="green",
        trend=Decimal("-3.2"),
        mrr=Decimal("1234.567"),
        seats=12,
        plan=Plan.objects.create(key="team", name="Team"),
        decision_date=date(2031, 5, 4),
        last_contact_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        started_on=date(2025, 1, 1),
        currency="EUR",
        country="France",
        industry="Retail",
    )
    make_follow_up(row)
    make_follow_up(row)
    assert exported(signed_in(chloe)) == [
        {
            "external_id": "A-1",
            "name": "Acme",
            "domain": "acme.example",
            "segment": "mid",
            "csm": "chloe@tenure.example",
            "stage": "active",
            "band": "green",
            "score": "78.5",
            "trend": "-3.2",
            "mrr": "1234.57",
            "mrr_currency": "USD",
            "currency": "EUR",
            "plan": "team",
            "seats": "12",
            "decision_date": "2031-05-04",
            "open_follow_ups": "2",
            "last_contact_at": "2026-01-02T03:04:05+00:00",
            "started_on": "2025-01-01",
            "country": "France",
            "industry": "Retail",
            "channel": "",
        }
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "band=red",
        "q=1&sort=-mrr",
        "mrr_from=3",
        "csm=none&sort=-score",
        "sort=score",
        "sort=-decision",
        "mrr_from=x&band=red",
    ],
)
def test_what_is_exported_is_what_is_listed_in_its_order(signed_in, chloe, query) -> None:
    for n in range(40):
        account(
            f"Account {n}",
            mrr=n % 7,
            band="red" if n % 2 else "green",
            score=None if n % 3 == 0 else n % 4,
            csm=chloe if n % 5 == 0 else None,
            decision_date=None if n % 4 == 0 else date(2031, 1, 1 + n % 9),
        )
    client = signed_in(chloe)
    assert [row["name"] for row in exported(client, query)] == listed(client, query)


def test_more_than_one_page_and_chunk(signed_in, chloe) -> None:
    Account.objects.bulk_create(Account(external_id=f"e{n}", name=f"Account {n:05}") for n in range(4500))
    assert [row["name"] for row in exported(signed_in(chloe))] == [f"Account {n:05}" for n in range(4500)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋"])
def test_no_cell_is_a_formula(signed_in, chloe, start) -> None:
    text = f'{start}HYPERLINK("http://evil.example","x")'
    account(text, domain=text, external_id=text, country=text[:80], industry=text[:80])
    row = exported(signed_in(chloe))[0]
    assert [row[c] for c in ("name", "domain", "external_id", "country", "industry")] == ["'" + text] * 5


def test_no_cell_is_a_formula_wherever_a_spreadsheet_divides_the_line() -> None:
    """Where a comma is the decimal point, it does so at each ; and the quotes of what was divided at commas say nothing
    to it."""
    for letters in itertools.chain.from_iterable(itertools.product("=;'\"\n\ta", repeat=n) for n in range(5)):
        text = "".join(letters)
        file = io.StringIO()
        csv.writer(file).writerow([neutral(text), "between", neutral(text), neutral("-" + text)])
        for delimiter in ",;\t":
            for row in csv.reader(file.getvalue().splitlines(keepends=True), delimiter=delimiter):
                assert [cell for cell in row if cell.startswith(("=", "-"))] == [], (text, delimiter)
        assert as_it_was(neutral(text)) == text


def test_what_was_made_harmless_comes_in_again_as_it_was(signed_in, chloe, tmp_path) -> None:
    texts = [
        *("x;=1+1", "x;'=1", 'x;"=1;', ";-2", "x; y", "x;'y"),
        "=1+1",
        "-x",
        "+44 20",
        "@SUM",
        "'=quoted",
        "''-twice",
        "'plain",
        "O'-Brien",
        "Acme",
    ]
    for text in texts:
        account(text, external_id=text, country=text)
    file = b"".join(signed_in(chloe).get("/accounts/export.csv").streaming_content)

    outcome, _columns = import_path("accounts", written(tmp_path, "book.csv", file))

    assert (outcome.created, outcome.updated, outcome.unchanged, outcome.refused) == (0, 0, len(texts), 0)


def test_other_text_comes_back_as_it_is(signed_in, chloe) -> None:
    texts = [*HOSTILE, 'Quote " and, comma', "line\nbreak", "a=b", "é"]
    for text in texts:
        account(text)
    assert sorted(row["name"] for row in exported(signed_in(chloe))) == sorted(neutral(text) for text in texts)


def test_a_churned_account_has_no_band(signed_in, chloe) -> None:
    account("Gone", stage="churned", band="red")
    assert exported(signed_in(chloe))[0]["band"] == ""


def test_a_spreadsheet_may_want_a_byte_order_mark(signed_in, chloe) -> None:
    client = signed_in(chloe)
    plain, marked = (b"".join(client.get(f"/accounts/export.csv{q}").streaming_content) for q in ("", "?bom=1"))
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain.decode() == ",".join(COLUMNS) + "\r\n"


def test_it_is_a_download_that_nobody_keeps(signed_in, chloe) -> None:
    response = signed_in(chloe).get("/accounts/export.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="accounts-')
    assert response["Cache-Control"] == "no-store"


def test_who_may_export(signed_in, people) -> None:
    status = {name: signed_in(user).get("/accounts/export.csv").status_code for name, user in people.items()}
    assert status == {"alice": 200, "marc": 200, "chloe": 200, "cyril": 200, "vera": 404}


def test_the_database_is_asked_once(signed_in, chloe, django_assert_num_queries) -> None:
    for n in range(30):
        account(f"Account {n}")
    client = signed_in(chloe)
    with django_assert_num_queries(6):  # reader, segments, people; savepoint, rows, its release
        b"".join(client.get("/accounts/export.csv").streaming_content)
