"""Readings from files: usage, tickets, invoices, NPS answers. They end in the verbs that the API ends in."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.bulk import Counts as Written
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.kinds.contacts import ACCOUNT
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.references import ACCOUNT_ID, NAMES, find_accounts, found, resolve_accounts
from accounts.domain.imports.staging import ROWS, Stage
from accounts.domain.imports.verbs import sentence
from health.domain.answers import AnswerRow, upsert_answers
from health.domain.events import MOST_COUNT
from health.domain.heard import tell, waited_for
from health.domain.ingest import actions_of, store_from
from health.domain.invoices import InvoiceRow, upsert_invoices
from health.domain.tickets import TicketRow, upsert_tickets
from health.enums import InvoiceStatus, Severity, TicketStatus

BATCH = 5000

SUBSCRIPTION = ImportField(
    "subscription",
    gettext_lazy("Subscription"),
    names=("subscription_id", "subscription", "subscription_external_id", "contract_id"),
    help=gettext_lazy("Says which account it is, where no column names the account."),
)
BY_ACCOUNT = ImportField(
    ACCOUNT.name, ACCOUNT.label, names=tuple(name for name in ACCOUNT.names if name != "domain"), help=ACCOUNT.help
)


class UsageLoader(Loader):
    """From the stage straight into the events, in one statement: the same that stores the API's batches."""

    fields = (
        ImportField("event_id", gettext_lazy("Event id"), names=("event_id", "usage_id", "event_uuid", "uuid", "message_id", "id"),
                    help=gettext_lazy("The same id is counted once an account. Without one, the row itself is the id.")),
        BY_ACCOUNT,
        SUBSCRIPTION,
        ImportField("action", gettext_lazy("Action"), required=True, max_length=120,
                    names=("action", "feature_name", "feature", "event_name", "event", "event_type", "action_name", "activity")),
        ImportField("count", gettext_lazy("Count"), "whole", minimum=0, default="1",
                    names=("count", "usage_count", "event_count", "quantity", "times", "uses", "usage")),
        ImportField("occurred_at", gettext_lazy("When"), "moment", required=True,
                    names=("occurred_at", "usage_date", "event_time", "timestamp", "event_date", "created_at", "date", "time", "day")),
        ImportField("person", gettext_lazy("Person"), names=("user", "user_id", "user_email", "person", "distinct_id", "email")),
    )  # fmt: skip
    one_of = (("account", "subscription"),)
    copies = False  # an event that comes twice counts once anyway
    signs = frozenset(
        {"usage_id", "event_id", "feature_name", "usage_count", "usage_date", "event_name", "occurred_at", "action", "usage_duration_secs"}
    )  # fmt: skip

    def refuse(self, stage: Stage) -> None:
        find_accounts(stage)
        stage.refuse("r.occurred_at > now() + interval '5 minutes'", _("“%s” has not come yet."), "r.occurred_at")
        stage.refuse("r.occurred_at < '1970-01-01'", _("“%s” is before 1970."), "r.occurred_at")
        # Files of usage per day have zeros: such a row is stored and adds nothing.
        stage.refuse(f"r.count NOT BETWEEN 0 AND {MOST_COUNT}", _("A count of %s: it is 0 to 1,000,000."), "r.count")

    def write(self, stage: Stage, *, by: object) -> Counts:
        stage.run(f"""SELECT id FROM accounts_account WHERE id IN (SELECT account_id FROM {NAMES})
                      ORDER BY id FOR KEY SHARE""")  # held: events have no foreign-key check each
        actions = {action for (action,) in stage.ask(f"SELECT DISTINCT action FROM {ROWS}")}
        actions_of(actions)
        created = store_from(_events(stage))
        if created and (heard := waited_for(actions)):
            tell(_events(stage), [], heard)
        return Counts(created=created, unchanged=stage.count() - created)

    def touched(self, stage: Stage) -> list[int]:
        return []  # marked by the statement that stores them


def _events(stage: Stage) -> str:
    person = "coalesce(r.person, '')" if "person" in stage.mapped else "''"
    return f"""SELECT {ACCOUNT_ID} AS account_id, {_event_id(stage, person)} AS event_id, action.id AS action_id,
                      r.count, r.occurred_at, {person} AS who
               FROM {found(stage)} JOIN health_action action ON action.key = r.action"""


def _event_id(stage: Stage, person: str) -> str:
    """A row without an id is the same again when it stands at the same place among its likes: so a file that is
    imported twice counts once, and a log in which one thing happened twice in a second counts two."""
    likes = f"{ACCOUNT_ID}, r.action, r.occurred_at, {person}"
    nth = f"row_number() OVER (PARTITION BY {likes} ORDER BY r.row_no)"
    made = f"'file:' || md5(concat_ws('|', {likes}, {nth}))"
    if "event_id" not in stage.mapped:
        return made
    # Numbering costs a sort: only where a row wants it.
    some_without = stage.ask(f"SELECT 1 FROM {ROWS} WHERE event_id IS NULL LIMIT 1")
    return f"coalesce(r.event_id, {made})" if some_without else "r.event_id"


# Tickets, invoices, answers -----------------------------------------------------------------------


class ReadingLoader(Loader):
    """Kinds with an id at their source, whose verbs take rows."""

    key = ("account_id", "external_id")
    row: Any  # the verb's kind of row, a named tuple
    verb: Callable[..., Written]
    # Fields of the file by what the row calls them, where that is not the same.
    needed: tuple[str, ...] = ()

    def refuse(self, stage: Stage) -> None:
        resolve_accounts(stage)

    def write(self, stage: Stage, *, by: object) -> Counts:
        self.complete(stage)
        told = [name for name in self.row._fields if name in {*stage.mapped, *self.needed, "account_id"}]
        counts = Counts()
        rows = stage.rows(*told)
        while batch := list(islice(rows, BATCH)):
            counts += self._write(stage, told, batch)
        return counts

    def _write(self, stage: Stage, told: list[str], batch: list[tuple]) -> Counts:
        rows = [self.row(**_given(told, values)) for _number, *values in batch]
        written = type(self).verb(rows, told=told)
        stage.add_refusals((batch[index][0], sentence(error, self)) for index, error in written.refused)
        return Counts(written.created, written.updated, written.unchanged)

    def complete(self, stage: Stage) -> None:
        """Work out what the verb needs and the file leaves open."""


def _given(told: list[str], values: list[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(told, values, strict=True) if value is not None}


SEVERITIES = {
    **{severity.value: severity.value for severity in Severity},
    "medium": "normal", "moderate": "normal", "minor": "low", "trivial": "low", "major": "high", "important": "high",
    "critical": "urgent", "blocker": "urgent", "highest": "urgent", "lowest": "low", "p1": "urgent", "p2": "high",
    "p3": "normal", "p4": "low", "1": "urgent", "2": "high", "3": "normal", "4": "low",
}  # fmt: skip
TICKET_STATUSES = {
    **{status.value: status.value for status in TicketStatus},
    "new": "open", "pending": "open", "hold": "open", "on hold": "open", "waiting": "open", "in progress": "open",
    "waiting on contact": "open", "waiting on us": "open", "reopened": "open", "escalated": "open", "working": "open",
    "solved": "closed", "resolved": "closed", "done": "closed", "archived": "closed",
}  # fmt: skip


class TicketLoader(ReadingLoader):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), required=True,
                    names=("external_id", "ticket_id", "case_number", "case_id", "ticket", "number", "id")),
        ACCOUNT,
        ImportField("subject", gettext_lazy("Subject"), max_length=400, names=("subject", "title", "ticket_name", "summary")),
        ImportField("theme", gettext_lazy("Theme"), max_length=80, names=("theme", "category", "topic", "issue_type", "type", "ticket_type", "hs_ticket_category")),
        ImportField("severity", gettext_lazy("Severity"), "choice", words=SEVERITIES, names=("severity", "priority", "urgency", "hs_ticket_priority")),
        ImportField("strategic", gettext_lazy("Strategic question"), "bool", names=("strategic", "is_strategic")),
        ImportField("status", gettext_lazy("Status"), "choice", words=TICKET_STATUSES, names=("status", "ticket_status", "state"),
                    refused={"deleted": gettext_lazy("says that the ticket was deleted at its source")}),
        ImportField("opened_at", gettext_lazy("Opened"), "moment", required=True,
                    names=("opened_at", "submitted_at", "opened", "created_at", "created", "create_date", "createdate", "created_date",
                           "date_opened", "opened_date", "date")),
        ImportField("closed_at", gettext_lazy("Closed"), "moment",
                    names=("closed_at", "solved_at", "resolved_at", "closed", "closed_date", "close_date", "date_closed")),
    )  # fmt: skip
    signs = frozenset(
        {"ticket_id", "case_number", "priority", "severity", "closed_at", "first_response_time_minutes", "satisfaction_score",
         "resolution_time_hours", "escalation_flag", "subject", "hs_pipeline", "hs_ticket_priority", "ticket_form_id", "submitted_at"}
    )  # fmt: skip
    row, verb = TicketRow, upsert_tickets
    needed = ("status",)

    def complete(self, stage: Stage) -> None:
        """A file that has days of closing, and none for this ticket, says that it is open."""
        if "status" in stage.mapped:
            return
        closed = "CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END" if "closed_at" in stage.mapped else "NULL"
        stage.run(f"ALTER TABLE {ROWS} ADD COLUMN status text")
        stage.run(f"UPDATE {ROWS} SET status = {closed}")


INVOICE_STATUSES = {
    **{status.value: status.value for status in InvoiceStatus},
    "unpaid": "open", "due": "open", "overdue": "open", "sent": "open", "outstanding": "open", "past due": "open",
    "uncollectible": "open", "settled": "paid", "succeeded": "paid", "closed": "paid", "voided": "void", "canceled": "void",
    "cancelled": "void", "draft": "void", "deleted": "void",
}  # fmt: skip


# What was worked out once stays: the file of tomorrow moves no day of payment.
PAID_BEFORE = """(SELECT i.paid_on FROM health_invoice i
                   WHERE i.account_id = r.account_id AND i.external_id = r.external_id)"""


class InvoiceLoader(ReadingLoader):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), filled=True,
                    names=("external_id", "invoice_id", "invoice_number", "number", "invoice", "order_id", "order_number", "id"),
                    help=gettext_lazy("Without a column for it: account, day, amount and place among their likes.")),
        ACCOUNT,
        ImportField("amount", gettext_lazy("Amount"), "number", required=True, places=4,
                    names=("amount", "amount_due", "total", "invoice_amount", "total_amount", "grand_total", "order_value",
                           "order_total", "order_amount", "dollar_value", "sales", "revenue", "value")),
        ImportField("currency", gettext_lazy("Currency"), "currency", names=("currency", "currency_code"),
                    help=gettext_lazy("If no column says it: the account's.")),
        ImportField("status", gettext_lazy("Status"), "choice", words=INVOICE_STATUSES, names=("status", "invoice_status", "state")),
        ImportField("issued_on", gettext_lazy("Issued on"), "day", required=True,
                    names=("issued_on", "invoice_date", "issue_date", "issued_at", "order_date", "ordered_at", "date", "created_at", "created")),
        ImportField("due_on", gettext_lazy("Due on"), "day", names=("due_on", "due_date", "due_at", "payment_due"),
                    help=gettext_lazy("If no column says it: the day it was issued.")),
        ImportField("paid_on", gettext_lazy("Paid on"), "day", names=("paid_on", "paid_at", "payment_date", "paid_date", "date_paid")),
    )  # fmt: skip
    signs = frozenset(
        {"invoice_id", "invoice_number", "invoice_date", "due_date", "amount_due", "paid_at", "payment_date"}
    )
    row, verb = InvoiceRow, upsert_invoices
    needed = ("currency", "due_on", "status")

    def refuse(self, stage: Stage) -> None:
        super().refuse(stage)
        if "external_id" not in stage.mapped:
            _number_invoices(stage, self.field("external_id"))

    def complete(self, stage: Stage) -> None:
        """The account's currency, due at once, paid on the due day where only "paid" is said."""
        for column, kind in (("currency", "text"), ("due_on", "date"), ("paid_on", "date"), ("status", "text")):
            stage.run(f"ALTER TABLE {ROWS} ADD COLUMN IF NOT EXISTS {column} {kind}")
        stage.run(f"""UPDATE {ROWS} r SET currency = coalesce(r.currency, a.currency), due_on = coalesce(r.due_on, r.issued_on),
                             status = CASE WHEN r.paid_on IS NULL THEN coalesce(r.status, 'open') ELSE coalesce(r.status, 'paid') END,
                             paid_on = CASE WHEN r.status = 'paid' THEN coalesce(r.paid_on, {PAID_BEFORE}, least(coalesce(r.due_on, r.issued_on), current_date))
                                            ELSE r.paid_on END
                      FROM accounts_account a WHERE a.id = r.account_id""")

    def write(self, stage: Stage, *, by: object) -> Counts:
        stage.mapped |= {"paid_on"}
        return super().write(stage, by=by)


def _number_invoices(stage: Stage, external_id: ImportField) -> None:
    """A list of orders has no ids: the second one of the same day and amount is another one, in this file and in the
    next. Nothing in such a list is ever called unpaid, so what it tells of has been paid."""
    stage.add_field(external_id)
    likes = "account_id, issued_on, amount"
    stage.run(f"""UPDATE {ROWS} r SET external_id = 'file:' || md5(concat_ws('|', {likes}, nth))
                  FROM (SELECT row_no, row_number() OVER (PARTITION BY {likes} ORDER BY row_no) AS nth FROM {ROWS}) n
                  WHERE n.row_no = r.row_no""")
    if not {"status", "due_on", "paid_on"} & stage.mapped:
        stage.run(f"ALTER TABLE {ROWS} ADD COLUMN status text DEFAULT 'paid'")


class AnswerLoader(ReadingLoader):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), required=True,
                    names=("external_id", "answer_id", "response_id", "survey_response_id", "submission_id", "id")),
        ImportField("account", ACCOUNT.label, names=ACCOUNT.names, help=gettext_lazy("Or the e-mail address of a contact.")),
        ImportField("email", gettext_lazy("E-mail address"), "email", names=("email", "respondent_email", "contact_email", "user_email")),
        ImportField("score", gettext_lazy("Score"), "whole", required=True, names=("score", "nps", "nps_score", "rating", "answer", "recommend")),
        ImportField("answered_at", gettext_lazy("Answered"), "moment", required=True,
                    names=("answered_at", "submitted_at", "responded_at", "response_date", "completed_at", "created_at", "date", "timestamp")),
        ImportField("comment", gettext_lazy("Comment"), max_length=10_000, names=("comment", "comments", "feedback", "reason", "text", "verbatim")),
        ImportField("source", gettext_lazy("Source"), max_length=40, names=("source", "survey", "survey_name", "campaign")),
        ImportField("survey", gettext_lazy("Key of a survey"), max_length=60, names=("survey_key", "survey_slug"),
                    help=gettext_lazy("Of one that is set up here, so that its figures have them too.")),
    )  # fmt: skip
    one_of = (("account", "email"),)
    signs = frozenset(
        {
            "nps",
            "nps_score",
            "score",
            "response_id",
            "responded_at",
            "survey",
            "respondent_email",
            "answered_at",
            "promoter",
        }
    )
    row, verb = AnswerRow, upsert_answers
    needed = ("contact_id",)

    def refuse(self, stage: Stage) -> None:
        _find_surveys(stage)
        stage.refuse("r.score > 10", _("A score of %s: it is 0 to 10."), "r.score")
        stage.run(f"ALTER TABLE {ROWS} ADD COLUMN contact_id bigint")
        if "account" in stage.mapped:
            resolve_accounts(stage)
        else:
            stage.run(f"ALTER TABLE {ROWS} ADD COLUMN account_id bigint")
        if "email" in stage.mapped:
            _find_contacts(stage)


def _find_surveys(stage: Stage) -> None:
    """By key, where the file has one. A survey says what kind of answers these are."""
    if "survey" not in stage.mapped:
        return
    stage.run(f"ALTER TABLE {ROWS} ADD COLUMN survey_id bigint, ADD COLUMN kind text")
    stage.run(f"UPDATE {ROWS} r SET survey_id = s.id, kind = s.kind FROM health_survey s WHERE s.slug = r.survey")
    stage.refuse("r.survey IS NOT NULL AND r.survey_id IS NULL", _("There is no survey “%s”."), "r.survey")
    stage.refuse("r.kind = 'churn'", _("“%s” asks for reasons, not for scores."), "r.survey")
    stage.mapped |= {"survey_id", "kind"}


def _find_contacts(stage: Stage) -> None:
    """By address at the account; where no account is named, by an address that only one contact has."""
    stage.run(f"""UPDATE {ROWS} r SET contact_id = c.id FROM accounts_contact c
                  WHERE lower(c.email) = lower(r.email) AND c.account_id = r.account_id""")
    if "account" not in stage.mapped:
        stage.run(f"""UPDATE {ROWS} r SET contact_id = c.id, account_id = c.account_id
                      FROM (SELECT lower(email) AS email, min(id) AS id, min(account_id) AS account_id
                            FROM accounts_contact GROUP BY lower(email) HAVING count(*) = 1) c
                      WHERE c.email = lower(r.email)""")
        stage.refuse("r.account_id IS NULL", _("No contact, or more than one, has the address “%s”."), "r.email")
