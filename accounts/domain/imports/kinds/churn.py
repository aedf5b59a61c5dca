"""Why customers left."""

from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.churn import record_churn_events
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.kinds.contacts import ACCOUNT
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.references import resolve_accounts
from accounts.domain.imports.staging import Stage
from accounts.domain.imports.verbs import write_rows
from accounts.enums import ChurnReason

REASONS = {
    **{reason.value: reason.value for reason in ChurnReason},
    "pricing": "price", "too expensive": "price", "budget": "price", "cost": "price", "costs": "price",
    "features": "missing_feature", "feature": "missing_feature", "missing features": "missing_feature",
    "product": "missing_feature", "support": "support_quality", "service": "support_quality",
    "switched to competitor": "competitor", "competition": "competitor", "free": "free_plan", "downgrade": "free_plan",
    "bankrupt": "out_of_business", "closed": "out_of_business", "value": "no_value", "no longer needed": "no_value",
    "not using": "no_value", "unused": "no_value", "unknown": "other",
}  # fmt: skip


class ChurnLoader(Loader):
    fields = (
        ImportField("external_id", gettext_lazy("Event id"), names=("churn_event_id", "event_id", "churn_id", "external_id", "id"),
                    help=gettext_lazy("Without one, an account has one event a day.")),
        ACCOUNT,
        ImportField("occurred_on", gettext_lazy("Day"), "day", required=True,
                    names=("churn_date", "churned_on", "churned_at", "cancellation_date", "canceled_at", "cancelled_at", "date")),
        ImportField("reason", gettext_lazy("Reason"), "choice", words=REASONS, other=ChurnReason.OTHER.value,
                    names=("reason_code", "churn_reason", "reason", "cancellation_reason")),
        ImportField("comment", gettext_lazy("In their words"), max_length=10_000,
                    names=("feedback_text", "feedback", "comment", "comments", "notes", "cancellation_comment")),
    )  # fmt: skip
    signs = frozenset(
        {"churn_event_id", "churn_date", "reason_code", "churn_reason", "cancellation_reason", "feedback_text"}
    )

    called = "r.occurred_on"

    def keys(self, stage: Stage) -> tuple[str, ...]:
        own = "coalesce(external_id, occurred_on::text)" if "external_id" in stage.mapped else "occurred_on"
        return ("account_id", own)

    def refuse(self, stage: Stage) -> None:
        resolve_accounts(stage)
        stage.refuse("r.occurred_on > current_date + 1", _("“%s” has not come yet."), "r.occurred_on")

    def write(self, stage: Stage, *, by: object) -> Counts:
        names = [n for n in ("external_id", "occurred_on", "reason", "comment") if n in stage.mapped]
        return write_rows(stage, ["account_id", *names], record_churn_events, self)
