"""Usage, tickets, invoices and answers from files."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts.domain.imports.commanding import import_path
from accounts.domain.imports.running import Outcome
from accounts.models import Account, Activity, Contact, FollowUp, Subscription
from health.domain.surveys import figures
from health.models import Answer, Invoice, ScoreMark, Survey, Ticket, UsageDay, UsageEvent
from tests.accounts.imports.files import SHARED, text_of, written
from tests.health.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(tmp_path: Path):
    def bring(kind: str, header: list[str], *rows: list[object], mapping=None) -> Outcome:
        return import_path(kind, written(tmp_path, "file.csv", text_of(header, rows)), mapping=mapping)[0]

    return bring


@pytest.fixture
def acme(db) -> Account:
    return make_account(external_id="acme", name="Acme", currency="EUR")


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.refused


def marked() -> set[int]:
    return {pk for accounts in ScoreMark.objects.values_list("accounts", flat=True) for pk in accounts}


USAGE = ["usage_id", "account", "usage_date", "feature_name", "usage_count"]


def test_usage_is_stored_once_with_its_daily_totals_and_marks_its_account(bring, acme):
    rows = [
        ["u1", "acme", "2024-05-01", "export", 9],
        ["u2", "acme", "2024-05-01", "export", 1],
        ["u3", "acme", "2024-05-02", "import", 4],
    ]
    assert counts(bring("usage", USAGE, *rows)) == (3, 0, 0, 0)
    assert counts(bring("usage", USAGE, *rows)) == (0, 0, 3, 0)
    assert list(UsageDay.objects.order_by("day").values_list("day", "action__key", "count")) == [
        (date(2024, 5, 1), "export", 10),
        (date(2024, 5, 2), "import", 4),
    ]
    assert marked() == {acme.pk}


def test_usage_may_name_a_subscription_alone(bring, acme):
    Subscription.objects.create(account=acme, external_id="S-1", currency="EUR", started_on=date(2024, 1, 1))
    header = ["usage_id", "subscription_id", "usage_date", "feature_name", "usage_count"]
    outcome = bring("usage", header, ["u1", "S-1", "2024-05-01", "export", 2], ["u2", "S-9", "2024-05-01", "export", 2])
    assert (counts(outcome), outcome.refusals) == ((1, 0, 0, 1), [(3, "There is no subscription “S-9”.")])
    assert UsageEvent.objects.get().account == acme


def test_the_account_is_taken_from_whichever_column_knows_it(bring, acme):
    Subscription.objects.create(account=acme, external_id="S-1", currency="EUR", started_on=date(2024, 1, 1))
    header = ["event_id", "account", "subscription_id", "occurred_at", "action"]
    when = "2024-05-01T10:00:00Z"
    outcome = bring("usage", header, ["1", "acme", "", when, "a"], ["2", "", "S-1", when, "a"], ["3", "x", "S-1", when, "a"],
                    ["4", "x", "S-9", when, "a"], ["5", "", "", when, "a"], ["6", "x", "", when, "a"])  # fmt: skip
    assert outcome.refusals == [
        (5, "There is no account “x” and no subscription “S-9”."),
        (6, "Nothing in this row says which account it is about."),
        (7, "There is no account “x”."),
    ]
    assert counts(outcome) == (3, 0, 0, 3)


def test_one_id_is_counted_once_an_account(bring, acme):
    make_account(external_id="beta")
    day = "2024-05-01"
    outcome = bring("usage", USAGE, ["u", "acme", day, "a", 1], ["u", "beta", day, "a", 1], ["u", "acme", day, "a", 5])
    assert counts(outcome) == (2, 0, 1, 0)


def test_rows_without_ids_are_the_same_when_the_file_comes_again(bring, acme):
    header = ["account", "date", "action", "count"]
    rows = [
        ["acme", "2024-05-01 10:00", "login", 1],
        ["acme", "2024-05-01 10:00", "login", 1],
        ["acme", "2024-05-02", "login", 3],
    ]
    assert counts(bring("usage", header, *rows)) == (3, 0, 0, 0)
    assert counts(bring("usage", header, *rows)) == (0, 0, 3, 0)
    assert UsageDay.objects.aggregate(n=Sum("count")) == {"n": 5}


def test_bad_usage_is_refused_by_row(bring, acme):
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    outcome = bring(
        "usage",
        USAGE,
        ["1", "acme", "2024-05-01", "a", -1],
        ["2", "acme", "2024-05-01", "a", 1.5],
        ["3", "acme", tomorrow, "a", 1],
        ["4", "acme", "2024-05-01", "", 1],
        ["5", "acme", "2024-05-01", "a", 1_000_001],
        ["6", "acme", "2024-05-01", "a", ""],
        ["7", "acme", "2024-05-01", "a", 0],
    )
    assert [number for number, _why in outcome.refusals] == [2, 3, 4, 5, 6]
    assert outcome.refusals[0][1] == "Count -1 is not between 0 and 2147483647."
    assert outcome.refusals[2][1].endswith("has not come yet.")
    assert outcome.refusals[4][1] == "A count of 1000001: it is 0 to 1,000,000."
    assert list(UsageEvent.objects.order_by("event_id").values_list("event_id", "count")) == [("6", 1), ("7", 0)]
    assert list(UsageDay.objects.values_list("count", flat=True)) == [1]


def test_history_opens_nothing(bring, acme):
    bring("usage", USAGE, ["u1", "acme", "2020-05-01", "export", 9])
    assert UsageEvent.objects.get().occurred_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert not Activity.objects.exists()


TICKETS = ["ticket_id", "account_id", "submitted_at", "closed_at", "priority"]


def test_tickets_are_created_changed_and_left_alone(bring, acme):
    rows = [["T-1", "acme", "2023-07-27", "2023-07-28 03:00:00", "medium"], ["T-2", "acme", "2023-07-27", "", "urgent"]]
    assert counts(bring("tickets", TICKETS, *rows)) == (2, 0, 0, 0)
    assert counts(bring("tickets", TICKETS, *rows)) == (0, 0, 2, 0)
    rows[1][3] = "2023-07-29"
    assert counts(bring("tickets", TICKETS, *rows)) == (0, 1, 1, 0)
    assert list(Ticket.objects.order_by("external_id").values_list("external_id", "severity", "status")) == [
        ("T-1", "normal", "closed"),
        ("T-2", "urgent", "closed"),
    ]
    assert marked() == {acme.pk}


def test_a_ticket_that_its_source_deleted_stays_out_and_the_reason_says_so(bring, acme):
    header = ["ticket_id", "account_id", "submitted_at", "status"]
    outcome = bring(
        "tickets", header, ["T-1", "acme", "2023-07-27", "solved"], ["T-2", "acme", "2023-07-27", "Deleted"]
    )
    assert [why for _number, why in outcome.refusals] == ["Status says that the ticket was deleted at its source."]
    assert [ticket.external_id for ticket in Ticket.objects.all()] == ["T-1"]


def test_what_a_file_of_tickets_does_not_say_stays(bring, acme):
    Ticket.objects.create(
        account=acme, external_id="T-1", opened_at="2023-07-27T00:00:00Z", theme="billing", subject="Help"
    )
    bring("tickets", TICKETS, ["T-1", "acme", "2023-07-27", "", "high"])
    assert Ticket.objects.values_list("theme", "subject", "severity").get() == ("billing", "Help", "high")


def test_bad_tickets_are_refused_by_row(bring, acme):
    outcome = bring(
        "tickets", TICKETS, ["T-1", "acme", "2023-07-27", "2023-07-26", "low"], ["T-2", "acme", "2023-07-27", "", "loud"],
        ["T-3", "nobody", "2023-07-27", "", "low"], ["T-4", "acme", "2023-07-27", "", "low"], ["T-4", "acme", "2023-07-28", "", "low"],
    )  # fmt: skip
    assert outcome.refusals == [
        (2, "Closed: Closed before it was opened."),
        (3, "Severity “loud” is not one of: low, normal, high, urgent."),
        (4, "There is no account “nobody”."),
        (6, "“T-4” stands here again with other values: row 5 is taken."),
    ]
    assert list(Ticket.objects.values_list("external_id", flat=True)) == ["T-4"]


def test_invoices_take_what_is_left_open_from_the_account_and_the_day(bring, acme):
    header = ["invoice_number", "customer_id", "amount", "invoice_date", "due_date", "status", "paid_at"]
    outcome = bring(
        "invoices", header,
        ["I-1", "acme", "1.234,50 €", "01.03.2024", "31.03.2024", "paid", "15.03.2024"],
        ["I-2", "acme", "99,00", "01.04.2024", "", "overdue", ""],
        ["I-3", "acme", "99,00", "01.04.2024", "30.04.2024", "paid", ""],
        ["I-4", "acme", "99,00", "01.04.2024", "01.03.2024", "", ""],
    )  # fmt: skip
    assert outcome.refusals == [(5, "Due on: Due before it was issued.")]
    assert list(
        Invoice.objects.order_by("external_id").values_list(
            "external_id", "amount", "currency", "status", "due_on", "paid_on"
        )
    ) == [
        ("I-1", Decimal("1234.5"), "EUR", "paid", date(2024, 3, 31), date(2024, 3, 15)),
        ("I-2", Decimal(99), "EUR", "open", date(2024, 4, 1), None),
        ("I-3", Decimal(99), "EUR", "paid", date(2024, 4, 30), date(2024, 4, 30)),
    ]


ORDERS = [
    ["acme", "1997-01-18", "2", "29.73"],
    ["acme", "1997-01-18", "2", "29.73"],
    ["acme", "1997-01-18", "1", "14.96"],
    ["acme", "1997-08-02", "1", "29.73"],
]


def test_orders_without_ids_are_told_apart_by_day_amount_and_place(bring, acme):
    header = ["customer_id", "date", "number_of_cds", "dollar_value"]
    assert (first := bring("invoices", header, *ORDERS)).created == 4, first
    again = bring("invoices", header, *ORDERS, ["acme", "1997-08-02", "1", "29.73"])
    assert (again.created, again.updated, again.unchanged) == (1, 0, 4)
    found = Invoice.objects.order_by("issued_on", "amount").values_list("issued_on", "amount", "status", "paid_on")
    january, august = date(1997, 1, 18), date(1997, 8, 2)
    assert list(found) == [
        (january, Decimal("14.96"), "paid", january),
        (january, Decimal("29.73"), "paid", january),
        (january, Decimal("29.73"), "paid", january),
        (august, Decimal("29.73"), "paid", august),
        (august, Decimal("29.73"), "paid", august),
    ]


def test_where_invoices_have_ids_every_row_has_one(bring, acme):
    outcome = bring("invoices", ["invoice_id", "account", "amount", "date"], ["", "acme", "5", "2024-01-01"])
    assert outcome.refusals == [(2, "External id is missing.")]


def test_a_day_of_payment_that_was_worked_out_stays(bring, acme):
    today = timezone.now().date()
    header = ["invoice_id", "account", "amount", "invoice_date", "due_date", "status"]
    row = ["I-1", "acme", "5", today - timedelta(days=9), today + timedelta(days=30), "paid"]
    assert bring("invoices", header, row).created == 1
    Invoice.objects.update(paid_on=today - timedelta(days=5))  # when the file came
    assert bring("invoices", header, row).unchanged == 1


def test_answers_find_their_contact_and_their_account(bring, acme):
    ann = Contact.objects.create(account=acme, email="ann@acme.example")
    header = ["response_id", "email", "score", "submitted_at", "comment"]
    outcome = bring(
        "answers", header, ["1", "Ann@acme.example", 9, "2024-05-01", "Great"], ["2", "ann@acme.example", 11, "2024-05-01", ""],
        ["3", "nobody@acme.example", 5, "2024-05-01", ""], ["4", "ann@acme.example", "", "2024-05-01", ""],
    )  # fmt: skip
    assert outcome.refusals == [
        (3, "A score of 11: it is 0 to 10."),
        (4, "No contact, or more than one, has the address “nobody@acme.example”."),
        (5, "Score is missing."),
    ]
    assert Answer.objects.values_list("account", "contact", "score", "comment").get() == (acme.pk, ann.pk, 9, "Great")


def test_a_files_hundredth_bad_row_costs_the_others_nothing(bring, acme):
    rows = [[f"u{n}", "acme", "2024-05-01", "export", 1] for n in range(12_000)]
    rows[17][2], rows[5_000][4], rows[11_999][1] = "soon", "many", "nobody"
    outcome = bring("usage", USAGE, *rows)
    assert counts(outcome) == (11_997, 0, 0, 3)
    assert outcome.refusals == [
        (19, "When “soon” is not a date, like 2026-01-31."),
        (5_002, "Count “many” is not a number."),
        (12_001, "There is no account “nobody”."),
    ]
    taken_home = list(csv.reader(outcome.refused_file.read().decode("utf-8-sig").splitlines()))
    assert taken_home[0] == ["Row", "Reason", *USAGE]
    assert taken_home[1] == ["19", outcome.refusals[0][1], "u17", "acme", "soon", "export", "1"]


# A whole company ------------------------------------------------------------------------------------


def made_up(folder: Path) -> dict[str, Path]:
    """A small company in the same five files."""
    day = lambda n: date(2024, 1, 1) + timedelta(days=n % 360)  # noqa: E731
    files = {
        "accounts": (["account_id", "account_name", "signup_date"], [[f"A-{n}", f"Company {n}", day(n)] for n in range(50)]),
        "subscriptions": (
            ["subscription_id", "account_id", "start_date", "end_date", "seats", "mrr_amount", "billing_frequency"],
            [[f"S-{n}", f"A-{n % 50}", day(n), day(n) + timedelta(days=90) if n % 4 == 0 else "", n % 9 + 1, 100 + n, "monthly"]
             for n in range(200)],
        ),
        "usage": (
            ["usage_id", "subscription_id", "usage_date", "feature_name", "usage_count"],
            [[f"U-{n % 990}", f"S-{n % 200}", day(n), f"feature_{n % 7}", n % 12] for n in range(1000)],
        ),
        "tickets": (TICKETS, [[f"T-{n}", f"A-{n % 50}", day(n), "", "high"] for n in range(80)]),
        "churn": (["churn_event_id", "account_id", "churn_date", "reason_code"], [[f"C-{n}", f"A-{n % 50}", day(n), "pricing"] for n in range(60)]),
    }  # fmt: skip
    return {kind: written(folder, f"{kind}.csv", text_of(header, rows)) for kind, (header, rows) in files.items()}


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def comes_in_whole(paths: dict[str, Path]) -> None:
    """Every row of it, and the second time nothing changes."""
    files = {kind: rows_in(path) for kind, path in paths.items()}
    for kind, path in paths.items():
        assert counts(import_path(kind, path)[0]) == (len(files[kind]), 0, 0, 0), kind
    assert UsageEvent.objects.count() == len(files["usage"])
    total = sum(int(row["usage_count"]) for row in files["usage"])
    assert UsageEvent.objects.aggregate(n=Sum("count")) == UsageDay.objects.aggregate(n=Sum("count")) == {"n": total}
    before = Activity.objects.count()
    for kind, path in paths.items():
        assert counts(import_path(kind, path)[0]) == (0, 0, len(files[kind]), 0), kind
    assert Activity.objects.count() == before


def test_a_whole_company_comes_in_and_the_second_time_changes_nothing(tmp_path):
    comes_in_whole(made_up(tmp_path))


# Answers --------------------------------------------------------------------------------------------


def test_answers_name_the_survey_they_belong_to(bring, acme):
    nps = Survey.objects.create(slug="spring", name="Spring")
    csat = Survey.objects.create(slug="after", name="After", kind="csat")
    Survey.objects.create(slug="bye", name="Bye", kind="churn", trigger="account.churned")
    header = ["response_id", "account", "score", "submitted_at", "survey_key"]
    rows = [["1", "acme", 9, "2024-05-01", "spring"], ["2", "acme", 4, "2024-05-01", "after"], ["3", "acme", 2, "2024-05-01", ""],
            ["4", "acme", 2, "2024-05-01", "autumn"], ["5", "acme", 2, "2024-05-01", "bye"], ["6", "acme", 9, "2024-05-01", "after"]]  # fmt: skip
    outcome = bring("answers", header, *rows)

    assert outcome.refusals == [
        (5, "There is no survey “autumn”."),
        (6, "“bye” asks for reasons, not for scores."),
        (7, "Score: A whole number from 1 to 5."),
    ]
    assert set(Answer.objects.values_list("kind", "survey", "score")) == {
        ("nps", nps.pk, 9),
        ("csat", csat.pk, 4),
        ("nps", None, 2),
    }
    assert counts(bring("answers", header, *rows[:3])) == (0, 0, 3, 0)


def test_answers_of_the_past_stand_on_the_timeline_and_send_nobody(bring, acme, queue):
    bring("answers", ["response_id", "account", "score", "submitted_at"], ["1", "acme", 2, "2024-05-01"])
    queue.drain()

    assert acme.activities.get(kind="nps.answered").data["group"] == "detractor"
    assert not FollowUp.objects.exists()


def carpentries() -> list[dict[str, str]]:
    """Recommendation scores that people really gave, else some of ours. Those without a day are of the month that
    their survey is named after; some have not answered."""
    path = SHARED / "nps_carpentries" / "nps_carpentries.csv"
    survey = {"survey": "autumn-2017-10", "submitted_at": ""}
    made_up = [{"response_id": f"R-{n}", **survey, "score": str(n % 11) if n % 9 else ""} for n in range(99)]
    rows = rows_in(path) if path.exists() else made_up
    return [row | {"submitted_at": row["submitted_at"] or f"{row['survey'][-7:]}-15"} for row in rows]


def test_real_answers_are_shown_with_their_margin(bring):
    rows = carpentries()
    scores = [int(row["score"]) for row in rows if row["score"]]
    for survey in {row["survey"] for row in rows}:
        Account.objects.create(external_id=survey, name=survey)
    columns = ["response_id", "account", "submitted_at", "score"]
    given = [[row["response_id"], row["survey"], row["submitted_at"], row["score"]] for row in rows]
    assert counts(bring("answers", columns, *given)) == (len(scores), 0, 0, len(rows) - len(scores))
    assert counts(bring("answers", columns, *given)) == (0, 0, len(scores), len(rows) - len(scores))

    promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
    told = figures.voice(figures.Period(date(2016, 1, 1), date(2018, 1, 1)))
    assert (told.figure.n, told.figure.promoters, told.figure.detractors) == (len(scores), promoters, detractors)
    shares = (promoters + detractors) / len(scores) - ((promoters - detractors) / len(scores)) ** 2
    assert told.figure.nps == pytest.approx(100 * (promoters - detractors) / len(scores))
    assert told.figure.moe95 == pytest.approx(1.959964 * 100 * (shares / len(scores)) ** 0.5)
    assert sum(told.distribution) == len(scores)
