"""People at customers."""

from django.utils.translation import gettext_lazy

from accounts.domain.contacts import upsert_contacts
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.references import resolve_accounts
from accounts.domain.imports.staging import ROWS, Stage
from accounts.domain.imports.verbs import write_rows

ACCOUNT = ImportField(
    "account",
    gettext_lazy("Account"),
    required=True,
    names=("account", "account_external_id", "account_id", "customer_id", "company_id", "organization_id", "organisation_id",
           "client_id", "associated_company_id", "associated_company", "account_name", "customer", "company_name", "company",
           "organization", "customer_name", "master_id", "domain"),
    help=gettext_lazy("Its external id; its name or domain will do where only one account has it."),
)  # fmt: skip


class ContactLoader(Loader):
    fields = (
        ACCOUNT,
        ImportField("email", gettext_lazy("E-mail address"), "email", required=True,
                    names=("email", "email_address", "e_mail", "mail", "contact_email", "user_email", "work_email")),
        ImportField("name", gettext_lazy("Name"), max_length=160,
                    names=("name", "full_name", "contact_name", "display_name")),
        ImportField("first_name", gettext_lazy("First name"), max_length=80, names=("first_name", "firstname", "given_name")),
        ImportField("last_name", gettext_lazy("Last name"), max_length=80, names=("last_name", "lastname", "surname", "family_name")),
        ImportField("title", gettext_lazy("Job title"), max_length=160, names=("title", "job_title", "jobtitle", "position")),
        ImportField("phone", gettext_lazy("Phone"), max_length=60, names=("phone", "phone_number", "mobile", "mobile_phone", "telephone")),
        ImportField("decides", gettext_lazy("Decides on renewal"), "bool", names=("decides", "decision_maker", "is_decision_maker")),
        ImportField("champion", gettext_lazy("Champion"), "bool", names=("champion", "is_champion")),
        ImportField("language", gettext_lazy("Language"), "language", names=("language", "locale", "preferred_language", "lang")),
        ImportField("left_on", gettext_lazy("Left on"), "day", names=("left_on", "left_at", "departure_date")),
    )  # fmt: skip
    key = ("account_id", "email")
    signs = frozenset(
        {
            "email",
            "first_name",
            "firstname",
            "last_name",
            "lastname",
            "job_title",
            "jobtitle",
            "phone",
            "full_name",
            "locale",
        }
    )

    def refuse(self, stage: Stage) -> None:
        resolve_accounts(stage)
        stage.run(f"UPDATE {ROWS} SET email = lower(email)")

    def write(self, stage: Stage, *, by: object) -> Counts:
        whole = {"first_name", "last_name"}
        stage.run(f"ALTER TABLE {ROWS} ADD COLUMN IF NOT EXISTS account text")
        stage.run(f"UPDATE {ROWS} r SET account = a.external_id FROM accounts_account a WHERE a.id = r.account_id")
        if whole & stage.mapped:
            _join_names(stage)
        names = [f.name for f in self.fields if f.name in stage.mapped and f.name not in whole]
        if whole & stage.mapped and "name" not in names:
            names.append("name")
        return write_rows(stage, names, lambda rows: upsert_contacts(rows, by=by), self)  # type: ignore[arg-type]


def _join_names(stage: Stage) -> None:
    stage.run(f"ALTER TABLE {ROWS} ADD COLUMN IF NOT EXISTS name text")
    parts = ", ".join(name for name in ("first_name", "last_name") if name in stage.mapped)
    stage.run(f"UPDATE {ROWS} SET name = coalesce(name, nullif(concat_ws(' ', {parts}), ''))")
