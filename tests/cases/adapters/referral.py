"""Cases of referrals: each type feeds the rules and verbs that pages and the API use."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from model_bakery import baker

from accounts.models import Account
from referrals.domain import commission, fraud, payouts, reviewing
from referrals.domain.attribution import Touch, credited
from referrals.domain.checking import check_ledger
from referrals.domain.clawback import claw_back_churned
from referrals.domain.clicks import is_a_persons
from referrals.domain.partners import pause
from referrals.domain.signing_up import SignUp, refer
from referrals.enums import Attribution, CommissionKind, IncentiveKind, TierMode
from referrals.models import Click, Incentive, LedgerEntry, Partner, Payout, PayoutItem, Program
from tests.referrals.money import ledger, make_partner, make_program, make_referral, pay, refund


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def earns(amount: int, rate: str) -> int:
    return commission.rounded(commission.share(amount, rate))


# Arithmetic ------------------------------------------------------------------------------------------


def percent(given: dict) -> Any:
    return {"commission": [earns(amount, rate) for amount, rate in given["samples"]]}


def net(given: dict) -> Any:
    base = commission.base(given["gross"], given.get("tax", 0), given.get("discount", 0), given.get("refunded", 0))
    return {"base": base, "commission": earns(base, given["rate"])}


def recurring(given: dict) -> Any:
    first, months = date.fromisoformat(given["first"]), given["months"]
    paid = [day for day in given["invoices"] if commission.still_earns(date.fromisoformat(day), first, months)]
    each = earns(given["amount"], given["rate"])
    return {"paid_count": len(paid), "total": each * len(paid), "last_paid": paid[-1] if paid else None}


def tiers(given: dict) -> Any:
    read = commission.Tier.read({"up_to": up_to, "rate": rate} for up_to, rate in given["tiers"])
    return {mode.value: commission.tiered(read, given["sales"], given["amount"], mode) for mode in TierMode}


def cap(given: dict) -> Any:
    earned, accrued = given["earned"], []
    for amount in given["next"]:
        accrued.append(commission.capped(amount, earned, given["cap"]))
        earned += accrued[-1]
    return {"accrued": accrued}


# Whose ------------------------------------------------------------------------------------------------


def attribution(given: dict) -> Any:
    touches = [Touch(partner, moment(at)) for partner, at in given["clicks"]]

    def winners(mode: str) -> list[Any]:
        found = [credited(touches, moment(at), given["window_days"], mode) for at in given["signups"]]
        return [touch.partner if touch else None for touch in found]

    return {"last": winners(Attribution.LAST), "first": winners(Attribution.FIRST)}


def click(partner: Partner, at: str) -> str:
    row = baker.make(Click, partner=partner, code=partner.codes.get(), key=f"{partner.pk}-{at}", occurred_at=moment(at))
    return row.key


def binding(given: dict) -> Any:
    program = make_program(window_days=given["window_days"], rate=given["rate"])
    partners = {given[name][0]: make_partner(program, given[name][0]) for name in ("click", "later_click")}
    first, later = (click(partners[given[name][0]], given[name][1]) for name in ("click", "later_click"))
    referral, _new = refer(SignUp(program, "c", moment(given["signup"]), clicks=[first]))
    refer(SignUp(program, "c", moment(given["payments"][0]), clicks=[first, later]))
    paid = [pay(referral, given["amount"], at) for at in given["payments"]]
    return {"partner": [row.partner.name for row in paid], "commission": [row.commission for row in paid]}


def inactive(given: dict) -> Any:
    program = make_program()
    partner = make_partner(program)
    bound = make_referral(partner, "bound")
    pause(partner, "on leave", since=moment(given["deactivated"]))
    binds, earned, keys = False, False, []
    for what, at in given["events"]:
        if what == "click":
            keys.append(click(partner, at))
        elif what == "signup":
            binds = binds_now(SignUp(program, "new", moment(at), clicks=keys))
        else:
            earned = pay(bound, 10_000, at).commission > 0
    return {"binds": binds, "commission_on_bound": earned}


def binds_now(sign_up: SignUp) -> bool:
    from accounts.exceptions import DomainError

    try:
        return refer(sign_up)[1]
    except DomainError:
        return False


# Fraud ------------------------------------------------------------------------------------------------

WORDS = {"denied": "deny", "held": "hold", "review": "review", "clear": "ok"}


def verdict(partner: fraud.Seen, customer: fraud.Seen) -> str:
    return WORDS[fraud.outcome(fraud.flags(partner, customer)).value]


def fraud_email(given: dict) -> Any:
    return {"results": [verdict(fraud.Seen(theirs), fraud.Seen(customer)) for theirs, customer in given["tries"]]}


def fraud_self_scope(given: dict) -> Any:
    program = make_program()
    credited_to = make_partner(program, given["attributed"])
    buyer = make_partner(program, given["buyer_is_partner"], email="pat@elsewhere.example")
    keys = [click(credited_to, "2026-01-01T00:00Z")]
    referral, _new = refer(SignUp(program, "c", moment("2026-01-02T00:00Z"), clicks=keys, email=buyer.email))
    return {"result": WORDS[referral.review]}


def coupon_leak(given: dict) -> Any:
    return {"flag": [fraud.coupon_leaks(sales, without) for sales, without in given["samples"]]}


# The ledger ---------------------------------------------------------------------------------------------


def idempotent(given: dict) -> Any:
    program = make_program(rate=given["rate"])
    partners = {name: make_partner(program, name) for name in dict.fromkeys(event[2] for event in given["events"])}
    referrals = {name: make_referral(partner) for name, partner in partners.items()}
    for source, external_id, name, amount in given["events"]:
        pay(referrals[name], amount, source=source, external_id=external_id)
    accrued = {name: sum(amount for _kind, amount in ledger(partner)) for name, partner in partners.items()}
    return {
        "accruals": LedgerEntry.objects.count(),
        "total": sum(accrued.values()),
        "by_partner": {name: amount for name, amount in accrued.items() if amount},
    }


class Books:
    """A partner, and what happens to them."""

    def __init__(self, given: dict) -> None:
        self.program = make_program(hold_days=given["hold_days"], min_payout=given["min_payout"])
        method = {} if given.get("method", True) else {"payout_method": ""}
        self.partner = make_partner(self.program, **method)
        self.sales: dict[str, Any] = {}

    def sale(self, event: dict) -> None:
        Program.objects.filter(pk=self.program.pk).update(rate=event["rate"])
        referral = make_referral(self.partner)
        referral.program.refresh_from_db()
        self.sales[event["ref"]] = pay(referral, event["base"], event["at"])

    def refund(self, event: dict) -> None:
        sale = self.sales[event["ref"]]
        sale.refresh_from_db()
        refund(sale, event["amount"], event["at"])

    def payout_run(self, event: dict) -> None:
        payouts.make_batch(self.program, at=moment(event["at"]))

    def payout_failed(self, event: dict) -> None:
        payouts.mark_failed(Payout.objects.order_by("pk")[event["payout"]], "bounced", at=moment(event["at"]))

    def adjustment(self, event: dict) -> None:
        payouts.adjust(self.partner.pk, event["amount"], "by hand", at=moment(event["at"]))

    def hold(self, event: dict) -> None:
        reviewing.hold(self.sales[event["ref"]].referral, "by hand")

    def release(self, event: dict) -> None:
        reviewing.approve(self.sales[event["ref"]].referral, "by hand")


def books(given: dict) -> Any:
    kept = Books(given)
    for event in given["entries"]:
        getattr(kept, event["kind"])(event)
        assert not check_ledger()
    entries = ledger(kept.partner)
    return {
        "balance": sum(amount for _kind, amount in entries),
        "payouts": list(Payout.objects.order_by("pk").values_list("amount", flat=True)),
        "entries": [list(entry) for entry in entries],
    }


def owed(partner: Partner, amount: int) -> None:
    """So much is available."""
    if amount > 0:
        Program.objects.filter(pk=partner.program_id).update(rate=100)
        partner.program.refresh_from_db()
        pay(make_referral(partner), amount)
    else:
        payouts.adjust(partner.pk, amount, "owed from before")


def batch(given: dict) -> Any:
    program = make_program(min_payout=given["min_payout"])
    for name, amount, method in given["partners"]:
        owed(make_partner(program, name, **({} if method else {"payout_method": ""})), amount)
    made = payouts.make_batch(program)
    paid = [[row.name, row.amount] for row in made.payouts.order_by("partner")] if made else []
    again = payouts.make_batch(program)
    return {
        "paid": paid,
        "total": made.total if made else 0,
        "second_run": [[row.name, row.amount] for row in again.payouts.all()] if again else [],
    }


def batch_race(given: dict) -> Any:
    """One after the other, from what each had read before: the real race is in tests/services."""
    partner = make_partner()
    for amount in given["entries"]:
        owed(partner, amount)
    for _worker in range(given["workers"]):
        with transaction.atomic():
            payouts.make_batch(partner.program)
    items = PayoutItem.objects.count()
    return {
        "entry_in_payouts": items / len(given["entries"]),
        "payout_total": sum(Payout.objects.values_list("amount", flat=True)),
    }


# Customers who leave, and what both sides get --------------------------------------------------------------


def bounty(given: dict) -> Any:
    fields = {"commission": CommissionKind.BOUNTY, "amount": given["bounty"], "clawback_days": given["retain_days"]}
    partner = make_partner(make_program(**fields))
    kept = []
    for customer in given["customers"]:
        account = baker.make(Account, external_id=f"c{len(kept)}", name="Acme", stage="active")
        referral = make_referral(partner, account=account, signed_up_at=moment(customer["signed"]))
        pay(referral, 10_000, customer["signed"])
        if customer["cancelled"]:
            Account.objects.filter(pk=account.pk).update(stage="churned", churned_on=customer["cancelled"])
            claw_back_churned([account.pk])
        kept.append(sum(row.amount for row in referral.entries.all()))
    return {"kept": kept}


def double(given: dict) -> Any:
    program = make_program(
        rate=given["rate"], friend_gets=IncentiveKind.PERCENT, friend_percent=given["friend_discount"],
        friend_months=given["friend_months"], referrer_gets=IncentiveKind.CREDIT, referrer_amount=given["credit"],
    )  # fmt: skip
    partner = make_partner(program)
    code = partner.codes.get().code
    referral, _new = refer(SignUp(program, "friend", moment("2026-01-01T00:00Z"), code=code))
    discount = referral.incentives.get(side="friend")
    pays, earned, credit = [], [], []
    for nth, state in enumerate(given["invoices"], 1):
        before = Incentive.objects.filter(side="referrer").count()
        price = commission.discounted(given["price"], discount.percent, discount.months, nth)
        at = (moment("2026-01-01T00:00Z") + timedelta(days=30 * nth)).isoformat()
        earned.append(pay(referral, price, at).commission if state == "paid" else 0)
        pays.append(price)
        new = Incentive.objects.filter(side="referrer").count() - before
        credit.append(Incentive.objects.get(side="referrer").amount if new else 0)
    return {"friend_pays": pays, "commission": earned, "referrer_credit": credit}


# Clicks -------------------------------------------------------------------------------------------------


def click_filter(given: dict) -> Any:
    """Whoever asks is led on; of people's visits each visitor's count once in so many hours."""
    people = [agent for method, agent in given["requests"] if is_a_persons(method, {"User-Agent": agent})]
    counted = len(set(people)) if given["same_visitor_last_two"] else len(people)
    return {"clicks": counted, "redirects": len(given["requests"])}


ADAPTERS: dict[str, Callable[[dict], Any]] = {
    "percent": percent,
    "net": net,
    "recurring": recurring,
    "tiers": tiers,
    "cap": cap,
    "attribution": attribution,
    "binding": binding,
    "inactive": inactive,
    "fraud_email": fraud_email,
    "fraud_self_scope": fraud_self_scope,
    "coupon_leak": coupon_leak,
    "idempotent": idempotent,
    "ledger": books,
    "batch": batch,
    "batch_race": batch_race,
    "bounty": bounty,
    "double": double,
    "click_filter": click_filter,
}
