"""What referrals keep about people, and what the doctor looks at in them."""

from django.utils.translation import gettext_lazy as _

from accounts.registry import Checkup, PersonalData, checkups, personal_data
from referrals.domain import personal_parts as parts
from referrals.domain.checking import check_ledger


def ledger() -> list[str]:
    return [str(finding) for finding in check_ledger()]


personal_data.add(PersonalData("partners", _("As a partner"), parts.partners, parts.erase_partners, 310))
checkups.add(Checkup("ledger", _("The ledger is sound"), ledger, 210))
