"""What each kind of the ground floor does with a file, from the file to the rows."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.domain.imports.commanding import import_path
from accounts.domain.imports.running import Outcome
from accounts.models import Account, Activity, ChurnEvent, Contact, Movement, Segment, Subscription
from tests.accounts.imports.files import text_of, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(tmp_path: Path):
    """bring("accounts", header, *rows): the outcome of that file."""

    def bring(kind: str, header: list[str], *rows: list[object], mapping=None, dry: bool = False) -> Outcome:
        path = written(tmp_path, "file.csv", text_of(header, rows))
        return import_path(kind, path, mapping=mapping, dry=dry)[0]

    return bring


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.refused


ACCOUNTS = ["external_id", "name", "country", "customer since"]


def test_accounts_are_created_changed_and_left_alone(bring):
    header = ["external_id", "name", "country"]
    assert counts(bring("accounts", header, ["a", "Acme", "FR"], ["b", "Beta", "RO"])) == (2, 0, 0, 0)
    assert counts(bring("accounts", header, ["a", "Acme", "FR"], ["b", "Better", "RO"])) == (0, 1, 1, 0)
    assert counts(bring("accounts", header, ["a", "Acme", "FR"], ["b", "Better", "RO"])) == (0, 0, 2, 0)
    assert list(Account.objects.order_by("external_id").values_list("external_id", "name", "country")) == [
        ("a", "Acme", "FR"),
        ("b", "Better", "RO"),
    ]


def test_what_a_file_does_not_say_stays(bring):
    bring("accounts", ["external_id", "name", "country"], ["a", "Acme", "FR"])
    bring("accounts", ["external_id", "name"], ["a", "Acme Ltd"])
    assert Account.objects.values_list("name", "country").get() == ("Acme Ltd", "FR")


def test_bad_rows_are_refused_with_all_their_reasons_and_the_rest_is_stored(bring):
    outcome = bring(
        "accounts",
        ["external_id", "name", "signup_date", "currency", "csm"],
        ["a", "Acme", "2024-01-31", "EUR", ""],
        ["b", "Beta", "soon", "euros", ""],
        ["", "Gamma", "2024-01-31", "EUR", ""],
        ["d", "Delta", "2024-01-31", "EUR", "nobody@example.com"],
    )
    assert outcome.refusals == [
        (
            3,
            "Currency “euros” is not a currency of three letters, like EUR. Customer since “soon” is not a date, like 2026-01-31.",
        ),
        (4, "External id is missing."),
        (5, "CSM: Nobody here is “nobody@example.com”."),
    ]
    assert counts(outcome) == (1, 0, 0, 3)
    assert list(Account.objects.values_list("external_id", flat=True)) == ["a"]


def test_rows_of_another_length_are_refused(bring, tmp_path):
    path = written(tmp_path, "file.csv", 'external_id,name\na,Acme\nb\nc,Gamma,more\nd,Delta,\ne,"Eps\n')
    outcome = import_path("accounts", path)[0]
    assert outcome.refusals == [
        (3, "The row has 1 cell, the header has 2."),
        (4, "The row has 3 cells, the header has 2."),
        (6, "A quote is opened here and never closed: the rest of the file (1 line) became one cell."),
    ]
    assert set(Account.objects.values_list("external_id", flat=True)) == {"a", "d"}


def test_a_key_that_stands_twice_is_taken_once(bring):
    outcome = bring("accounts", ["external_id", "name"], ["a", "Acme"], ["a", "Acme"], ["a", "Other"])
    assert (counts(outcome), outcome.refusals) == (
        (1, 0, 1, 1),
        [(4, "“a” stands here again with other values: row 2 is taken.")],
    )


def test_hostile_text_comes_out_as_it_went_in(bring):
    names = [
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE accounts;--",
        "\\N",
        "a\\tb",
        "Ω≈ç√∫",
        "%s %d {x}",
    ]
    bring("accounts", ["external_id", "name"], *[[f"h{i}", name] for i, name in enumerate(names)])
    assert list(Account.objects.order_by("external_id").values_list("name", flat=True)) == names


def test_a_dry_run_says_the_same_and_changes_nothing(bring):
    assert counts(bring("accounts", ["external_id", "name"], ["a", "Acme"], ["", "?"], dry=True)) == (1, 0, 0, 1)
    assert not Account.objects.exists()
    assert not Activity.objects.exists()


def test_several_columns_make_an_id_and_a_constant_fills_the_rest(bring):
    mapping = {"external_id": ["region", "number"], "name": "number", "currency": {"constant": "EUR"},
               "custom": ["region"]}  # fmt: skip
    bring("accounts", ["region", "number"], ["eu", "7"], mapping=mapping)
    assert Account.objects.values_list("external_id", "name", "currency", "custom").get() == (
        "eu-7",
        "7",
        "EUR",
        {"region": "eu"},
    )
    mapping["custom"] = ["number"]
    bring("accounts", ["region", "number"], ["eu", "7"], mapping=mapping)
    assert Account.objects.get().custom == {"region": "eu", "number": "7"}


def test_segments_and_csms_are_looked_up_by_what_people_call_them(bring, people):
    segment = Segment.objects.create(key="enterprise", name="Large companies")
    header = ["external_id", "segment", "csm"]
    outcome = bring(
        "accounts", header, ["a", "Enterprise", "CHLOE@tenure.example"], ["b", "large companies", ""], ["c", "tiny", ""],
        ["d", "", "vera@tenure.example"],
    )  # fmt: skip
    assert outcome.refusals == [
        (4, "Segment: There is no segment “tiny”."),
        (5, "CSM: Vera cannot look after accounts."),
    ]
    assert list(Account.objects.order_by("external_id").values_list("external_id", "segment", "csm")) == [
        ("a", segment.pk, people["chloe"].pk),
        ("b", segment.pk, None),
    ]


def test_what_no_door_takes_is_refused_here_too(bring):
    outcome = bring(
        "accounts",
        ["external_id", "name", "signup_date", "notes"],
        ["a\u200bb", "x", "", ""],
        ["b", "two\nlines  and\tspaces", "", ""],
        ["c", "c", "1950-01-01", ""],
        ["d", "d", "", "zero\0byte"],
        mapping={"external_id": "external_id", "name": "name", "started_on": "signup_date", "custom": ["notes"]},
    )
    assert outcome.refusals == [
        (2, "External id “a�b” has characters that cannot be seen."),
        (4, "Customer since 1950-01-01: this day is out of reach."),
        (5, "Custom fields has a zero byte in it."),
    ]
    assert list(Account.objects.values_list("external_id", "name")) == [("b", "two lines and spaces")]


def test_contacts_find_their_account_by_id_name_or_domain(bring):
    bring(
        "accounts",
        ["external_id", "name", "domain"],
        ["a", "Acme", "acme.example"],
        ["b", "Twin", ""],
        ["c", "Twin", ""],
    )
    outcome = bring(
        "contacts",
        ["account", "email", "first name", "last name"],
        ["a", "ann@acme.example", "Ann", "Lee"],
        ["acme", "bob@acme.example", "Bob", ""],
        ["ACME.example", "cid@acme.example", "", ""],
        ["Twin", "dot@example.com", "", ""],
        ["", "eve@example.com", "", ""],
        ["a", "5d41402abc4b2a76b9719d911017c592", "", ""],
    )
    assert outcome.refusals == [
        (5, "There is no account “Twin”."),
        (6, "Account is missing."),
        (7, "E-mail address “5d41402abc4b2a76b9719d911017c592” is not an e-mail address."),
    ]
    assert list(Contact.objects.order_by("email").values_list("account__external_id", "email", "name")) == [
        ("a", "ann@acme.example", "Ann Lee"),
        ("a", "bob@acme.example", "Bob"),
        ("a", "cid@acme.example", ""),
    ]


def test_rows_that_their_source_calls_deleted_stay_out(bring):
    outcome = bring("accounts", ["id", "name", "is_deleted"], ["1", "Acme", "false"], ["2", "Gone", "true"])
    assert (counts(outcome), outcome.refusals) == ((1, 0, 0, 1), [(3, "The source calls this row deleted.")])


SUBSCRIPTIONS = [
    "subscription_id",
    "account_id",
    "start_date",
    "end_date",
    "plan",
    "seats",
    "mrr",
    "is_trial",
    "billing_frequency",
]


def test_a_months_worth_makes_the_price_whatever_the_interval(bring):
    bring("accounts", ["external_id", "currency"], ["a", "USD"])
    rows = [
        ["S-1", "a", "2023-12-23", "", "Pro", "14", "2786", "False", "monthly"],
        ["S-2", "a", "2024-06-11", "", "Basic", "17", "833", "False", "annual"],
        ["S-3", "a", "2024-11-25", "", "Pro", "62", "0", "True", "annual"],
        ["S-4", "a", "2024-01-01", "2024-03-01", "Pro", "1", "100", "False", "quarterly"],
    ]
    assert counts(bring("subscriptions", SUBSCRIPTIONS, *rows)) == (4, 0, 0, 0)
    assert counts(bring("subscriptions", SUBSCRIPTIONS, *rows)) == (0, 0, 4, 0)
    found = Subscription.objects.order_by("external_id").values_list(
        "external_id", "unit_amount", "interval", "per_seat", "status", "mrr"
    )
    assert list(found) == [
        ("S-1", Decimal(2786), "month", False, "active", Decimal(2786)),
        ("S-2", Decimal(9996), "year", False, "active", Decimal(833)),
        ("S-3", Decimal(0), "year", False, "trialing", Decimal(0)),
        ("S-4", Decimal(300), "quarter", False, "canceled", Decimal(0)),
    ]
    assert Account.objects.get().mrr == Decimal(3619)
    assert sum(Movement.objects.values_list("amount", flat=True)) == Decimal(3619)


def test_history_tells_no_playbook(bring):
    bring("accounts", ["external_id"], ["a"])
    bring(
        "subscriptions", SUBSCRIPTIONS, ["S-1", "a", "2023-12-23", "2024-02-01", "Pro", "1", "100", "False", "monthly"]
    )
    assert set(Activity.objects.values_list("kind", flat=True)) == {"account.created", "mrr.new", "account.churned"}
    assert not Activity.objects.filter(dispatched_at=None).exists()


def test_a_file_of_today_tells_starts_by_tenure_once(bring):
    header = ["customerID", "tenure", "Contract", "MonthlyCharges", "Churn"]
    rows = [["c1", "12", "One year", "29.85", "No"], ["c2", "2", "Month-to-month", "70.70", "Yes"]]
    bring("accounts", header, *rows)
    assert counts(bring("subscriptions", header, *rows)) == (2, 0, 0, 0)
    stays, left = Subscription.objects.order_by("external_id")
    today = timezone.now().date()
    assert (stays.account.external_id, stays.mrr, stays.ended_on) == ("c1", Decimal("29.85"), None)
    assert 364 <= (today - stays.started_on).days <= 367
    assert stays.term_end > today
    assert (left.status, left.ended_on, left.mrr) == ("canceled", today - timedelta(days=30), Decimal(0))
    Subscription.objects.update(started_on=date(2020, 1, 1))
    assert counts(bring("subscriptions", header, *rows)) == (0, 0, 2, 0)


def test_unknown_accounts_and_missing_days_are_told(bring):
    bring("accounts", ["external_id"], ["a"])
    outcome = bring(
        "subscriptions",
        SUBSCRIPTIONS,
        ["S-1", "x", "2024-01-01", "", "", "1", "5", "", ""],
        ["S-2", "a", "", "", "", "1", "5", "", ""],
    )
    assert outcome.refusals == [
        (2, "There is no account “x”."),
        (3, "Started on: A new subscription needs this."),
    ]


CHURN = ["churn_event_id", "account_id", "churn_date", "reason_code", "feedback_text"]


def test_churn_events_are_kept_and_give_ends_their_reason(bring):
    bring("accounts", ["external_id"], ["a"])
    rows = [["C-1", "a", "2024-02-10", "pricing", "too expensive"], ["C-2", "a", "2023-01-10", "unknown", ""]]
    assert counts(bring("churn", CHURN, *rows)) == (2, 0, 0, 0)
    bring(
        "subscriptions", SUBSCRIPTIONS, ["S-1", "a", "2023-12-23", "2024-02-01", "Pro", "1", "100", "False", "monthly"]
    )
    assert counts(bring("churn", CHURN, *rows)) == (0, 0, 2, 0)
    assert list(ChurnEvent.objects.values_list("external_id", "reason", "comment")) == [
        ("C-1", "price", "too expensive"),
        ("C-2", "other", ""),
    ]
    assert Subscription.objects.values_list("churn_reason", "churn_comment").get() == ("price", "too expensive")
    assert Movement.objects.values_list("reason", "comment").get(kind="churn") == ("price", "too expensive")
