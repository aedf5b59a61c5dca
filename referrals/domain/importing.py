"""Referrals, payments and refunds from files. They end in the verbs that the API ends in."""

from abc import abstractmethod
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _, gettext_lazy

from accounts.domain.account_values import refuse
from accounts.domain.imports.fields import Counts, ImportField, Loader
from accounts.domain.imports.staging import Stage
from accounts.domain.imports.verbs import sentence
from accounts.exceptions import DomainError
from accounts.models import Account
from referrals.domain.conversions import Payment, record_conversion
from referrals.domain.exactly import in_minor_units
from referrals.domain.fraud import normalise
from referrals.domain.naming import program_called, program_of, program_of_payment
from referrals.domain.refunds import GivenBack, record_refund
from referrals.domain.signing_up import SignUp, refer
from referrals.models import Code, Program

PROGRAM = ImportField("program", gettext_lazy("Program"), max_length=60, names=("program", "program_key", "campaign", "program_id"),
                      help=gettext_lazy("Its key. Not needed where a code or the customer says which it is."))  # fmt: skip
SOURCE = ImportField(
    "source", gettext_lazy("Source"), max_length=40, default="file", names=("source", "provider", "gateway")
)
CUSTOMER = ImportField("customer", gettext_lazy("Customer"), "id", required=True,
                       names=("customer", "customer_id", "referred_customer", "referee", "account", "account_id", "referred"))  # fmt: skip
CURRENCY = ImportField("currency", gettext_lazy("Currency"), "currency", names=("currency", "currency_code"),
                       help=gettext_lazy("If no column says it: the program's."))  # fmt: skip


class OneByOne(Loader):
    """Each row is a verb of its own, in a savepoint of its own: customers are bound, and money booked, in the order
    of the file."""

    def write(self, stage: Stage, *, by: object) -> Counts:
        names = [f.name for f in self.fields if f.name in stage.mapped or f.default is not None]
        counts, refused = Counts(), []
        programs: dict[str, Program] = {}
        for number, *values in _all(stage, names):
            fields = {name: value for name, value in zip(names, values, strict=True) if value not in (None, "")}
            try:
                with transaction.atomic():
                    new = self.take(fields, programs, by)
            except DomainError as error:
                refused.append((number, sentence(error, self)))
            else:
                counts += Counts(created=int(new), unchanged=int(not new))
        stage.add_refusals(refused)
        return counts

    @abstractmethod
    def take(self, fields: dict[str, Any], programs: dict[str, Program], by: Any) -> bool:
        """One row, by its verb: whether it is new."""

    def touched(self, stage: Stage) -> list[int]:
        return []


def _all(stage: Stage, names: list[str]) -> Iterator[tuple]:
    """The rows are read before any is written: their cursor would not outlive a savepoint that is taken back."""
    return iter(list(stage.rows(*names)))


def _program(fields: dict[str, Any], programs: dict[str, Program]) -> Program:
    """As naming.program_of(), asked once for each key that the file names."""
    slug = fields.get("program", "")
    if not slug:
        return program_of(fields)
    if slug not in programs:
        programs[slug] = program_called(slug)
    return programs[slug]


class ReferralLoader(OneByOne):
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

    def take(self, fields: dict[str, Any], programs: dict[str, Program], by: Any) -> bool:
        program = self._program(fields, programs)
        told = {name: fields[name] for name in ("code", "coupon", "name", "email", "source") if name in fields}
        if not {"code", "coupon"} & told.keys() and "partner" in fields:
            told["code"] = _code_of(program, fields["partner"])
        account = _account(fields["account"]) if "account" in fields else None
        return refer(SignUp(program, fields["customer"], fields["signed_up_at"], account=account, **told), by=by)[1]

    def _program(self, fields: dict[str, Any], programs: dict[str, Program]) -> Program:
        if "program" in fields or {"code", "coupon"} & fields.keys() or "partner" not in fields:
            return _program(fields, programs)
        theirs = Program.objects.filter(partners__email_key=normalise(fields["partner"])).distinct()[:2]
        return theirs[0] if len(theirs) == 1 else program_of(fields)


def _code_of(program: Program, email: str) -> str:
    codes = Code.objects.filter(partner__program=program, partner__email_key=normalise(email), active=True)
    if (code := codes.order_by("pk").first()) is None:
        raise refuse(
            "partner", _("No partner of the program has the address “%(email)s” and a code.") % {"email": email}
        )
    return code.code


def _account(external_id: str) -> Account:
    if (account := Account.objects.filter(external_id=external_id).first()) is None:
        raise refuse("account", _("There is no account “%(id)s”.") % {"id": external_id})
    return account


class ConversionLoader(OneByOne):
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

    def take(self, fields: dict[str, Any], programs: dict[str, Program], by: Any) -> bool:
        program = _program(fields, programs)
        currency = fields.get("currency", program.currency)
        amount, tax, discount = (_units(fields, name, currency) for name in ("amount", "tax", "discount"))
        payment = Payment(
            program, fields["source"], fields["external_id"], fields["customer"], fields["occurred_at"],
            amount, currency, tax, discount,
        )  # fmt: skip
        return record_conversion(payment, by=by)[1]


class RefundLoader(OneByOne):
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

    def take(self, fields: dict[str, Any], programs: dict[str, Program], by: Any) -> bool:
        source, conversion = fields["source"], fields["conversion"]
        program, known = program_of_payment(fields.get("program", ""), source, conversion)
        currency = fields.get("currency") or known or program.currency
        amount = _units(fields, "amount", currency) if "amount" in fields else None
        return record_refund(
            GivenBack(program, source, fields["external_id"], conversion, fields["occurred_at"], amount), by=by
        )[1]


def _units(fields: dict[str, Any], name: str, currency: str) -> int:
    """None said is none paid."""
    return in_minor_units(Decimal(fields.get(name, 0)).normalize(), currency, field=name)
