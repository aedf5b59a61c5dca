"""Which program it is about, where a caller does not say it: a code, a click or a customer belongs to one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.exceptions import DomainError
from referrals.domain.codes import find_code, no_such_code
from referrals.domain.conversions import not_referred
from referrals.enums import ProgramStatus
from referrals.models import Click, Conversion, Program, Referral

Finder = Callable[[Mapping[str, Any]], set[int]]


def program_called(slug: str) -> Program:
    return called_among(Program.objects.filter(slug=slug), slug)


def called_among(programs: Iterable[Program], slug: str) -> Program:
    for program in programs:
        if program.slug == slug and program.status != ProgramStatus.DRAFT:
            return program
    raise _unknown(_("There is no program “%(program)s”.") % {"program": slug})


def program_of(fields: Mapping[str, Any]) -> Program:
    """By its key; else by what came before under the payment's id, by the coupon, the customer, the clicks, the code;
    else the only one that runs."""
    if slug := fields.get("program"):
        return program_called(slug)
    finders = (_by_payment, _by_coupon, _by_customer, _by_clicks, _by_code)
    return Program.objects.get(pk=one_of(finders, fields, _running))


def one_of(finders: Iterable[Finder], fields: Mapping[str, Any], running: Finder) -> int:
    """The only program that the first of them finds who finds any; else the only one that runs."""
    found = next((found for find in finders if (found := find(fields))), set())
    if len(possible := found or running(fields)) == 1:
        return next(iter(possible))
    raise _unknown(_("Say which program it is about.")) if found else _known_in_none(fields)


def _known_in_none(fields: Mapping[str, Any]) -> DomainError:
    """Naming a program would not help: the code is wrong, or a customer paid whom nobody referred."""
    for name in ("coupon", "code"):
        if text := fields.get(name):
            return no_such_code(text, name)
    if "external_id" in fields:
        return not_referred(fields.get("customer", ""))
    return _unknown(_("Say which program it is about."))


def _by_payment(fields: Mapping[str, Any]) -> set[int]:
    if "external_id" not in fields:
        return set()
    rows = Conversion.objects.filter(source=fields.get("source") or "api", external_id=fields["external_id"])
    return set(rows.values_list("program", flat=True)[:2])


def _by_coupon(fields: Mapping[str, Any]) -> set[int]:
    code = find_code(fields.get("coupon") or "")
    return {code.partner.program_id} if code else set()


def _by_code(fields: Mapping[str, Any]) -> set[int]:
    code = find_code(fields.get("code") or "")
    return {code.partner.program_id} if code else set()


def _by_clicks(fields: Mapping[str, Any]) -> set[int]:
    rows = Click.objects.filter(key__in=fields.get("clicks") or ())
    return set(rows.values_list("partner__program", flat=True))


def _by_customer(fields: Mapping[str, Any]) -> set[int]:
    customer = fields.get("customer")
    by_id = Referral.objects.filter(customer=customer).values_list("program")
    return {pk for (pk,) in by_id.union(Referral.objects.filter(account__external_id=customer).values_list("program"))}


def _running(fields: Mapping[str, Any]) -> set[int]:
    return set(Program.objects.filter(status=ProgramStatus.RUNNING).values_list("pk", flat=True))


def program_of_payment(slug: str, source: str, external_id: str) -> tuple[Program, str]:
    """The program of that payment, and the payment's currency ("", while it has not come)."""
    rows = Conversion.objects.filter(source=source, external_id=external_id).select_related("program")
    found = list(rows.filter(program__slug=slug) if slug else rows[:2])
    if len(found) == 1:
        return found[0].program, found[0].currency
    return program_called(slug) if slug else program_of({}), ""


def _unknown(sentence: str) -> DomainError:
    return DomainError(sentence, code="unknown_program", errors={"program": [sentence]})
