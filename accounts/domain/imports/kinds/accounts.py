"""Customers."""

import json
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.accounts import upsert_accounts
from accounts.domain.imports.fields import DELETED, ROWS, Counts, ImportField, Loader
from accounts.domain.imports.staging import Stage
from accounts.domain.imports.verbs import write_rows
from accounts.enums import Stage as CustomerStage

STAGES = {
    **{stage.value: stage.value for stage in CustomerStage},
    "customer": "active", "active customer": "active", "client": "active", "live": "active", "evangelist": "active",
    "onboarded": "active", "trialing": "trial", "free trial": "trial", "lead": "trial", "opportunity": "trial",
    "prospect": "trial", "subscriber": "trial", "implementation": "onboarding", "new": "onboarding",
    "churn": "churned", "lost": "churned", "cancelled": "churned", "canceled": "churned", "former customer": "churned",
    "inactive": "churned",
}  # fmt: skip

EXTERNAL_ID = ImportField(
    "external_id",
    gettext_lazy("External id"),
    required=True,
    names=("external_id", "account_id", "customer_id", "company_id", "organization_id", "organisation_id", "client_id",
           "record_id", "account", "customer", "id"),
    help=gettext_lazy("What your other systems call this customer. It never changes."),
)  # fmt: skip


class AccountLoader(Loader):
    fields = (
        EXTERNAL_ID,
        ImportField("name", gettext_lazy("Name"), falls_back_to="external_id",
                    names=("name", "account_name", "company_name", "customer_name", "organization_name",
                           "organisation_name", "client_name", "company", "customer", "organization")),
        ImportField("domain", gettext_lazy("Domain"), "domain",
                    names=("domain", "company_domain_name", "company_domain", "website", "website_url", "domain_names", "web_site")),
        ImportField("segment", gettext_lazy("Segment"), names=("segment", "customer_segment", "account_segment", "tier", "segment_name")),
        ImportField("csm", gettext_lazy("CSM"), names=("csm", "csm_email", "account_manager", "account_owner", "owner_email", "customer_success_manager", "owner"),
                    help=gettext_lazy("The e-mail address of somebody who signs in here.")),
        ImportField("stage", gettext_lazy("Stage"), "choice", words=STAGES,
                    names=("stage", "customer_stage", "lifecycle_stage", "lifecyclestage", "lifecycle")),
        ImportField("currency", gettext_lazy("Currency"), "currency", names=("currency", "currency_code", "billing_currency")),
        ImportField("time_zone", gettext_lazy("Time zone"), "zone", names=("time_zone", "timezone", "tz")),
        ImportField("country", gettext_lazy("Country"), max_length=80, names=("country", "billing_country", "country_code", "country_region")),
        ImportField("industry", gettext_lazy("Industry"), max_length=80, names=("industry", "sector", "vertical")),
        ImportField("started_on", gettext_lazy("Customer since"), "day",
                    names=("started_on", "customer_since", "signup_date", "sign_up_date", "signed_up_at", "signup_at", "start_date",
                           "became_a_customer_date", "joined", "created_at", "created", "created_date", "create_date", "createdate")),
        ImportField("custom", gettext_lazy("Custom fields"), "columns", max_length=20_000,
                    help=gettext_lazy("These columns are kept with the account, by their names.")),
    )  # fmt: skip
    key = ("external_id",)
    signs = frozenset(
        {"account_name", "company_name", "customer_name", "organization_name", "industry", "signup_date", "domain",
         "annualrevenue", "annual_revenue", "segment", "number_of_employees", "shared_tickets", "gender", "tenure"}
    )  # fmt: skip

    def write(self, stage: Stage, *, by: object) -> Counts:
        if "custom" in stage.mapped:  # the columns of this file; those of others stay
            stage.run(f"""UPDATE {ROWS} r SET custom = a.custom || coalesce(r.custom, '{{}}') FROM accounts_account a
                          WHERE a.external_id = r.external_id""")
        names = [f.name for f in stage.fields if f.name != DELETED.name]
        return write_rows(
            stage, names, lambda rows: upsert_accounts(map(_loaded, rows), by=by, source=_("import")), self
        )  # type: ignore[arg-type]

    def touched(self, stage: Stage) -> list[int]:
        return [pk for (pk,) in stage.ask(f"SELECT a.id FROM accounts_account a JOIN {ROWS} r USING (external_id)")]


def _loaded(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("custom"):
        row["custom"] = json.loads(row["custom"])
    return row
