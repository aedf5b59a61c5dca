"""Customers."""

from django.utils.translation import gettext as _, gettext_lazy

from accounts import formats
from accounts.domain.account_rows import COLUMNS, RowCleaner, upsert_accounts_from
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.staging import ROWS, Stage
from accounts.domain.imports.verbs import sentence
from accounts.enums import Stage as CustomerStage
from accounts.exceptions import DomainError

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
    "id",
    required=True,
    names=("external_id", "account_id", "customer_id", "company_id", "organization_id", "organisation_id", "client_id",
           "record_id", "account", "customer", "id"),
    help=gettext_lazy("What your other systems call this customer. It never changes."),
)  # fmt: skip


class AccountLoader(Loader):
    fields = (
        EXTERNAL_ID,
        ImportField("name", gettext_lazy("Name"), "line", falls_back_to="external_id",
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
        ImportField("country", gettext_lazy("Country"), "line", max_length=80, names=("country", "billing_country", "country_code", "country_region")),
        ImportField("industry", gettext_lazy("Industry"), "line", max_length=80, names=("industry", "sector", "vertical")),
        ImportField("channel", gettext_lazy("Channel"), "line", max_length=40, help=gettext_lazy("Where they came from."),
                    names=("channel", "acquisition_channel", "referral_source", "lead_source", "original_source", "source", "utm_source")),
        ImportField("started_on", gettext_lazy("Customer since"), "day",
                    names=("started_on", "customer_since", "signup_date", "sign_up_date", "signed_up_at", "signup_at", "signup", "sign_up",
                           "signed_up", "start_date", "became_a_customer_date", "since", "joined", "created_at", "created", "created_date", "create_date", "createdate")),
        ImportField("custom", gettext_lazy("Custom fields"), "columns", max_length=20_000,
                    help=gettext_lazy("These columns are kept with the account, by their names.")),
    )  # fmt: skip
    key = ("external_id",)
    signs = frozenset(
        {"account_name", "company_name", "customer_name", "organization_name", "industry", "signup_date", "signup", "domain",
         "annualrevenue", "annual_revenue", "segment", "number_of_employees", "shared_tickets", "gender", "tenure"}
    )  # fmt: skip

    def refuse(self, stage: Stage) -> None:
        if "started_on" in stage.mapped:
            stage.refuse(
                "r.started_on < '1970-01-01'", _("Customer since %s: this day is out of reach."), "r.started_on"
            )
        for name in ("segment", "csm"):
            if name in stage.mapped:
                _look_up(stage, self.field(name))

    def write(self, stage: Stage, *, by: object) -> Counts:
        told = {name: f"r.{name}" for name in COLUMNS if name in stage.mapped}
        told |= {f"{name}_id": f"r.{name}_id" for name in ("segment", "csm") if name in stage.mapped}
        if "custom" in told:  # the columns of this file; those of others stay
            told["custom"] = "coalesce(a.custom || r.custom, r.custom, a.custom)"
        values = ", ".join(f"{told.get(name, 'NULL')}::{kind} AS {name}" for name, kind in COLUMNS.items())
        known = "LEFT JOIN accounts_account a USING (external_id)" if "custom" in told else ""
        select = f"SELECT r.row_no AS position, external_id, {values} FROM {ROWS} r {known}"
        written = upsert_accounts_from(select, by=by, source=_("import"))  # type: ignore[arg-type]
        stage.add_refusals((number, sentence(error, self)) for number, error in written.refused)
        return Counts(written.created, written.updated, written.unchanged)

    def touched(self, stage: Stage) -> list[int]:
        return [pk for (pk,) in stage.ask(f"SELECT a.id FROM accounts_account a JOIN {ROWS} r USING (external_id)")]


def _look_up(stage: Stage, declared: ImportField) -> None:
    """Segments and people by what the file calls them: each name is asked for once, by the rule of every door."""
    name, clean = declared.name, RowCleaner()
    called = [value for (value,) in stage.ask(f"SELECT DISTINCT {name} FROM {ROWS} WHERE {name} IS NOT NULL")]
    found, why = zip(*[_known(clean, declared, value) for value in called], strict=True) if called else ((), ())
    known = "(SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS k (called, id, why)) k"
    params = [called, list(found), list(why)]
    stage.refuse(f"k.called = r.{name} AND k.why IS NOT NULL", "%s", "k.why", using=known, params=params)
    stage.run(f"ALTER TABLE {ROWS} ADD COLUMN {name}_id bigint")
    stage.run(f"UPDATE {ROWS} r SET {name}_id = k.id FROM {known} WHERE k.called = r.{name}", params)


def _known(clean: RowCleaner, declared: ImportField, called: str) -> tuple[int | None, str | None]:
    try:
        return clean.value(declared.name, called).pk, None
    except DomainError as error:
        return None, formats.labelled(declared.label, error)
