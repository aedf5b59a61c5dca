"""Referrals, payments and refunds from files. They end in the verbs that the API ends in."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.account_values import refuse
from accounts.domain.bulk import chunks
from accounts.domain.imports.fields import ImportField
from accounts.domain.imports.loader import Counts, Loader
from accounts.domain.imports.staging import Stage
from accounts.domain.imports.verbs import sentence
from accounts.exceptions import DomainError
from accounts.models import Account
from referrals.domain.bulk.known import Known
from referrals.domain.bulk.naming import Names
from referrals.domain.bulk.paying import record_conversions
from referrals.domain.bulk.referring import Outcome, refer_many
from referrals.domain.bulk.refunding import record_refunds
from referrals.domain.conversions import Payment
from referrals.domain.exactly import in_minor_units
from referrals.domain.refunds import GivenBack
from referrals.domain.signing_up import SignUp
from referrals.models import Program

BATCH = 1000
Row = dict[str, Any]

PROGRAM = ImportField("program", gettext_lazy("Program"), max_length=60, names=("program", "program_key", "campaign", "program_id"),
                      help=gettext_lazy("Its key. Not needed where a code or the customer says which it is."))  # fmt: skip
SOURCE = ImportField(
    "source", gettext_lazy("Source"), max_length=40, default="file", names=("source", "provider", "gateway")
)
CUSTOMER = ImportField("customer", gettext_lazy("Customer"), "id", required=True,
                       names=("customer", "customer_id", "referred_customer", "referee", "account", "account_id", "referred"))  # fmt: skip
CURRENCY = ImportField("currency", gettext_lazy("Currency"), "currency", names=("currency", "currency_code"),
                       help=gettext_lazy("If no column says it: the program's."))  # fmt: skip


class InBatches(Loader):
    """Customers are bound, and money booked, in the order of the file, a thousand rows at a time."""

    def write(self, stage: Stage, *, by: object) -> Counts:
        names = [f.name for f in self.fields if f.name in stage.mapped or f.default is not None]
        counts = Counts()
        # The rows are read before any is written: their cursor would not outlive a savepoint that is taken back.
        for batch in chunks(list(stage.rows(*names)), BATCH):
            outcomes = self.take([_fields(names, values) for _number, *values in batch], by)
            counts += Counts(created=outcomes.count(True), unchanged=outcomes.count(False))
            stage.add_refusals(
                (number, sentence(outcome, self))
                for (number, *_values), outcome in zip(batch, outcomes, strict=True)
                if isinstance(outcome, DomainError)
            )
        return counts

    @abstractmethod
    def take(self, rows: list[Row], by: Any) -> list[Outcome]:
        """Of each row: whether it is new, or why it is refused."""

    def touched(self, stage: Stage) -> list[int]:
        return []


def _fields(names: list[str], values: list[Any]) -> Row:
    return {name: value for name, value in zip(names, values, strict=True) if value not in (None, "")}


def _said(rows: Sequence[Mapping[str, Any]], *names: str) -> set[str]:
    return {row[name] for row in rows for name in names if name in row}


def _in_turn(rows: list[Row], read: Callable[[Row], Any], verb: Callable[[list], list[Outcome]]) -> list[Outcome]:
    """The verb gets what can be read; the rest is refused where it stands."""
    found = [_attempt(read, row) for row in rows]
    outcomes = iter(verb([one for one in found if not isinstance(one, DomainError)]))
    return [one if isinstance(one, DomainError) else next(outcomes) for one in found]


def _attempt(read: Callable[[Row], Any], row: Row) -> Any:
    try:
        return read(row)
    except DomainError as error:
        return error


class ReferralLoader(InBatches):
    fields = (
        CUSTOMER,
        PROGRAM,
        ImportField("code", gettext_lazy("Code"), names=("code", "referral_code", "ref", "link_code", "affiliate_code", "referrer_code")),
        ImportField("coupon", gettext_lazy("Coupon"), names=("coupon", "coupon_code", "promo_code", "discount_code")),
        ImportField("partner", gettext_lazy("Partner's e-mail address"), "email",
                    names=("partner", "partner_email", "referrer", "referrer_email", "affiliate", "affiliate_email")),
        ImportField("name", gettext_lazy("Name"), names=("name", "customer_name", "referred_name", "referee_name")),
        ImportField("email", gettext_lazy("E-mail address"), "email", names=("email", "customer_email", "referred_email", "referee_email")),
        ImportField("account", gettext_lazy("Account"), "id", names=("account_external_id", "external_id"),
                    help=gettext_lazy("Its external id, if it is not the customer's id.")),
        ImportField("signed_up_at", gettext_lazy("Signed up"), "moment", required=True,
                    names=("signed_up_at", "signup_date", "signed_up", "referred_at", "referral_date", "created_at", "date")),
        ImportField("source", gettext_lazy("Source"), max_length=40, names=("source", "tool")),
    )  # fmt: skip
    one_of = (("code", "coupon", "partner"),)
    signs = frozenset({"referral_code", "affiliate", "affiliate_code", "referrer", "referrer_email", "referred_at", "signed_up_at", "referee"})  # fmt: skip

    def take(self, rows: list[Row], by: Any) -> list[Outcome]:
        return refer_many(rows, _known_of, _sign_up, by=by)


def _known_of(rows: Sequence[Mapping[str, Any]]) -> Known:
    known = Known()
    known.ask_accounts(_said(rows, "customer", "account"))
    known.ask_referrals(_said(rows, "customer"))
    known.ask_codes(_said(rows, "code", "coupon"), _said(rows, "partner"))
    known.ask_programs_of(_said(rows, "partner"))
    known.ask_pauses(known.partners)
    return known


def _sign_up(fields: Mapping[str, Any], known: Known) -> SignUp:
    names = Names(known)
    program = _program_of_referral(fields, names)
    told = {name: fields[name] for name in ("code", "coupon", "name", "email", "source") if name in fields}
    if not {"code", "coupon"} & told.keys() and "partner" in fields:
        told["code"] = _code_of(program, fields["partner"], known)
    account = _account(fields["account"], known) if "account" in fields else None
    return SignUp(program, fields["customer"], fields["signed_up_at"], account=account, **told)


def _program_of_referral(fields: Mapping[str, Any], names: Names) -> Program:
    if not {"program", "code", "coupon"} & fields.keys() and "partner" in fields:
        return names.of_partner(fields["partner"]) or names.program_of(fields)
    return names.program_of(fields)


def _code_of(program: Program, email: str, known: Known) -> str:
    if (code := known.code_of(program, email)) is None:
        raise refuse(
            "partner", _("No partner of the program has the address “%(email)s” and a code.") % {"email": email}
        )
    return code.code


def _account(external_id: str, known: Known) -> Account:
    if (account := known.account(external_id)) is None:
        raise refuse("account", _("There is no account “%(id)s”.") % {"id": external_id})
    return account


class ConversionLoader(InBatches):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), "id", required=True,
                    names=("external_id", "conversion_id", "charge_id", "payment_id", "invoice_id", "order_id", "transaction_id", "id")),
        CUSTOMER,
        PROGRAM,
        SOURCE,
        ImportField("amount", gettext_lazy("Amount"), "number", required=True, minimum=0,
                    names=("amount", "gross", "total", "order_total", "amount_paid")),
        ImportField("tax", gettext_lazy("Tax"), "number", minimum=0, names=("tax", "vat", "tax_amount")),
        ImportField("discount", gettext_lazy("Discount"), "number", minimum=0, names=("discount", "discount_amount")),
        CURRENCY,
        ImportField("occurred_at", gettext_lazy("When"), "moment", required=True,
                    names=("occurred_at", "paid_at", "charged_at", "order_date", "created_at", "date")),
    )  # fmt: skip
    key = ("external_id",)
    signs = frozenset({"conversion_id", "charge_id", "order_id", "order_total", "customer", "tax", "discount"})

    def keys(self, stage: Stage) -> tuple[str, ...]:
        return tuple(
            name for name in ("program", "source", "external_id") if name in stage.mapped or name == "external_id"
        )

    def take(self, rows: list[Row], by: Any) -> list[Outcome]:
        known = Known()
        if any("program" not in row for row in rows):
            known.ask_accounts(_said(rows, "customer"))
            known.ask_referrals(_said(rows, "customer"))
        names = Names(known, _said(rows, "external_id"))
        return _in_turn(rows, lambda row: _payment(row, names), lambda payments: record_conversions(payments, by=by))


def _payment(fields: Row, names: Names) -> Payment:
    program = names.program_of(fields)
    currency = fields.get("currency", program.currency)
    amount, tax, discount = (_units(fields, name, currency) for name in ("amount", "tax", "discount"))
    return Payment(
        program, fields["source"], fields["external_id"], fields["customer"], fields["occurred_at"],
        amount, currency, tax, discount,
    )  # fmt: skip


class RefundLoader(InBatches):
    fields = (
        ImportField("external_id", gettext_lazy("External id"), "id", required=True, names=("external_id", "refund_id", "credit_note_id", "id")),
        ImportField("conversion", gettext_lazy("Payment"), "id", required=True,
                    names=("conversion", "conversion_id", "payment", "payment_id", "charge", "charge_id", "invoice_id", "order_id")),
        PROGRAM,
        SOURCE,
        ImportField("amount", gettext_lazy("Amount"), "number", minimum=0, names=("amount", "refunded", "refund_amount", "amount_refunded"),
                    help=gettext_lazy("Without tax; all that is left of the payment, where nothing says it.")),
        CURRENCY,
        ImportField("occurred_at", gettext_lazy("When"), "moment", required=True, names=("occurred_at", "refunded_at", "created_at", "date")),
    )  # fmt: skip
    key = ("external_id",)
    signs = frozenset({"refund_id", "refunded_at", "refund_amount", "credit_note_id", "amount_refunded"})

    keys = ConversionLoader.keys

    def take(self, rows: list[Row], by: Any) -> list[Outcome]:
        names = Names(Known(), _said(rows, "conversion"))
        return _in_turn(rows, lambda row: _refund(row, names), lambda refunds: record_refunds(refunds, by=by))


def _refund(fields: Row, names: Names) -> GivenBack:
    source, conversion = fields["source"], fields["conversion"]
    program, known = names.program_of_payment(fields.get("program", ""), source, conversion)
    currency = fields.get("currency") or known or program.currency
    amount = _units(fields, "amount", currency) if "amount" in fields else None
    return GivenBack(program, source, fields["external_id"], conversion, fields["occurred_at"], amount)


def _units(fields: dict[str, Any], name: str, currency: str) -> int:
    """None said is none paid."""
    return in_minor_units(Decimal(fields.get(name, 0)).normalize(), currency, field=name)
