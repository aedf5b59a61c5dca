import pytest

from accounts.domain.imports import guessing, presets
from accounts.domain.imports.guessing import decimal_of, mapping_of, order_of, plain, sample_of
from accounts.domain.imports.mapping import as_json
from accounts.domain.imports.reading import look_at
from accounts.registry import import_kinds
from tests.accounts.imports.files import SHARED, chunks_of, text_of


def guess(kind: str, header: list[str], *rows: list[str], source: str = "") -> dict:
    chunks = chunks_of(text_of(header, rows))
    shape = look_at(chunks)
    loader = import_kinds[kind].loader
    mapping = mapping_of(loader, sample_of(shape, chunks), source or presets.recognise(header), kind)
    return as_json(guessing.settle_orders(mapping, loader, shape, chunks)[0])


def columns(kind: str, header: list[str], *rows: list[str]) -> dict[str, str]:
    return {name: "+".join(source["columns"]) for name, source in guess(kind, header, *rows).items()}


@pytest.mark.parametrize(
    ("name", "as_plain"),
    [
        ("MonthlyCharges", "monthly_charges"),
        ("customerID", "customer_id"),
        ("property_hs_ticket_priority", "hs_ticket_priority"),
        ("Current Period End (UTC)", "current_period_end"),
        ("Company Domain Name", "company_domain_name"),
        ("refund_amount_usd", "refund_amount"),
        ("E-mail", "e_mail"),
        ("Région", "région"),
    ],
)
def test_names_of_columns_are_compared_plainly(name, as_plain):
    assert plain(name) == as_plain


def test_a_software_companys_accounts_are_understood():
    header = ["account_id", "account_name", "industry", "country", "signup_date", "plan_tier", "seats", "is_trial"]
    assert columns("accounts", header, ["A-1", "Acme", "EdTech", "US", "2024-10-16", "Basic", "9", "False"]) == {
        "external_id": "account_id",
        "name": "account_name",
        "industry": "industry",
        "country": "country",
        "started_on": "signup_date",
    }


@pytest.mark.parametrize("name", ["signup", "Sign-up", "Signed up", "signup_date"])
def test_the_day_they_signed_up_is_their_first(name):
    assert columns("accounts", ["id", name], ["A-1", "2024-10-16"])["started_on"] == name


def test_its_subscriptions_too():
    header = ["subscription_id", "account_id", "start_date", "end_date", "plan_tier", "seats", "mrr_amount", "is_trial",
              "billing_frequency", "auto_renew_flag"]  # fmt: skip
    row = ["S-1", "A-1", "2023-12-23", "2024-04-12", "Pro", "14", "2786", "False", "annual", "True"]
    assert columns("subscriptions", header, row) == {
        "external_id": "subscription_id",
        "account": "account_id",
        "started_on": "start_date",
        "ended_on": "end_date",
        "plan": "plan_tier",
        "quantity": "seats",
        "mrr": "mrr_amount",
        "trial": "is_trial",
        "interval": "billing_frequency",
        "auto_renew": "auto_renew_flag",
    }


def test_a_telephone_companys_customers_are_understood():
    header = ["customerID", "tenure", "Contract", "MonthlyCharges", "Churn"]
    row = ["7590-VHVEG", "12", "One year", "29.85", "No"]
    assert columns("accounts", header, row) == {"external_id": "customerID"}
    assert columns("subscriptions", header, row) == {
        "account": "customerID",
        "tenure": "tenure",
        "term_months": "Contract",
        "mrr": "MonthlyCharges",
        "churned": "Churn",
    }


def test_french_and_romanian_names_are_known():
    assert columns("accounts", ["Code client", "Raison sociale", "Pays"], ["1", "Acmé", "France"]) == {
        "external_id": "Code client",
        "name": "Raison sociale",
        "country": "Pays",
    }
    assert columns("contacts", ["firma", "Adresa email", "Nume"], ["1", "ana@example.com", "Ana"]) == {
        "account": "firma",
        "email": "Adresa email",
        "name": "Nume",
    }


def test_what_pages_call_a_field_is_known_too_but_last():
    found = columns("usage", ["Account", "Action", "When"], ["a-1", "signed_in", "2026-01-31"])
    assert found == {"account": "Account", "action": "Action", "occurred_at": "When"}
    usual = columns("usage", ["Account", "Action", "When", "occurred_at"], ["a-1", "signed_in", "soon", "2026-01-31"])
    assert usual["occurred_at"] == "occurred_at"


def test_hubspot_is_recognised_by_its_prefix():
    header = ["id", "is_deleted", "property_name", "property_domain", "property_createdate", "property_country"]
    assert presets.recognise(header) == "hubspot"
    assert columns("accounts", header, ["218", "false", "Acme", "acme.example", "2019-07-05 20:35:26", "France"]) == {
        "external_id": "id",
        "name": "property_name",
        "domain": "property_domain",
        "started_on": "property_createdate",
        "country": "property_country",
        "deleted": "is_deleted",
    }


def test_zendesk_takes_its_own_id_before_an_empty_external_one():
    header = ["id", "external_id", "name", "shared_comments", "shared_tickets", "created_at"]
    assert presets.recognise(header) == "zendesk"
    assert columns("accounts", header, ["370", "", "name1", "FALSE", "FALSE", "2020-02-13 22:45:02"]) == {
        "external_id": "id",
        "name": "name",
        "started_on": "created_at",
    }


def test_stripes_subscriptions_are_read_by_their_own_names():
    header = [
        "id",
        "Customer ID",
        "Plan",
        "Quantity",
        "Amount",
        "Interval",
        "Status",
        "Start (UTC)",
        "Current Period End (UTC)",
    ]
    row = ["sub_1", "cus_1", "gold", "3", "20.00", "month", "active", "2026-01-01 10:00", "2026-12-01 10:00"]
    assert presets.recognise(header) == "stripe"
    found = columns("subscriptions", header, row)
    assert found == {
        "external_id": "id",
        "account": "Customer ID",
        "plan": "Plan",
        "quantity": "Quantity",
        "unit_amount": "Amount",
        "interval": "Interval",
        "status": "Status",
        "started_on": "Start (UTC)",
        "term_end": "Current Period End (UTC)",
    }


def test_salesforces_cases_are_read_by_their_own_names():
    header = ["Case Number", "Account Name", "Subject", "Priority", "Status", "Date/Time Opened", "Date/Time Closed"]
    row = ["0001", "Acme", "Help", "High", "Closed", "1/31/2026 3:15 PM", "2/1/2026 9:00 AM"]
    assert presets.recognise(header) == "salesforce"
    found = guess("tickets", header, row)
    assert {name: source["columns"] for name, source in found.items()} == {
        "external_id": ["Case Number"],
        "account": ["Account Name"],
        "subject": ["Subject"],
        "severity": ["Priority"],
        "status": ["Status"],
        "opened_at": ["Date/Time Opened"],
        "closed_at": ["Date/Time Closed"],
    }
    assert found["opened_at"]["order"] == "mdy"


def test_a_column_that_cannot_be_what_its_name_says_is_left_out():
    found = columns("accounts", ["id", "name", "created"], ["1", "Acme", "by import"])
    assert found == {"external_id": "id", "name": "name"}


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["31/01/2024"], "dmy"),
        (["01/31/2024"], "mdy"),
        (["01/02/2024", "13/02/2024"], "dmy"),
        (["1.2.2024"], "dmy"),
        (["01/02/2024"], ""),
        (["2024-01-02"], ""),
    ],
)
def test_one_day_beyond_the_twelfth_says_the_order_of_a_column(cells, order):
    assert order_of(cells) == order


def test_the_order_is_looked_up_further_down_the_file():
    rows = [[str(n), "01/02/2024"] for n in range(400)] + [["400", "25/12/2024"]]
    assert guess("accounts", ["id", "signup_date"], *rows)["started_on"] == {"columns": ["signup_date"]}


def test_a_column_that_stays_doubtful_is_named():
    chunks = chunks_of("id,signup_date\n1,01/02/2024\n")
    shape, loader = look_at(chunks), import_kinds["accounts"].loader
    mapping = mapping_of(loader, sample_of(shape, chunks))
    settled, doubtful = guessing.settle_orders(mapping, loader, shape, chunks)
    assert (settled["started_on"].order, doubtful) == ("mdy", ["signup_date"])


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1,234.50"], "."),
        (["1.234,50 €"], ","),
        (["12,5"], ","),
        (["1,234", "12,345"], "."),
        (["1234"], "."),
        (["12.5", "1.234"], "."),
    ],
)
def test_the_decimal_sign_is_seen_from_the_column(cells, decimal):
    assert decimal_of(cells) == decimal


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["account_id", "account_name", "industry", "signup_date"], "accounts"),
        (["organization_id", "email", "name", "phone"], "contacts"),
        (["subscription_id", "account_id", "mrr", "start_date"], "subscriptions"),
        (["usage_id", "subscription_id", "usage_date", "feature_name", "usage_count"], "usage"),
        (["ticket_id", "account_id", "submitted_at", "priority"], "tickets"),
        (["invoice_number", "customer_id", "amount", "invoice_date", "due_date"], "invoices"),
        (["response_id", "account_id", "nps_score", "submitted_at"], "answers"),
        (["churn_event_id", "account_id", "churn_date", "reason_code"], "churn"),
        (
            ["property_subject", "property_hs_pipeline", "property_hs_ticket_priority", "property_createdate", "id"],
            "tickets",
        ),
        (["master_id", "number_of_cds", "dollar_value"], ""),
    ],
)
def test_the_header_says_what_a_file_is_about(header, kind):
    assert guessing.kind_of(guessing.Sample(header, [])) == kind


SHARED_KINDS = {
    "ravenstack/ravenstack_accounts.csv": "accounts",
    "ravenstack/ravenstack_subscriptions.csv": "subscriptions",
    "ravenstack/ravenstack_feature_usage.csv": "usage",
    "ravenstack/ravenstack_support_tickets.csv": "tickets",
    "ravenstack/ravenstack_churn_events.csv": "churn",
    "telco/telco_customer_churn_half.csv": "accounts",
    "crm_seeds/hubspot/company_data.csv": "accounts",
    "crm_seeds/hubspot/contact_data.csv": "contacts",
    "crm_seeds/hubspot/ticket_data.csv": "tickets",
    "crm_seeds/zendesk/organization_data.csv": "accounts",
    "crm_seeds/zendesk/user_data.csv": "contacts",
    "crm_seeds/zendesk/ticket_data.csv": "tickets",
    "nps_carpentries/nps_carpentries.csv": "answers",
    "cdnow/cdnow_sample.csv": "invoices",
}


def test_files_that_others_wrote_are_told_apart():
    found = {}
    for name in SHARED_KINDS:
        if (path := SHARED / name).exists():
            chunks = chunks_of(path.read_bytes(), 65_536)
            found[name] = guessing.kind_of(sample_of(look_at(chunks), chunks))
    assert found == {name: SHARED_KINDS[name] for name in found}
