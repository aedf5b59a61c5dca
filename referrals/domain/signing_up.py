"""A sign-up through a partner: whose customer it is, once and for good (RULES 6, R5 and R8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import clean_external_id
from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.contacts import clean_email
from accounts.domain.text import one_line
from accounts.exceptions import Conflict, DomainError
from accounts.models import Account
from referrals.domain import fraud, traces
from referrals.domain.asking import DATABASE, Asking
from referrals.domain.attribution import Touch, credited, is_live
from referrals.domain.codes import no_such_code
from referrals.domain.holding import note_finished_before, refresh_held
from referrals.domain.incentives import grant
from referrals.domain.partners import referring_at
from referrals.domain.programs import is_open
from referrals.domain.telling import facts_of, flags_in_words, told
from referrals.enums import Channel, FlagReason, Review, Side
from referrals.models import Click, Code, Incentive, Program, Referral

AHEAD = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_CLICKS = 100


@dataclass(frozen=True)
class SignUp:
    """What is known of somebody who signed up. `clicks`: keys that the landing page was given, oldest first."""

    program: Program
    customer: str
    signed_up_at: datetime
    clicks: Sequence[str] = ()
    code: str = ""
    coupon: str = ""
    name: str = ""
    email: str = ""
    account: Account | None = None
    ip: str = ""
    device: str = ""
    channel: str = ""
    source: str = ""


@dataclass(frozen=True)
class Credit:
    """Whose code or click it is."""

    code: Code
    click: Click | None = None
    coupon: bool = False
    clicked_before: bool = True
    channel: str = field(default=Channel.LINK)


@transaction.atomic
def refer(sign_up: SignUp, *, by: Who = None) -> tuple[Referral, bool]:
    """The customer's referral, and whether it is new. Who is bound stays bound, whatever comes later."""
    sign_up = clean(sign_up)
    if known := bound(sign_up.program, sign_up.customer, sign_up.account):
        return complete(known, sign_up, by=by), False
    credit = credit_of(sign_up)
    flags = flags_of(sign_up, credit)
    try:
        with transaction.atomic():
            if FlagReason.COUPON_LEAK in flags:
                hold_the_others([credit.code])
            referral = referred(sign_up, credit, flags)
            referral.save(force_insert=True)
    except IntegrityError:  # somebody else binds the same customer in this very moment
        if first := bound(sign_up.program, sign_up.customer, sign_up.account):
            return first, False
        raise
    note_finished_before([referral.pk])
    refresh_held([referral.pk], by=by)
    referral.refresh_from_db(fields=["held", "onboarded_at"])
    _tell(referral, by)
    if referral.review != Review.DENIED:
        grant(referral, Side.FRIEND, first_payment=None, by=by)
    return referral, True


def bound(program: Program, customer: str, account: Account | None = None) -> Referral | None:
    return DATABASE.bound(program, customer, account)


def complete(referral: Referral, sign_up: SignUp, *, by: Who = None) -> Referral:
    """What is known now and was not before: the account, a name, an address. Never whose customer it is."""
    changed = [name for name in ("name", "email") if getattr(sign_up, name) and not getattr(referral, name)]
    for name in changed:
        setattr(referral, name, getattr(sign_up, name))
    if changed:
        referral.save(update_fields=changed)
    if sign_up.account and referral.account_id is None:
        attach({referral.pk: sign_up.account.pk}, by=by)
        referral.refresh_from_db()
    return referral


def attach(accounts: dict[int, int], *, by: Who = None) -> None:
    """By referral: the account that it has become. One that is referred already in the program stays as it is."""
    taken = set(Referral.objects.filter(account__in=accounts.values()).values_list("program", "account"))
    rows = Referral.objects.filter(pk__in=accounts, account=None).select_related("partner", "program").order_by("pk")
    changed = []
    for referral in rows.select_for_update(no_key=True, of=("self",)):
        account_id = accounts[referral.pk]
        if (referral.program_id, account_id) not in taken:
            taken.add((referral.program_id, account_id))
            referral.account_id = account_id
            changed.append(referral)
    Referral.objects.bulk_update(changed, ["account"])
    theirs = Incentive.objects.filter(referral__in=changed, side=Side.FRIEND, account=None)
    theirs.update(account_id=Subquery(Referral.objects.filter(pk=OuterRef("referral")).values("account")[:1]))
    record_many([Fact(r.account_id, "referral.bound", told(r)) for r in changed if r.account_id], by=by)
    note_finished_before([r.pk for r in changed])
    refresh_held([r.pk for r in changed], by=by)


# What came in -------------------------------------------------------------------------------------------------


def clean(sign_up: SignUp, ask: Asking = DATABASE) -> SignUp:
    at = moment("signed_up_at", sign_up.signed_up_at)
    email = clean_email(sign_up.email) if sign_up.email else ""
    channel = sign_up.channel if sign_up.channel in Channel.values else ""
    customer = customer_of(sign_up.customer)
    return SignUp(
        sign_up.program, customer, at, tuple(sign_up.clicks)[:MOST_CLICKS], sign_up.code, sign_up.coupon,
        one_line(sign_up.name, 200, field="name"), email,
        sign_up.account or ask.account(customer),
        sign_up.ip, sign_up.device, channel, one_line(sign_up.source, 40, field="source"),
    )  # fmt: skip


def customer_of(given: str) -> str:
    try:
        return clean_external_id(given)
    except DomainError as error:
        raise DomainError(error.message, code="invalid", errors={"customer": [error.message]}) from None


def moment(name: str, at: datetime) -> datetime:
    if not EPOCH <= at <= timezone.now() + AHEAD:
        sentence = _("This has not come yet, or is before 1970.")
        raise DomainError(sentence, code="invalid", errors={name: [sentence]})
    return at


# Whose ----------------------------------------------------------------------------------------------------------


def credit_of(sign_up: SignUp, ask: Asking = DATABASE) -> Credit:
    """A coupon wins; then the last (or first) click that is alive; then the code that came along."""
    if not is_open(sign_up.program, sign_up.signed_up_at.date()):
        raise Conflict(_("The program takes no new customers at that time."), code="program_closed")
    clicks = _clicks(sign_up) if sign_up.clicks else []
    if sign_up.coupon:
        return _by_coupon(sign_up, clicks, ask)
    if credit := _by_click(sign_up, clicks):
        return credit
    if sign_up.code:
        code = _known(sign_up, sign_up.code, "code", ask)
        return Credit(code, channel=sign_up.channel or code.channel)
    raise DomainError(
        _("Nobody referred this customer: no click of theirs is young enough, and there is no code or coupon."),
        code="not_referred",
    )


def _clicks(sign_up: SignUp) -> list[Click]:
    rows = Click.objects.filter(key__in=sign_up.clicks, partner__program=sign_up.program, code__active=True)
    clicks = list(rows.select_related("code__partner").order_by("occurred_at", "pk"))
    good = referring_at({click.partner_id for click in clicks}, sign_up.signed_up_at)
    return [click for click in clicks if click.partner_id in good]


def _by_click(sign_up: SignUp, clicks: Sequence[Click]) -> Credit | None:
    program = sign_up.program
    touches = [Touch(click.partner_id, click.occurred_at, click) for click in clicks]
    winner = credited(touches, sign_up.signed_up_at, program.window_days, program.attribution)
    if winner is None:
        return None
    return Credit(winner.click.code, winner.click, channel=sign_up.channel or winner.click.channel)


def _by_coupon(sign_up: SignUp, clicks: Sequence[Click], ask: Asking) -> Credit:
    code = _known(sign_up, sign_up.coupon, "coupon", ask)
    theirs = [click for click in clicks if click.partner_id == code.partner_id]
    lately = [c for c in theirs if is_live(c.occurred_at, sign_up.signed_up_at, fraud.CLICK_BEFORE_DAYS)]
    return Credit(
        code, lately[-1] if lately else None, coupon=True, clicked_before=bool(lately), channel=Channel.COUPON
    )


def _known(sign_up: SignUp, text: str, name: str, ask: Asking) -> Code:
    code = ask.code(text)
    if code is None or code.partner.program_id != sign_up.program.pk or not code.active:
        raise no_such_code(text, name)
    if not ask.refers(code.partner_id, sign_up.signed_up_at):
        sentence = _("The partner with the code “%(code)s” takes no part at that time.") % {"code": text[:80]}
        raise Conflict(sentence, code="partner_paused", errors={name: [sentence]})
    return code


# What speaks against it --------------------------------------------------------------------------------------------


def flags_of(sign_up: SignUp, credit: Credit, ask: Asking = DATABASE) -> list[FlagReason]:
    """Compared with the partner who is credited, and nobody else."""
    partner = credit.code.partner
    theirs = ask.traces(partner)
    customer = fraud.Seen(
        sign_up.email,
        sign_up.account.domain if sign_up.account else "",
        frozenset(traces.digests(sign_up.device)),
        frozenset(traces.digests(sign_up.ip)),
    )
    found = fraud.flags(fraud.Seen(partner.email, _company_of(credit), theirs.devices, theirs.ips), customer)
    if sign_up.account and sign_up.account.pk == partner.account_id and FlagReason.SELF not in found:
        found.insert(0, FlagReason.SELF)
    if credit.coupon and _leaks(sign_up.program, credit, ask):
        found.append(FlagReason.COUPON_LEAK)
    return found


def _company_of(credit: Credit) -> str:
    account = credit.code.partner.account
    return account.domain if account else ""


def _leaks(program: Program, credit: Credit, ask: Asking) -> bool:
    """With this one counted."""
    sales, without = ask.coupon_sales(credit.code)
    return fraud.coupon_leaks(
        sales + 1,
        without + int(not credit.clicked_before),
        least=program.leak_sales,
        percent=program.leak_percent,
    )


def referred(sign_up: SignUp, credit: Credit, flags: Sequence[FlagReason]) -> Referral:
    """Not saved yet."""
    return Referral(
        program=sign_up.program,
        partner=credit.code.partner,
        code=credit.code,
        click=credit.click,
        customer=sign_up.customer,
        account=sign_up.account,
        name=sign_up.name or (sign_up.account.name if sign_up.account else ""),
        email=sign_up.email,
        channel=credit.channel,
        coupon=credit.coupon,
        clicked_before=credit.clicked_before,
        source=sign_up.source,
        signed_up_at=sign_up.signed_up_at,
        review=fraud.outcome(flags),
        flags=[flag.value for flag in flags],
    )


def hold_the_others(codes: Iterable[Code]) -> None:
    """A leaked coupon was leaked before we saw it: what came by it without a click is held as well."""
    rows = Referral.objects.filter(code__in=list(codes), coupon=True, clicked_before=False, review=Review.CLEAR)
    rows.update(review=Review.HELD, flags=[FlagReason.COUPON_LEAK.value], held=True)


def _tell(referral: Referral, by: Who) -> None:
    record_many(news_of(referral), by=by)
    if referral.flags:
        record_many(news_of_flags(referral), by=by)


def news_of(referral: Referral) -> list[Fact]:
    """For both timelines: somebody came."""
    facts = [(referral.partner.account_id, "referral.signed_up"), (referral.account_id, "referral.bound")]
    return [Fact(pk, kind, told(referral)) for pk, kind in facts if pk]


def news_of_flags(referral: Referral) -> list[Fact]:
    """What speaks against them."""
    labels = flags_in_words({"flag_keys": referral.flags})
    return facts_of("referral.held", [referral], flags=labels, flag_keys=referral.flags)
