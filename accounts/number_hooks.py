"""The numbers on the ground floor: key figures with their goals, the rules they are figured with, where they are."""

from django.utils.translation import gettext_lazy as _

from accounts.domain.numbers import journeys, keeping, kpis as figures
from accounts.registry import (
    AccountsBehind,
    Kpi,
    MailKind,
    NavItem,
    Rule,
    RuleGroup,
    SettingsLink,
    accounts_behind,
    kpis,
    mail_kinds,
    navigation,
    rule_groups,
    rules,
    settings_links,
)

STABILITY, FIT, PROFIT = "stability", "fit", "profit"
ONBOARDING, RETENTION, EXPANSION = "onboarding", "retention", "expansion"
PERCENT = "%"

navigation.add(NavItem("numbers", _("Numbers"), "numbers:board", "chart", 70, permission="numbers.view"))
settings_links.add(
    SettingsLink("costs", _("Costs"), "settings:costs", "data", 60, "cost.manage", _("What winning and keeping customers costs, by month."), "card"),
)  # fmt: skip

mail_kinds.add(MailKind("numbers", _("Weekly numbers")))
rule_groups.add(
    RuleGroup("numbers", _("Numbers"), _("What lifetime values and costs are figured with, and the goals."), 80)
)
rules.add(
    Rule("numbers.margin", _("Gross margin"), 85, least=1, most=100, unit=PERCENT, help=_("What is left of each payment."), position=10),
    Rule("numbers.discount", _("Discount rate"), 8, least=0, most=100, unit=PERCENT, help=_("What money is worth less a year from now."), position=20),
    Rule("numbers.horizon", _("Horizon of lifetime values"), 60, least=1, most=240, unit=_("months"), position=30),
    Rule("numbers.hour_cost", _("An hour of the team"), 60, least=0, most=10_000, help=_("In the reporting currency; logged minutes cost as much."), position=40),
    Rule("numbers.trial_days", _("Trials count as won within"), 30, least=1, most=365, unit=_("days"), position=50),
    Rule("numbers.goal_nrr", _("Goal: net retention"), 100, least=0, most=500, unit=PERCENT, position=110),
    Rule("numbers.goal_grr", _("Goal: gross retention"), 90, least=0, most=100, unit=PERCENT, position=120),
    Rule("numbers.goal_churn", _("Goal: customer churn a month, at most"), 2, least=0, most=100, unit=PERCENT, position=130),
    Rule("numbers.goal_quick", _("Goal: quick ratio"), 4, least=0, most=100, position=140),
    Rule("numbers.goal_renewals", _("Goal: renewal rate"), 90, least=0, most=100, unit=PERCENT, position=150),
    Rule("numbers.goal_trials", _("Goal: trials that become customers"), 25, least=0, most=100, unit=PERCENT, position=160),
    Rule("numbers.goal_ltv_cac", _("Goal: LTV to CAC"), 3, least=0, most=100, position=170),
    Rule("numbers.goal_payback", _("Goal: months to payback, at most"), 12, least=0, most=120, unit=_("months"), position=180),
)  # fmt: skip

kpis.add(
    Kpi("mrr", _("MRR"), _("Monthly recurring revenue at the end of the month."), "money", figures.mrr, (STABILITY, PROFIT), (RETENTION,), position=10),
    Kpi("customers", _("Customers"), _("Accounts that pay at the end of the month."), "number", figures.customers, (FIT,), (RETENTION,), position=20),
    Kpi("nrr", _("Net revenue retention"), _("What customers of a year ago pay today, of what they paid then."), "share", figures.nrr, (STABILITY, FIT), (RETENTION, EXPANSION), "numbers.goal_nrr", position=30),
    Kpi("grr", _("Gross revenue retention"), _("The same, where nobody counts more than they paid."), "share", figures.grr, (STABILITY,), (RETENTION,), "numbers.goal_grr", position=40),
    Kpi("churn", _("Customer churn"), _("Customers of the month's start that are gone at its end."), "share", figures.churn, (STABILITY, FIT), (RETENTION,), "numbers.goal_churn", "down", 50),
    Kpi("mrr_churn", _("MRR churn"), _("MRR lost and shrunk, of that at the month's start."), "share", figures.mrr_churn, (STABILITY,), (RETENTION,), good="down", position=60),
    Kpi("renewal_rate", _("Renewal rate"), _("Of the terms that ended and are decided, what was kept."), "share", journeys.renewal_rate, (STABILITY,), (RETENTION,), "numbers.goal_renewals", position=70),
    Kpi("trials", _("Trial conversion"), _("Trials begun in the month that became customers in time."), "share", journeys.trial_conversion, (FIT,), (ONBOARDING,), "numbers.goal_trials", position=80),
    Kpi("quick_ratio", _("Quick ratio"), _("MRR won for each that is lost."), "times", figures.quick_ratio, (FIT,), (EXPANSION,), "numbers.goal_quick", position=90),
    Kpi("expansion", _("Expansion MRR"), _("What customers added in the month."), "money", figures.expansion, (FIT,), (EXPANSION,), position=100),
    Kpi("net_negative", _("Expansion over churn"), _("Over 100% the customers there are make up for those who leave."), "share", figures.net_negative, (STABILITY,), (EXPANSION,), position=110),
    Kpi("arpa", _("MRR per account"), _("ARPA: MRR by paying account."), "money", figures.arpa, (PROFIT,), (EXPANSION,), position=120),
    Kpi("ltv", _("Lifetime value"), _("What a customer brings before it leaves, after costs of delivery."), "money", figures.lifetime_value, (PROFIT,), (RETENTION,), position=130),
    Kpi("cac", _("Cost of a new customer"), _("CAC: marketing and sales by new customer, over twelve months."), "money", figures.cac, (PROFIT,), (ONBOARDING,), good="down", position=140),
    Kpi("ltv_cac", _("LTV to CAC"), _("How many times a customer brings back what it cost to win it."), "times", figures.ltv_to_cac, (PROFIT,), (), "numbers.goal_ltv_cac", position=150),
    Kpi("payback", _("Payback"), _("Months until a new customer has earned what it cost."), "months", figures.payback, (PROFIT,), (ONBOARDING,), "numbers.goal_payback", "down", 160),
    Kpi("crc", _("Cost of keeping a customer"), _("CRC: logged time and programs by customer kept, over twelve months."), "money", figures.crc, (PROFIT,), (RETENTION,), good="down", position=170),
    Kpi("ltv_crc", _("LTV to CRC"), _("What a customer brings for each year's cost of keeping it."), "times", figures.ltv_to_crc, (PROFIT,), (), position=180),
)  # fmt: skip
KEEPING = (("kept", _("Customers kept"), "number"), ("hours", _("Hours logged"), "hours"),
           ("before", _("MRR a year before"), "money"), ("after", _("MRR at the end"), "money"))  # fmt: skip
accounts_behind.add(
    AccountsBehind("trials", _("Trial conversion"), (("trials", _("Have had their time"), "number"), ("won", _("Became customers in time"), "number")), page=journeys.who_tried),
    AccountsBehind("terms", _("Renewal rate"), (("terms", _("Terms decided"), "number"), ("due", _("MRR due"), "money"), ("kept", _("MRR kept"), "money")), page=journeys.who_decided),
    AccountsBehind("keeping", _("Cost of keeping a customer"), KEEPING, page=keeping.who_was_kept),
    AccountsBehind("ltv_crc", _("LTV to CRC"), KEEPING, page=keeping.who_lived_and_was_kept),
)  # fmt: skip
