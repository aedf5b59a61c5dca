"""Which program rows of a file are about: as domain/naming.py finds it, from what is known."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from referrals.domain.bulk.known import Known, running
from referrals.domain.fraud import normalise
from referrals.domain.naming import called_among, one_of
from referrals.models import Conversion, Program


class Names:
    """`payments`: external ids of payments that rows name."""

    def __init__(self, known: Known, payments: Collection[str] = ()) -> None:
        self.known = known
        self.payments: dict[tuple[str, str], list[Conversion]] = defaultdict(list)
        if payments:
            for row in Conversion.objects.filter(external_id__in=payments).order_by("pk"):
                self.payments[row.source, row.external_id].append(row)

    def program_of(self, fields: Mapping[str, Any]) -> Program:
        if slug := fields.get("program"):
            return called_among(self.known.programs.values(), slug)
        finders = (self._by_payment, self._by_coupon, self._by_customer, self._by_code)
        return self.known.programs[one_of(finders, fields, self._running)]

    def program_of_payment(self, slug: str, source: str, external_id: str) -> tuple[Program, str]:
        """And the payment's currency ("", while it has not come)."""
        found = self.payments.get((source, external_id), [])
        if slug:
            found = [row for row in found if self.known.programs[row.program_id].slug == slug]
        if len(found) == 1:
            return self.known.programs[found[0].program_id], found[0].currency
        return self.program_of({"program": slug}), ""

    def of_partner(self, email: str) -> Program | None:
        """The only program that they are a partner of."""
        theirs = self.known.programs_of.get(normalise(email), set())
        return self.known.programs[next(iter(theirs))] if len(theirs) == 1 else None

    def _by_payment(self, fields: Mapping[str, Any]) -> set[int]:
        found = self.payments.get((fields.get("source") or "api", fields.get("external_id", "")), [])
        return {row.program_id for row in found}

    def _by_coupon(self, fields: Mapping[str, Any]) -> set[int]:
        return self._of_code(fields.get("coupon"))

    def _by_code(self, fields: Mapping[str, Any]) -> set[int]:
        return self._of_code(fields.get("code"))

    def _of_code(self, text: str | None) -> set[int]:
        code = self.known.code(text) if text else None
        return {code.partner.program_id} if code else set()

    def _by_customer(self, fields: Mapping[str, Any]) -> set[int]:
        customer = fields.get("customer")
        return {pk for pk, program in self.known.programs.items() if customer and self.known.bound(program, customer)}

    def _running(self, fields: Mapping[str, Any]) -> set[int]:
        return {program.pk for program in running(self.known.programs.values())}
