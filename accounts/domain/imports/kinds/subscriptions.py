"""What customers pay for. Files say it in many ways: a price, a month's worth, a year's worth, how long it has run."""

from django.utils.translation import gettext_lazy

from accounts.domain.churn import give_reasons
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.kinds.churn import REASONS
from accounts.domain.imports.kinds.contacts import ACCOUNT
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.references import resolve_accounts
from accounts.domain.imports.staging import ROWS, Stage
from accounts.domain.imports.verbs import write_rows
from accounts.domain.subscriptions import upsert_subscriptions
from accounts.enums import ChurnReason, Interval, SubscriptionStatus

STATUSES = {
    **{status.value: status.value for status in SubscriptionStatus},
    "trial": "trialing", "in trial": "trialing", "live": "active", "paid": "active", "current": "active",
    "activated": "active", "unpaid": "past_due", "overdue": "past_due", "delinquent": "past_due",
    "cancelled": "canceled", "ended": "canceled", "expired": "canceled", "churned": "canceled", "inactive": "canceled",
    "terminated": "canceled", "incomplete expired": "canceled",
}  # fmt: skip
INTERVALS = {
    **{interval.value: interval.value for interval in Interval},
    "daily": "day", "weekly": "week", "monthly": "month", "months": "month", "month to month": "month", "mo": "month",
    "quarterly": "quarter", "annual": "year", "annually": "year", "yearly": "year", "one year": "year", "yr": "year",
}  # fmt: skip
TERMS = {
    "month to month": "1", "monthly": "1", "month": "1", "1": "1", "quarterly": "3", "3": "3", "6": "6", "half year": "6",
    "one year": "12", "1 year": "12", "annual": "12", "yearly": "12", "12": "12", "12 months": "12",
    "two year": "24", "two years": "24", "2 years": "24", "2 year": "24", "24": "24", "24 months": "24",
    "three years": "36", "3 years": "36", "36": "36", "36 months": "36",
}  # fmt: skip

# A file without dates says that somebody has left, not when: long enough ago not to be news.
LEFT_DAYS_AGO = 30

# Said by the file → what the verb is given is worked out from them.
DERIVED = {"mrr", "arr", "amount", "trial", "churned", "tenure", "deleted"}
ALWAYS = ("account", "external_id", "currency")


class SubscriptionLoader(Loader):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), required=True, falls_back_to="account",
                    names=("subscription_id", "subscription_external_id", "external_id", "contract_id", "contract_number", "subscription", "id"),
                    help=gettext_lazy("Without one of its own, the account's: one subscription each.")),
        ACCOUNT,
        ImportField("plan", gettext_lazy("Plan"), max_length=80,
                    names=("plan", "plan_tier", "plan_name", "plan_key", "plan_id", "product", "product_name", "tier", "package")),
        ImportField("status", gettext_lazy("Status"), "choice", words=STATUSES, names=("status", "subscription_status", "state")),
        ImportField("currency", gettext_lazy("Currency"), "currency", names=("currency", "currency_code"),
                    help=gettext_lazy("If no column says it: the account's.")),
        ImportField("mrr", gettext_lazy("MRR"), "number", minimum=0,
                    names=("mrr", "mrr_amount", "monthly_recurring_revenue", "monthly_charges", "monthly_amount", "monthly_fee",
                           "monthly_price", "monthly_charge", "monthly_revenue"),
                    help=gettext_lazy("What it is worth a month, whatever the seats.")),
        ImportField("arr", gettext_lazy("ARR"), "number", minimum=0, names=("arr", "arr_amount", "annual_recurring_revenue", "acv", "yearly_amount"),
                    help=gettext_lazy("What it is worth a year; used where no MRR is said.")),
        ImportField("amount", gettext_lazy("Price of the whole"), "number", minimum=0,
                    names=("amount", "total_amount", "price", "plan_amount", "recurring_amount"),
                    help=gettext_lazy("Each time it is billed, whatever the seats.")),
        ImportField("unit_amount", gettext_lazy("Price per seat"), "number", minimum=0,
                    names=("unit_amount", "unit_price", "price_per_seat", "seat_price", "price_per_unit"),
                    help=gettext_lazy("Each time it is billed.")),
        ImportField("quantity", gettext_lazy("Seats"), "whole", names=("quantity", "seats", "licenses", "licences", "users", "seat_count")),
        ImportField("interval", gettext_lazy("Billed every"), "choice", words=INTERVALS,
                    names=("interval", "billing_frequency", "billing_interval", "billing_period", "billing_cycle", "frequency", "period")),
        ImportField("interval_count", gettext_lazy("Intervals"), "whole", minimum=1, names=("interval_count",)),
        ImportField("discount_percent", gettext_lazy("Lasting discount, %"), "number", minimum=0, names=("discount_percent",)),
        ImportField("discount_amount", gettext_lazy("Lasting discount, amount"), "number", minimum=0, names=("discount_amount",)),
        ImportField("started_on", gettext_lazy("Started on"), "day",
                    names=("started_on", "start_date", "started_at", "start", "subscription_start", "contract_start_date", "activated_at", "begin_date", "created_at", "created")),
        ImportField("tenure", gettext_lazy("Months so far"), "whole", names=("tenure", "tenure_months", "months", "months_active", "age_months"),
                    help=gettext_lazy("Where no column says when it started.")),
        ImportField("ended_on", gettext_lazy("First day without it"), "day",
                    names=("ended_on", "end_date", "ended_at", "canceled_at", "cancelled_at", "cancellation_date", "churn_date", "contract_end_date", "end")),
        ImportField("churned", gettext_lazy("Has left"), "bool", names=("churned", "churn", "is_churned", "churn_flag", "canceled", "cancelled")),
        ImportField("trial", gettext_lazy("Is a trial"), "bool", names=("is_trial", "trial", "trial_flag", "trialing", "in_trial")),
        ImportField("trial_ends_on", gettext_lazy("Trial ends on"), "day", names=("trial_ends_on", "trial_end", "trial_end_date", "trial_ends_at")),
        ImportField("term_end", gettext_lazy("Term ends on"), "day",
                    names=("term_end", "term_ends_on", "renewal_date", "renews_on", "next_renewal", "current_period_end", "current_term_end")),
        ImportField("term_months", gettext_lazy("Contract"), "choice", words=TERMS, names=("contract", "term", "contract_term", "term_months", "contract_length"),
                    help=gettext_lazy("How long a term is, where no column says when it ends.")),
        ImportField("notice_days", gettext_lazy("Notice, days"), "whole", names=("notice_days", "notice_period_days", "notice_period")),
        ImportField("auto_renew", gettext_lazy("Renews by itself"), "bool", names=("auto_renew", "auto_renew_flag", "autorenew", "auto_renewal", "auto_renews")),
        ImportField("churn_reason", gettext_lazy("Reason for leaving"), "choice", words=REASONS, other=ChurnReason.OTHER.value,
                    names=("churn_reason", "cancellation_reason", "cancel_reason")),
        ImportField("effective_on", gettext_lazy("Counts from"), "day", names=("effective_on", "effective_date", "valid_from"),
                    help=gettext_lazy("Several rows of one subscription, each with its day, tell its history.")),
    )  # fmt: skip
    one_of = (("mrr", "arr", "amount", "unit_amount"), ("started_on", "tenure"))
    called = "r.external_id"
    signs = frozenset(
        {"subscription_id", "mrr", "mrr_amount", "arr", "arr_amount", "billing_frequency", "auto_renew", "auto_renew_flag", "plan_tier",
         "current_period_end", "current_period_start", "trial_end", "contract_start_date", "interval", "unit_amount", "cancel_at_period_end"}
    )  # fmt: skip

    def keys(self, stage: Stage) -> tuple[str, ...]:
        return ("external_id", "effective_on") if "effective_on" in stage.mapped else ("external_id",)

    def refuse(self, stage: Stage) -> None:
        resolve_accounts(stage)

    def write(self, stage: Stage, *, by: object) -> Counts:
        said = {f.name for f in self.fields if f.name in stage.mapped} - DERIVED
        names = sorted(said | set(ALWAYS) | _derive(stage))
        counts = write_rows(stage, names, lambda rows: upsert_subscriptions(rows, by=by), self)  # type: ignore[arg-type]
        give_reasons(self.touched(stage))  # those that an earlier file of churn events has told
        return counts


def _derive(stage: Stage) -> set[str]:
    """Work out what the verb takes from what the file says; the names of what was worked out."""
    for column, kind in (
        ("currency", "text"), ("unit_amount", "numeric"), ("per_seat", "boolean"), ("interval", "text"), ("interval_count", "integer"),
        ("status", "text"), ("started_on", "date"), ("ended_on", "date"), ("term_end", "date"),
    ):  # fmt: skip
        stage.run(f"ALTER TABLE {ROWS} ADD COLUMN IF NOT EXISTS {column} {kind}")
    stage.run(f"""UPDATE {ROWS} r SET account = a.external_id, currency = coalesce(r.currency, s.currency, a.currency)
                  FROM accounts_account a, {ROWS} x LEFT JOIN accounts_subscription s ON s.external_id = x.external_id
                  WHERE a.id = r.account_id AND x.row_no = r.row_no""")
    derived = _price(stage)
    derived |= _days(stage)
    if "trial" in stage.mapped:
        stage.run(f"UPDATE {ROWS} SET status = coalesce(status, 'trialing') WHERE trial AND ended_on IS NULL")
        derived.add("status")
    return derived


def _price(stage: Stage) -> set[str]:
    """One price from whatever is said: a month's worth, a year's, the whole's; of a whole, seats don't matter."""
    month = "CASE coalesce(interval, 'month') WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END"
    for said, amount in (
        ("mrr", f"mrr * {month} * coalesce(interval_count, 1)"),
        ("amount", "amount"),
        ("arr", "arr"),
    ):
        if said not in stage.mapped:
            continue
        every = {"mrr": "CASE WHEN interval IN ('day', 'week') THEN 'month' ELSE interval END", "arr": "'year'"}
        stage.run(f"""UPDATE {ROWS} SET unit_amount = {amount}, per_seat = false, interval = {every.get(said, "interval")}
                      WHERE unit_amount IS NULL AND {said} IS NOT NULL""")
    return {"unit_amount", "per_seat", "interval"}


def _days(stage: Stage) -> set[str]:
    """Start, end and term where the file has no dates for them. What is stored already stays: a file of today
    that says "12 months so far" must not move a start that was worked out last week."""
    derived: set[str] = set()
    left = f"current_date - {LEFT_DAYS_AGO}"
    known = (
        f"FROM {ROWS} x LEFT JOIN accounts_subscription s ON s.external_id = x.external_id WHERE x.row_no = r.row_no"
    )
    if "churned" in stage.mapped:
        derived.add("ended_on")
        stage.run(f"""UPDATE {ROWS} r SET ended_on = coalesce(s.ended_on, {left}) {known}
                      AND r.churned AND r.ended_on IS NULL""")
    if "tenure" in stage.mapped:
        derived.add("started_on")
        until = "coalesce(r.ended_on, current_date)"
        stage.run(f"""UPDATE {ROWS} r SET started_on = coalesce(s.started_on, ({until} - make_interval(months => r.tenure))::date)
                      {known} AND r.started_on IS NULL""")
    if "term_months" in stage.mapped:
        derived.add("term_end")
        term = "make_interval(months => r.term_months::int * (1 + (age.months / r.term_months::int)))"
        stage.run(f"""UPDATE {ROWS} r SET term_end = coalesce(s.term_end, (r.started_on + {term})::date)
                      FROM {ROWS} x LEFT JOIN accounts_subscription s ON s.external_id = x.external_id
                      CROSS JOIN LATERAL (SELECT extract(year FROM span)::int * 12 + extract(month FROM span)::int AS months
                                          FROM age(current_date, x.started_on) AS span) age
                      WHERE x.row_no = r.row_no AND r.term_end IS NULL AND r.ended_on IS NULL AND r.started_on IS NOT NULL""")
    return derived
