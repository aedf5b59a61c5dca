import pytest

from accounts.domain.imports import cells, times
from accounts.domain.imports.cells import Refused
from accounts.domain.imports.columns import NOTHING, Column

READ = [
    (cells.text(20), "  Acme  ", "Acme"),
    (cells.text(20), "   ", None),
    (cells.email(), " Ann@Example.COM ", "Ann@Example.COM"),
    (cells.email(), "mailto:ann@example.com", "ann@example.com"),
    (cells.domain(), "https://www.Acme.example/about?x=1", "acme.example"),
    (cells.domain(), "ann@acme.example", "acme.example"),
    (cells.currency(), " eur", "EUR"),
    (cells.currency(), "€", "EUR"),
    (cells.zone(), "europe/paris", "Europe/Paris"),
    (cells.boolean(), "TRUE", "t"),
    (cells.boolean(), "1", "t"),
    (cells.boolean(), "Oui", "t"),
    (cells.boolean(), "da", "t"),
    (cells.boolean(), "False", "f"),
    (cells.boolean(), "No", "f"),
    (cells.boolean(), "", None),
    (cells.whole(), "9", "9"),
    (cells.whole(), "74.0", "74"),
    (cells.whole(), "1,234", "1234"),
    (cells.number(), "1,234.50", "1234.50000000"),
    (cells.number(decimal=","), "1.234,50 €", "1234.50000000"),
    (cells.number(decimal=","), "1 234,5", "1234.50000000"),
    (cells.number(decimal=","), "1\u202f234,5", "1234.50000000"),
    (cells.number(), "$12", "12.00000000"),
    (cells.number(), "USD 12.5", "12.50000000"),
    (cells.number(), "-3", "-3.00000000"),
    (cells.number(), "(12.00)", "-12.00000000"),
    (cells.number(), "1'234.5", "1234.50000000"),
    (cells.number(), " ", None),
    (times.day(), "2024-01-31", "2024-01-31"),
    (times.day(), "2024/1/5", "2024-01-05"),
    (times.day(), "20240131", "2024-01-31"),
    (times.day("dmy"), "31/01/2024", "2024-01-31"),
    (times.day("dmy"), "31.1.24", "2024-01-31"),
    (times.day("mdy"), "01/31/2024", "2024-01-31"),
    (times.day("mdy"), "1/31/99", "1999-01-31"),
    (times.day(), "31 Jan 2024", "2024-01-31"),
    (times.day(), "Jan 31, 2024", "2024-01-31"),
    (times.day(), "31 janvier 2024", "2024-01-31"),
    (times.day(), "2024-01-31 23:59:59", "2024-01-31"),
    (times.moment(), "2024-01-31", "2024-01-31T00:00:00+00:00"),
    (times.moment(), "2024-07-28 03:00:00", "2024-07-28 03:00:00+00:00"),
    (times.moment(), "2024-07-28T03:00:00Z", "2024-07-28T03:00:00Z"),
    (times.moment(), "2024-07-28T03:00:00.123456789+02:00", "2024-07-28T03:00:00.123456+02:00"),
    (times.moment(), "2024-07-28 03:00:00 -0530", "2024-07-28T03:00:00-05:30"),
    (times.moment("mdy"), "7/28/2024 3:05 PM", "2024-07-28T15:05:00+00:00"),
    (times.moment("mdy"), "7/28/2024 12:05 am", "2024-07-28T00:05:00+00:00"),
    (times.moment(zone="Europe/Paris"), "2024-07-28 03:00", "2024-07-28T03:00:00+02:00"),
    (times.moment(), "1722135600", "2024-07-28T03:00:00+00:00"),
    (times.moment(), "1722135600000", "2024-07-28T03:00:00+00:00"),
    (cells.choice({"past due": "past_due", "active": "active"}), "Past-Due ", "past_due"),
    (cells.choice({"active": "active"}, other="other"), "whatever", "other"),
    (cells.language(), " fr_CA ", "fr"),
    (cells.language(), "en-US", "en"),
    (cells.language(), "", None),
]


@pytest.mark.parametrize(("convert", "cell", "value"), READ)
def test_what_people_write_is_understood(convert, cell, value):
    assert convert(cell) == value


REFUSED = [
    (cells.text(3), "abcd", "has 4 characters, at most 3 are allowed"),
    (cells.text(3), "a\0b", "has a zero byte in it"),
    (cells.text(100), "x" * 1_000_000, "has 1000000 characters, at most 100 are allowed"),
    (cells.email(), "fcb67ef339b69199", "“fcb67ef339b69199” is not an e-mail address"),
    (cells.email(), "a@b\nBcc: c@d", "“a@b�Bcc: c@d” is not an e-mail address"),
    (cells.email(), "root@localhost", "“root@localhost” is not an e-mail address"),
    (cells.email(), "ann@[10.0.0.7]", "“ann@[10.0.0.7]” is not an e-mail address"),
    (cells.domain(), "two words", "“two words” is not a domain"),
    (cells.currency(), "euros", "“euros” is not a currency of three letters, like EUR"),
    (cells.zone(), "Mars/Base", "“Mars/Base” is not a time zone, like Europe/Paris"),
    (cells.boolean(), "maybe", "“maybe” is neither yes nor no"),
    (cells.number(), "twelve", "“twelve” is not a number"),
    (cells.number(), "1,23", "“1,23” is not a number"),
    (cells.number(), "1.2.3", "“1.2.3” is not a number"),
    (cells.number(), "NaN", "“NaN” is not a number"),
    (cells.number(), "1e5", "“1e5” is not a number"),
    (cells.number(), "9" * 13, "9999999999999 is too large"),
    (cells.number(minimum=0), "-1", "-1 is less than 0"),
    (cells.whole(), "1.5", "“1.5” is not a whole number"),
    (cells.whole(), "-1", "-1 is not between 0 and 2147483647"),
    (times.day(), "2024-02-30", "“2024-02-30” is not a date, like 2026-01-31"),
    (times.day(), "yesterday", "“yesterday” is not a date, like 2026-01-31"),
    (times.day("dmy"), "01/31/2024", "“01/31/2024” is not a date as day/month/year"),
    (times.day("mdy"), "31/01/2024", "“31/01/2024” is not a date as month/day/year"),
    (times.day(), "0001-01-01", "“0001-01-01” is not a date, like 2026-01-31"),
    (times.moment(), "2024-02-30 03:00:00", "“2024-02-30 03:00:00” is not a date, like 2026-01-31"),
    (times.moment(), "2024-01-31 25:00", "“2024-01-31 25:00” is not a date, like 2026-01-31"),
    (times.moment(), "2024-01-31 13:00 PM", "“2024-01-31 13:00 PM” is not a date, like 2026-01-31"),
    (cells.choice({"a": "a", "b": "b"}), "c", "“c” is not one of: a, b"),
    (cells.choice({"a": "a"}), "!!!", "“!!!” is not one of: a"),
    (cells.choice({"a": "a"}, refused={"deleted": "is gone"}), "Deleted ", "is gone"),
    (cells.language(), "de", "“de” is not one of our languages: en (English), fr (French), ro (Romanian)"),
]


@pytest.mark.parametrize(("convert", "cell", "why"), REFUSED)
def test_what_cannot_be_understood_gets_a_sentence(convert, cell, why):
    with pytest.raises(Refused) as refusal:
        convert(cell)
    assert str(refusal.value) == why


def test_a_column_converts_each_distinct_cell_once_and_remembers_why_not():
    seen = []

    def convert(cell: str) -> str | None:
        seen.append(cell)
        return times.day()(cell)

    column = Column(convert)
    assert column.values_of(["2024-01-31", "", "2024-01-31", "no"]) == ["2024-01-31", NOTHING, "2024-01-31", None]
    assert column.why == {"no": "“no” is not a date, like 2026-01-31"}
    assert seen == ["2024-01-31", "", "no"]


def test_values_are_escaped_for_copy():
    assert Column(cells.text(50)).values_of(["a\tb\\c\nd"]) == ["a\\tb\\\\c\\nd"]


def test_a_needed_cell_may_not_be_empty_and_a_default_fills_it():
    assert Column(cells.text(9), missing=lambda: "is missing").values_of([" "]) == [None]
    assert Column(cells.text(9), default="USD").values_of([" "]) == ["USD"]
