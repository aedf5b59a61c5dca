from referrals.models.ledger import Balance, CarriedOver, LedgerEntry, LedgerLine, Payout, PayoutBatch, PayoutItem
from referrals.models.partner import Acceptance, Code, Invitation, Partner, Pause, Promoter, Trace
from referrals.models.program import Material, Program, ProgramTerms
from referrals.models.referral import Click, Conversion, DaySalt, Incentive, Referral, Refund

__all__ = [
    "Acceptance",
    "Balance",
    "CarriedOver",
    "Click",
    "Code",
    "Conversion",
    "DaySalt",
    "Incentive",
    "Invitation",
    "LedgerEntry",
    "LedgerLine",
    "Material",
    "Partner",
    "Pause",
    "Payout",
    "PayoutBatch",
    "PayoutItem",
    "Program",
    "ProgramTerms",
    "Promoter",
    "Referral",
    "Refund",
    "Trace",
]
